/** Checks 88–90 and 92: an ending lasts, ends nothing else, and reaches every cache and every later replica. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ArmInfo, ROUTES } from '../../../servers/contract.ts';
import { allOf, type Check, fail, guards, pass, verdict } from '../check.ts';
import type { ClientSession } from '../client-session.ts';
import { endCredential, endOnceServed, WAYS_TO_END, type WayToEnd } from '../end-credential.ts';
import { declaredEndMs, useAll, type Watched, watchEnd } from '../ending.ts';
import type { Answer } from '../http.ts';
import { onceServed } from '../once-served.ts';
import { criticalLimit, homeOf } from '../promises.ts';
import { isAlive, readOnceServed, writeOnceServed } from '../served.ts';
import { type GateTarget, isFor } from '../target.ts';
import type { Which } from '../which.ts';

const FAMILY = 'session';
const EVERY_MS = 50;
const ATTEMPTS = 3;
/** The shortest life of a short-lived credential: a second or more, minus the rounding of its times to seconds. */
const LEAST_LIFE_MS = 900;

const readsEnd = ({ revocation }: ArmInfo): boolean => revocation !== 'at-expiry';
const writesEnd = (arm: ArmInfo): boolean => criticalLimit(arm) === null;

const canEnd = (arm: ArmInfo): true | string =>
  allOf(guards(arm), readsEnd(arm) || writesEnd(arm) || 'a credential ends only when it expires');

/**
 * Repeats a request with an ended credential until the credential would have expired.
 * @param byMs from when on it must be refused, on the clock of performance.now()
 */
async function lapse(ask: () => Promise<Answer>, byMs: number, untilMs: number): Promise<string | null> {
  let isRefused = false;
  while (performance.now() < untilMs) {
    const { status, sentAtMs } = await onceServed(ask);
    if (status === 401) isRefused = true;
    else if (status !== 200) return `got ${status}`;
    else if (isRefused) return 'was refused at first, and accepted later';
    else if (sentAtMs > byMs) return 'was accepted';
    await sleep(EVERY_MS);
  }
  return null;
}

/**
 * Uses a credential, and ends it in one way. If the machine stalled until it had expired, another is used.
 * @throws Error if each had expired
 */
async function endedAlive(target: GateTarget, way: WayToEnd): Promise<ClientSession> {
  for (let left = ATTEMPTS - 1; left >= 0; left--) {
    const startedMs = performance.now();
    // Before the credential, whose life is short: a login takes a part of it.
    const admin = await target.login(0, target.admin);
    const session = await target.login(0, target.freshUser());
    try {
      await useAll(target, [{ session, replicas: homeOf(target.arm, 0) }]);
      await endCredential(target, way, session, admin);
      // An expired one may have been refused for that alone.
      if (performance.now() < target.endsAtMs(session)) return session;
    } catch (error) {
      if (left === 0 || performance.now() - startedMs < LEAST_LIFE_MS) throw error;
    }
  }
  throw new Error(`each credential had expired before ${way}: try again when the machine is quiet`);
}

/** Ends a credential in one way. @returns a fault for each use that is possible again before it would have expired */
async function lapsesAfter(target: GateTarget, way: WayToEnd): Promise<string[]> {
  const { arm } = target;
  const session = await endedAlive(target, way);
  const replicas = homeOf(arm, 0);
  const sinceMs = performance.now();
  const untilMs = target.endsAtMs(session);
  const uses = [
    ...(readsEnd(arm) ? [{ what: 'a read', act: 'read', byMs: declaredEndMs(target, session, sinceMs) } as const] : []),
    ...(writesEnd(arm) ? [{ what: 'a transfer', act: 'write', byMs: sinceMs } as const] : []),
  ];
  const found = await Promise.all(
    uses.flatMap(({ what, act, byMs }) =>
      replicas.map(async (which) => {
        const fault = await lapse(() => target[act](which, session), byMs, untilMs);
        return fault === null ? [] : [`after ${way}, ${what} ${fault}`];
      }),
    ),
  );
  return found.flat();
}

const lasting: Check = {
  id: 88,
  name: 'an ended credential is refused for as long as it would have lived',
  family: FAMILY,
  refs: ['ASVS 7.4.1'],
  quick: false,
  variant: 'brief',
  appliesTo: canEnd,
  async run(target) {
    const faults = (await Promise.all(WAYS_TO_END.map((way) => lapsesAfter(target, way)))).flat();
    return verdict(
      [...new Set(faults)],
      `credentials ended in ${WAYS_TO_END.length} ways stayed refused until they expired`,
    );
  },
};

/** Logins at once: enough that several are handled by each replica together. */
const AT_ONCE = 12;

interface Opened {
  readonly session: ClientSession;
  readonly home: Which;
}

