/** Checks 75 and 93: a store that lost its sessions, or its denylist, together with all connections. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectionError } from '../../load/connection/connection.ts';
import { allOf, type Check, guards, limit, notApplicable, pass, verdict } from '../check.ts';
import type { ClientSession } from '../client-session.ts';
import { logOut } from '../end-credential.ts';
import { declaredEndMs, judgeLingering, useAll, watchEnd } from '../ending.ts';
import { onceServed } from '../once-served.ts';
import { boundMs, isCookie } from '../promises.ts';
import { isAlive } from '../served.ts';
import type { GateTarget } from '../target.ts';
import type { Which } from '../which.ts';

const REPLICAS: readonly Which[] = [0, 1];
/** Reconnecting takes a fraction of this. */
const REFUSED_WITHIN_MS = 10_000;
const ACCEPTED = 200;
const MUST_KEEP = 'the Redis at REDIS_URL must not lose its data: unset REDIS_URL for this check';

const lost: Check = {
  id: 75,
  name: 'refuses a session that its store has lost together with every connection',
  family: 'failure',
  refs: ['ASVS 7.4.1', 'ASVS 16.5.3'],
  quick: false,
  variant: 'outage',
  alone: true,
  timeoutMs: 40_000,
  appliesTo: (arm) =>
    allOf(
      guards(arm),
      arm.usesRedis || 'the arm uses no Redis',
      arm.revocation !== 'at-expiry' || 'light reads do not query the store',
      (arm.family === 'session' && arm.stores?.includes('session')) || 'the store contains no session',
    ),
  async run(target) {
    const { redis } = target;
    if (redis === null) return notApplicable(MUST_KEEP);
    const session = await target.login(0, target.freshUser());
    await useAll(target, [{ session, replicas: REPLICAS }]);
    await redis.lose();
    await sleep(boundMs(target.arm, target.settings) ?? 0);
    const faults: string[] = [];
    for (const which of REPLICAS) {
      // A second request: a reply from memory may come only after a first, failed lookup.
      for (const when of ['first', 'later']) {
        const { status } = await onceServed(() => target.read(which, session), REFUSED_WITHIN_MS);
        if (status === ACCEPTED) faults.push(`replica ${which + 1} accepted it (${when} read)`);
        else if (status !== 401) faults.push(`replica ${which + 1} returned ${status} (${when} read)`);
      }
    }
    if (faults.length === 0 && !(await canLogIn(target))) faults.push('logins still fail after the loss');
    return verdict(faults, 'a lost session was refused by each replica, and logins worked again');
  },
};

async function canLogIn(target: GateTarget): Promise<boolean> {
  try {
    return (await onceServed(() => target.tryLogin(0, target.admin))).status === ACCEPTED;
  } catch (error) {
    if (error instanceof ConnectionError) return false;
    throw error;
  }
}

/** Logs a user in, and uses the token at both replicas. */
async function usedToken(target: GateTarget): Promise<ClientSession> {
  const session = await target.login(0, target.freshUser());
  await useAll(target, [{ session, replicas: REPLICAS }]);
  // An arm that accepts reads unchecked while its store is away refuses these until it has reconnected.
  for (const which of REPLICAS) {
    const { status } = await onceServed(() => target.write(which, session), REFUSED_WITHIN_MS);
    if (status >= 400) throw new Error(`a transfer with a fresh token got ${status}`);
  }
  return session;
}

const lostDenylist: Check = {
  id: 93,
  name: 'ends tokens again after its store has lost the denylist',
  family: 'failure',
  refs: ['ASVS 7.4.1', 'ASVS 16.5.3'],
  quick: false,
  variant: 'outage',
  alone: true,
  timeoutMs: 40_000,
  appliesTo: (arm) =>
    allOf(
      guards(arm),
      arm.usesRedis || 'the arm uses no Redis',
      arm.stores?.includes('denylist') || 'the store contains no denylist',
      !isCookie(arm) || 'the cookie refers to a session',
    ),
  // Replicas that are told of every entry remember what the store forgets.
  limitOf: (arm) =>
    arm.boundSetting === 'denylistStalenessMs' ? null : 'the end of a token is lost with its store, until it expires',
  async run(target) {
    const { redis } = target;
    if (redis === null) return notApplicable(MUST_KEEP);
    const bound = boundMs(target.arm, target.settings) ?? 0;
    const before = await usedToken(target);
    await logOut(target, 0, before);
    await sleep(bound);
    await redis.lose();
    // A list that replicas fetched before the loss may name tokens whose places are now given again.
    await sleep(bound);
    const after = await usedToken(target);
    const accepting: string[] = [];
    for (const which of REPLICAS) if (await isAlive(target, which, before)) accepting.push(`${which + 1}`);
    const { answeredAtMs: endedAtMs } = await logOut(target, 0, after);
    const byMs = declaredEndMs(target, after, endedAtMs);
    const lingering = await watchEnd(target, [{ session: after, replicas: REPLICAS, byMs }], endedAtMs);
    if (lingering.outlived) return judgeLingering(target, 'a token that was ended after the loss', lingering);
    return accepting.length === 0
      ? pass('tokens that were ended before and after the loss were refused by each replica')
      : limit(`a token that was ended before the loss was accepted after it by replica ${accepting.join(' and ')}`);
  },
};

export const LOST_SESSIONS: readonly Check[] = [lost, lostDenylist];
