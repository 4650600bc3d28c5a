/** Checks 27, 28 and 30: timeouts, and a credential in the URL. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ROUTES } from '../../../servers/contract.ts';
import { allOf, type Check, fail, guards, type Outcome, pass, verdict } from '../check.ts';
import { type ClientSession, follow } from '../client-session.ts';
import { decodedValue } from '../cookies.ts';
import { earliestEndMs } from '../ending.ts';
import type { Call } from '../http.ts';
import { onceServed } from '../once-served.ts';
import { isCookie } from '../promises.ts';
import { readOnceServed } from '../served.ts';
import { type GateTarget, isFor } from '../target.ts';

const FAMILY = 'session';
/** A stall of the machine can let a session time out while it is in use; the attempt then proves nothing and is repeated. */
const ATTEMPTS = 3;

interface Use {
  readonly session: ClientSession;
  /** The time at which the last accepted request was sent. */
  readonly lastSentMs: number;
  /** The longest time between two answers. */
  readonly longestPauseMs: number;
  readonly isRefused: boolean;
}

/** Uses a session at intervals, as a browser would, until a given time or a refusal. */
async function use(target: GateTarget, fresh: ClientSession, everyMs: number, untilMs: number): Promise<Use> {
  let session = fresh;
  let lastSentMs = fresh.reply.sentAtMs;
  let longestPauseMs = 0;
  while (performance.now() < untilMs) {
    await sleep(everyMs);
    const answer = await readOnceServed(target, 0, session);
    longestPauseMs = Math.max(longestPauseMs, answer.answeredAtMs - lastSentMs);
    if (answer.status === 401) return { session, lastSentMs, longestPauseMs, isRefused: true };
    if (!isFor(answer, session.user)) throw new Error(`a session in use got ${answer.status}`);
    lastSentMs = answer.sentAtMs;
    session = follow(session, answer);
  }
  return { session, lastSentMs, longestPauseMs, isRefused: false };
}

const idle: Check = {
  id: 27,
  name: 'an idle session ends, and use extends it',
  family: FAMILY,
  refs: ['ASVS 7.3.1'],
  quick: false,
  variant: 'brief',
  appliesTo: (arm) =>
    allOf(
      guards(arm),
      (isCookie(arm) && arm.family !== 'token') || 'a token ends at its time, whether it is used or not',
    ),
  async run(target) {
    const { idleTimeoutMs = 0 } = target.settings;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const fresh = await target.login(0, target.freshUser());
      const used = await use(target, fresh, idleTimeoutMs * 0.3, fresh.reply.answeredAtMs + idleTimeoutMs * 1.4);
      // The idle time may be counted from slightly earlier, since a cached read does not extend it.
      const slackMs = target.settings.cacheStalenessMs ?? 0;
      if (used.isRefused && used.longestPauseMs >= idleTimeoutMs - slackMs) continue;
      if (used.isRefused)
        return fail(`a session was refused although it was used every ${Math.round(used.longestPauseMs)} ms`);
      const lastAnsweredMs = performance.now();
      await sleep(idleTimeoutMs + 100);
      const answer = await readOnceServed(target, 0, used.session);
      const idleMs = Math.round(answer.sentAtMs - lastAnsweredMs);
      if (answer.status !== 401) return fail(`a session got ${answer.status} after ${idleMs} ms without use`);
      // After a stall it may have reached its absolute timeout as well, and then the refusal proves nothing.
      if (answer.answeredAtMs >= earliestEndMs(target, fresh)) continue;
      return pass(`kept in use beyond the idle timeout of ${idleTimeoutMs} ms, refused after ${idleMs} ms without use`);
    }
    return fail('the machine stalled for longer than the idle timeout each time: try again when it is quiet');
  },
};

const absolute: Check = {
  id: 28,
  name: 'a credential ends at its time, however much it is used',
  family: FAMILY,
  refs: ['ASVS 7.3.2'],
  quick: false,
  variant: 'brief',
  appliesTo: guards,
  async run(target): Promise<Outcome> {
    const { idleTimeoutMs = 0 } = target.settings;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const fresh = await target.login(0, target.freshUser());
      const endsAtMs = target.endsAtMs(fresh);
      const lifeMs = Math.round(endsAtMs - fresh.reply.answeredAtMs);
      const used = await use(target, fresh, Math.min(idleTimeoutMs * 0.3, 200), endsAtMs + 100);
      const livedMs = Math.round(used.lastSentMs - fresh.reply.answeredAtMs);
      if (!used.isRefused) return fail(`still accepted after ${livedMs} ms, although it ends after ${lifeMs} ms`);
      const slackMs = target.settings.cacheStalenessMs ?? 0;
      if (used.longestPauseMs >= idleTimeoutMs - slackMs) continue;
      // A token's times are whole seconds, so it may expire up to a second early.
      if (livedMs < lifeMs - 1_000 - idleTimeoutMs * 0.5) return fail(`refused after ${livedMs} ms of ${lifeMs} ms`);
      return pass(`accepted for ${livedMs} ms of ${lifeMs} ms, and refused then, although it was in use`);
    }
    return fail('the machine stalled for longer than the idle timeout each time: try again when it is quiet');
  },
};

const PARAMETERS = ['access_token', 'token', 'jwt', 'sid', 'session', 'sessionId', 'auth', 'authorization'];

const inUrl: Check = {
  id: 30,
  name: 'a credential in the URL or a form is not accepted',
  family: FAMILY,
  refs: ['ASVS 14.2.1', 'RFC 9700 §4.3.2'],
  quick: true,
  variant: 'standard',
  appliesTo: guards,
  async run(target) {
    const session = await target.login(0, target.freshUser());
    const secrets = [
      ...session.cookies,
      ...(session.accessToken === null ? [] : [{ name: 'bearer', value: session.accessToken }]),
    ];
    const faults: string[] = [];
    const names = (name: string) => [...PARAMETERS, name];
    for (const { name, value } of secrets) {
      const query = names(name).map((parameter) => `${parameter}=${encodeURIComponent(decodedValue(value))}`);
      const places: readonly (readonly [where: string, asked: Call])[] = [
        ...query.map((pair, i): [string, Call] => [
          `the parameter ${names(name)[i]}`,
          { method: 'GET', path: `${ROUTES.me.path}?${pair}` },
        ]),
        ['a parameter of the path', { method: 'GET', path: `${ROUTES.me.path};${name}=${value}` }],
        [
          'a form',
          {
            ...ROUTES.transfer,
            body: { type: 'application/x-www-form-urlencoded', text: `${query.join('&')}&to=somebody&amount=1` },
          },
        ],
        ['JSON', { ...ROUTES.transfer, json: { to: 'somebody', amount: 1, access_token: value, [name]: value } }],
      ];
      const answers = await Promise.all(places.map(([, asked]) => onceServed(() => target.call(0, asked))));
      const accepted = places.filter((_, i) => (answers[i]?.status ?? 0) < 400).map(([where]) => where);
      if (accepted.length > 0)
        faults.push(`${accepted.length} of ${places.length} requests were accepted: in ${accepted.join(', ')}`);
    }
    return verdict(faults, `${secrets.length * (PARAMETERS.length + 4)} places were tried, none was accepted`);
  },
};

export const SESSION_TIME: readonly Check[] = [idle, absolute, inUrl];