/** Returns what is wrong with a credential that nobody has ended; null if it works. */
async function harmOf(target: GateTarget, { session, home }: Opened): Promise<string | null> {
  if (!(await isAlive(target, home, session))) return 'a read with it was refused, or was answered for another user';
  const { status } = await writeOnceServed(target, home, session);
  return status === 200 ? null : `a transfer with it got ${status}`;
}

async function firstHarm(target: GateTarget, opened: readonly Opened[]): Promise<string | null> {
  const harms = await Promise.all(opened.map((one) => harmOf(target, one)));
  return harms.find((harm) => harm !== null) ?? null;
}

const apart: Check = {
  id: 89,
  name: 'of credentials issued at once, ending one ends no other',
  family: FAMILY,
  refs: ['ASVS 7.2.4'],
  quick: false,
  variant: 'standard',
  appliesTo: canEnd,
  async run(target) {
    const users = [target.freshUser(), target.freshUser(), target.freshUser()] as const;
    const left = await Promise.all(
      Array.from({ length: AT_ONCE }, async (_, i): Promise<Opened> => {
        const home: Which = i % 2 === 0 ? 0 : 1;
        return { session: await target.login(home, users[i % users.length] ?? users[0]), home };
      }),
    );
    const unusable = await firstHarm(target, left);
    if (unusable !== null) return fail(`a credential that nobody had ended does not work: ${unusable}`);
    for (let opened = left.pop(); opened !== undefined; opened = left.pop()) {
      const { session, home } = opened;
      const { answer, hasEnded } = await endOnceServed(() => target.write(home, session, ROUTES.logout.path));
      if (!hasEnded) return fail(`logout returned ${answer.status}`);
      const harm = await firstHarm(target, left);
      if (harm !== null) return fail(`after another credential was ended, ${harm}`);
    }
    return pass(`${AT_ONCE} credentials issued at once were ended one by one, and none ended another`);
  },
};

const cached: Check = {
  id: 90,
  name: 'a cached credential ends at its time, however old its cache may be',
  family: FAMILY,
  refs: ['ASVS 7.3.2', 'ASVS 9.2.1'],
  quick: false,
  variant: 'cached',
  appliesTo: (arm) =>
    allOf(
      guards(arm),
      arm.boundSetting !== undefined || arm.remembers !== undefined || 'no replica remembers a credential',
    ),
  async run(target) {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const session = await target.login(0, target.freshUser());
      const replicas = homeOf(target.arm, 0);
      const byMs = target.endsAtMs(session);
      const { answeredAtMs } = session.reply;
      const { outlived, lastAcceptedMs } = await watchEnd(target, [{ session, replicas, byMs }], answeredAtMs);
      const lifeMs = Math.round(byMs - answeredAtMs);
      const livedMs = Math.round(lastAcceptedMs ?? 0);
      if (outlived) return fail(`a credential of ${lifeMs} ms was accepted ${livedMs} ms after it was issued`);
      // If it was never accepted, no cache was asked: the machine stalled.
      if (lastAcceptedMs !== null) return pass(`accepted for ${livedMs} of ${lifeMs} ms, and refused by every replica`);
    }
    return fail('no credential was accepted before it expired: try again when the machine is quiet');
  },
};

const later: Check = {
  id: 92,
  name: 'a replica that starts later refuses what was ended before',
  family: FAMILY,
  refs: ['ASVS 7.4.1', 'ASVS 7.5.2'],
  quick: false,
  variant: 'standard',
  timeoutMs: 60_000,
  appliesTo: (arm) =>
    allOf(
      guards(arm),
      arm.usesRedis || 'the arm uses no Redis',
      readsEnd(arm) || 'light reads do not ask what has ended',
      arm.boundSetting !== undefined || 'each request asks the store, so it does not matter when a replica started',
    ),
  async run(target) {
    const watched: { way: string; one: Watched; sinceMs: number }[] = [];
    const admin = await target.login(0, target.admin);
    for (const way of WAYS_TO_END) {
      const session = await target.login(0, target.freshUser());
      await endCredential(target, way, session, admin);
      const sinceMs = performance.now();
      watched.push({
        way,
        sinceMs,
        one: { session, replicas: [0, 1], byMs: declaredEndMs(target, session, sinceMs) },
      });
    }
    const fresh = await target.login(1, target.freshUser());
    const started = await target.withKeys(target.secrets);
    const alive = await readOnceServed(started, 0, fresh);
    const faults = isFor(alive, fresh.user) ? [] : [`a credential that nobody ended got ${alive.status}`];
    for (const { way, one, sinceMs } of watched) {
      const { outlived } = await watchEnd(started, [one], sinceMs);
      if (outlived) faults.push(`a credential was accepted after ${way}`);
    }
    return verdict(faults, `${watched.length} credentials that had ended were refused by two new replicas`);
  },
};

export const LASTING: readonly Check[] = [lasting, apart, cached, later];
