/** Check 75: a store that lost its sessions together with all connections. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectionError } from '../../load/connection/connection.ts';
import { allOf, type Check, guards, notApplicable, verdict } from '../check.ts';
import { useAll } from '../ending.ts';
import { onceServed } from '../once-served.ts';
import { boundMs } from '../promises.ts';
import type { GateTarget } from '../target.ts';
import type { Which } from '../which.ts';

const REPLICAS: readonly Which[] = [0, 1];
/** Reconnecting takes a fraction of this. */
const REFUSED_WITHIN_MS = 10_000;
const ACCEPTED = 200;

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
    if (redis === null)
      return notApplicable('the Redis at REDIS_URL must not lose its data: unset REDIS_URL for this check');
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

export const LOST_SESSIONS: readonly Check[] = [lost];
