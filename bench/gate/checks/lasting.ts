/** Checks 88–90 and 92: an ending lasts, ends nothing else, and reaches every cache and every later replica. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ArmInfo, ROUTES } from '../../../servers/contract.ts';
import { allOf, type Check, fail, guards, pass, verdict } from '../check.ts';
import type { ClientSession } from '../client-session.ts';
import { declaredEndMs, useAll, type Watched, watchEnd } from '../ending.ts';
import type { Answer } from '../http.ts';
import { onceServed } from '../once-served.ts';
import { criticalLimit, homeOf } from '../promises.ts';
import { isAlive } from '../served.ts';
import { type GateTarget, isFor } from '../target.ts';
import type { Which } from '../which.ts';

const FAMILY = 'session';
const EVERY_MS = 50;
const ATTEMPTS = 3;
/** The shortest life of a short-lived credential: a second or more, minus the rounding of its times to seconds. */
const LEAST_LIFE_MS = 900;

/** Ways to end a credential; each is answered with 204, or throws. */
const WAYS = {
  logout: (target: GateTarget, session: ClientSession) => ended(target, session, ROUTES.logout.path),
  'logout everywhere': (target: GateTarget, session: ClientSession) => ended(target, session, ROUTES.logoutAll.path),
  'disabling the user': (target: GateTarget, { user }: ClientSession) => target.disable(0, user),
} as const;

async function ended(target: GateTarget, session: ClientSession, path: string): Promise<void> {
  const { status } = await target.write(0, session, path);
  if (status !== 204) throw new Error(`${path} returned ${status}`);
}

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

/** Uses a credential, and ends it in one way. If the machine stalled until it had expired, another is used. */
async function endedAlive(target: GateTarget, way: keyof typeof WAYS): Promise<ClientSession> {
  for (let left = ATTEMPTS - 1; ; left--) {
    const session = await target.login(0, target.freshUser());
    try {
      await useAll(target, [{ session, replicas: homeOf(target.arm, 0) }]);
      await WAYS[way](target, session);
      return session;
    } catch (error) {
      if (left === 0 || performance.now() - session.reply.sentAtMs < LEAST_LIFE_MS) throw error;
    }
  }
}

/** Ends a credential in one way. @returns a fault for each use that is possible again before it would have expired */
async function lapsesAfter(target: GateTarget, way: keyof typeof WAYS): Promise<string[]> {
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
    const ways = Object.keys(WAYS) as (keyof typeof WAYS)[];
    const faults = (await Promise.all(ways.map((way) => lapsesAfter(target, way)))).flat();
    return verdict([...new Set(faults)], `credentials ended in ${ways.length} ways stayed refused until they expired`);
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
  const { status } = await onceServed(() => target.write(home, session));
  return status === 200 ? null : `a transfer with it got ${status}`;
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
    for (let opened = left.pop(); opened !== undefined; opened = left.pop()) {
      const harm = await harmOf(target, opened);
      if (harm !== null) return fail(`after another credential was ended, ${harm}`);
      const { status } = await target.write(opened.home, opened.session, ROUTES.logout.path);
      if (status !== 204) return fail(`logout returned ${status}`);
      const harms = await Promise.all(left.map((other) => harmOf(target, other)));
      const first = harms.find((one) => one !== null);
      if (first) return fail(`after another credential was ended, ${first}`);
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
    for (const way of Object.keys(WAYS) as (keyof typeof WAYS)[]) {
      const session = await target.login(0, target.freshUser());
      await WAYS[way](target, session);
      const sinceMs = performance.now();
      watched.push({
        way,
        sinceMs,
        one: { session, replicas: [0, 1], byMs: declaredEndMs(target, session, sinceMs) },
      });
    }
    const fresh = await target.login(1, target.freshUser());
    const started = await target.withKeys(target.secrets);
    const alive = await started.read(0, fresh);
    const faults = isFor(alive, fresh.user) ? [] : [`a credential that nobody ended got ${alive.status}`];
    for (const { way, one, sinceMs } of watched) {
      const { outlived } = await watchEnd(started, [one], sinceMs);
      if (outlived) faults.push(`a credential was accepted after ${way}`);
    }
    return verdict(faults, `${watched.length} credentials that had ended were refused by two new replicas`);
  },
};

export const LASTING: readonly Check[] = [lasting, apart, cached, later];
