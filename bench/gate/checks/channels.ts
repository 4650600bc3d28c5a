/** Check 73: revocations while the connection to a replica is broken. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ArmInfo } from '../../../servers/contract.ts';
import { allOf, type Check, notApplicable, verdict } from '../check.ts';
import type { ClientSession } from '../client-session.ts';
import { endFault, WAYS_TO_END, type WayToEnd } from '../end-credential.ts';
import { onceServed } from '../once-served.ts';
import { criticalLimit } from '../promises.ts';
import type { GateTarget, RedisControl } from '../target.ts';
import type { Which } from '../which.ts';

const REPLICAS: readonly Which[] = [0, 1];
/** Far longer than replicas take to reconnect. */
const RECOVERS_WITHIN_MS = 10_000;
const EVERY_MS = 20;
/** A longer bound is not waited for. */
const LONGEST_BOUND_MS = 10_000;

const boundOf = ({ revocation }: ArmInfo): number | null => {
  if (revocation === 'at-once') return 0;
  return revocation === 'at-expiry' ? null : revocation.withinMs;
};

function endsSoon(arm: ArmInfo): true | string {
  const boundMs = boundOf(arm);
  if (boundMs === null) return 'a revoked credential is valid until it expires in any case';
  return boundMs <= LONGEST_BOUND_MS || 'a revoked credential stays valid too long to wait for';
}

/** @returns the faults of one replica that had seen the credential before it was ended */
async function faultsAt(
  target: GateTarget,
  which: Which,
  session: ClientSession,
  endedAtMs: number,
): Promise<string[]> {
  const boundMs = boundOf(target.arm) ?? 0;
  if (criticalLimit(target.arm) === null) {
    const { status } = await target.write(which, session);
    if (status < 400) return [`a transfer with a credential that was ended meanwhile was done (${status})`];
  }
  const untilMs = Math.max(endedAtMs + boundMs, performance.now()) + RECOVERS_WITHIN_MS;
  for (;;) {
    const { status, sentAtMs } = await target.read(which, session);
    if (status === 401) return [];
    if (status !== 200 && status !== 503) return [`an ended credential got ${status}`];
    if (status === 200 && sentAtMs > endedAtMs + boundMs)
      return [`a credential that was ended meanwhile was accepted ${Math.round(sentAtMs - endedAtMs)} ms after it`];
    if (sentAtMs > untilMs) return ['requests still fail long after the connections were broken'];
    await sleep(EVERY_MS);
  }
}

async function roundOf(target: GateTarget, redis: RedisControl, way: WayToEnd): Promise<string[]> {
  const admin = await target.login(0, target.admin);
  const session = await target.login(0, target.freshUser());
  for (const which of REPLICAS) {
    const { status } = await onceServed(() => target.read(which, session), RECOVERS_WITHIN_MS);
    if (status !== 200) throw new Error(`a fresh credential got ${status}`);
  }
  await redis.disconnectAll();
  const fault = await endFault(target, way, session, admin, RECOVERS_WITHIN_MS);
  const endedAtMs = performance.now();
  if (fault !== null) return [`${fault} after the connections were broken`];
  return (await Promise.all(REPLICAS.map((which) => faultsAt(target, which, session, endedAtMs)))).flat();
}

export const CHANNELS: readonly Check[] = [
  {
    id: 73,
    name: 'refuses what was revoked while its connections to Redis were broken',
    family: 'failure',
    refs: ['ASVS 7.4.1', 'ASVS 16.5.3'],
    quick: false,
    variant: 'outage',
    alone: true,
    timeoutMs: 60_000,
    appliesTo: (arm) => allOf(arm.usesRedis || 'the arm uses no Redis', endsSoon(arm)),
    async run(target) {
      const { redis } = target;
      if (redis === null)
        return notApplicable('the Redis at REDIS_URL must not be disturbed: unset REDIS_URL for this check');
      const faults = new Set<string>();
      for (const way of WAYS_TO_END) {
        for (const fault of await roundOf(target, redis, way)) faults.add(fault);
        if (faults.size > 0) break;
      }
      return verdict(
        [...faults],
        `${WAYS_TO_END.length} credentials that were ended meanwhile were refused by both replicas`,
      );
    },
  },
];
