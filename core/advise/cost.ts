/** What one request costs an arm, from the figures of a run. */

import { ownRedisCpu } from '../model/redis-use.ts';
import type { Interval } from '../stats/interval.ts';
import type { ArmEvidence, RunEvidence, Sourced } from './evidence.ts';
import type { Needs } from './needs.ts';

/** Zero cost: of requests, bytes or time. */
const NOTHING: Interval = { value: 0, low: 0, high: 0 };
/** The parts of an interval. */
export const ENDS = ['value', 'low', 'high'] as const;
export type End = (typeof ENDS)[number];

/** What one request costs in all, in µs of CPU time. */
export interface Cost {
  readonly replicaUs: Interval;
  readonly redisUs: Interval;
  /** CPU time of the authorization server or the database. */
  readonly companionUs: Interval;
  /** The extra cost of a request that asks the store although the measured ones did not: see `askingShare`. */
  readonly recheck: Recheck;
}

export interface Recheck {
  readonly replicaUs: Interval;
  readonly redisUs: Interval;
  readonly companionUs: Interval;
}

const NO_RECHECK: Recheck = { replicaUs: NOTHING, redisUs: NOTHING, companionUs: NOTHING };

const clamped = (figure: Sourced | null): Interval =>
  figure === null
    ? NOTHING
    : { value: Math.max(0, figure.value), low: Math.max(0, figure.low), high: Math.max(0, figure.high) };

const redisCost = ({ redisCpuUs, redisCommands }: ArmEvidence): Interval => ownRedisCpu(redisCpuUs, redisCommands);

/**
 * The cost of asking the store once: what an arm that asks for every request takes beyond the baseline. The arms'
 * code differs, so the lower bound is the CPU time of Redis alone. An arm that only reads sessions comes closest.
 * @returns null if the run has no such arm
 */
function recheckCost(run: RunEvidence): Recheck | null {
  const isSession = ({ stores }: ArmEvidence) => stores.includes('session');
  const asking = run.arms
    .filter((arm) => (arm.redisCommands?.value ?? 0) > 0.5 && arm.cpuUs !== null)
    .sort((a, b) => Number(isSession(b)) - Number(isSession(a)) || (a.cpuUs?.value ?? 0) - (b.cpuUs?.value ?? 0))[0];
  return asking === undefined ? null : beyondBaseline(asking, run);
}

/** The same for an authorization server, from an arm that introspects every token. */
function introspectionCost(run: RunEvidence): Recheck | null {
  const asking = run.arms.find((arm) => arm.serverState === 'issuer' && arm.declares?.revokedWithinMs === 0);
  return asking === undefined ? null : beyondBaseline(asking, run);
}

function beyondBaseline(asking: ArmEvidence, { baselineCpuUs: base }: RunEvidence): Recheck | null {
  if (base === null || asking.cpuUs === null) return null;
  const { value, high } = asking.cpuUs;
  const replicaUs = { value: Math.max(0, value - base.value), low: 0, high: Math.max(0, high - base.low) };
  return { replicaUs, redisUs: redisCost(asking), companionUs: clamped(asking.companionCpuUs) };
}

/**
 * The extra cost of a token that is not in the cache of verified tokens. Each end is a difference of the same ends, so
 * that the cost is h · cached + (1 − h) · verified, where h is the share of hits.
 */
function verifies({ cpuUs, verifiedUs }: ArmEvidence): Recheck | null {
  if (cpuUs === null || verifiedUs === null) return null;
  const [value, low, high] = ENDS.map((end) => verifiedUs[end] - cpuUs[end]) as [number, number, number];
  return { ...NO_RECHECK, replicaUs: { value, low, high } };
}

/** @returns null if the cost of a request, or of another lookup, was not measured */
export function costOf(arm: ArmEvidence, run: RunEvidence): Cost | null {
  if (arm.cpuUs === null) return null;
  const asks = arm.declares?.rechecksCredential === true;
  const recheck =
    verifies(arm) ??
    (asks && arm.serverState === 'redis'
      ? recheckCost(run)
      : // An authorization server whose cost is unknown is left out; a caution says that a cache is used.
        ((asks && arm.serverState === 'issuer' ? introspectionCost(run) : null) ?? NO_RECHECK));
  if (recheck === null) return null;
  const companionUs = clamped(arm.companionCpuUs);
  return { replicaUs: clamped(arm.cpuUs), redisUs: redisCost(arm), companionUs, recheck };
}

/**
 * How long an arm answers from a copy of what Redis or an authorization server stores, in ms; null if it has no
 * copies.
 */
export function cachedMs({ copiesIn, declares }: ArmEvidence): number | null {
  const keptMs = declares?.revokedWithinMs ?? 0;
  return copiesIn !== null && keptMs > 0 ? keptMs : null;
}

/**
 * After this part of its lifetime, a copy that the client sends is renewed when it is used, and the server asks the
 * store.
 */
const REPLACED_FROM = 0.8;

/** The needs that say how often a request asks the store. */
export type LoadNeeds = Pick<Needs, 'users' | 'requestsPerSecond' | 'criticalShare' | 'utilisation'>;

/**
 * The share of requests that ask the store, beyond those that did when the cost was measured: critical operations and
 * cache misses. A cache in a replica keeps a credential for the permitted revocation lag T. If a user's requests
 * reach that replica at random, λ times a second, one in 1 + λT asks. A copy in the client's own cookie works at
 * every replica, so λ is then the user's total rate. A benchmark has few users who each send many requests, so nearly
 * all hit the cache; in an application, nearly none may. @returns 0 to 1
 */
export function askingShare(arm: ArmEvidence, cost: Cost, needs: LoadNeeds): number {
  const { users, requestsPerSecond, criticalShare, utilisation } = needs;
  if (verifies(arm) !== null) return forgottenShare(arm, cost, needs);
  const keptMs = cachedMs(arm);
  if (keptMs === null) return criticalShare;
  const isClients = arm.copiesIn === 'client';
  // A user's requests go to any replica, and each replica has its own cache.
  const replicas = Math.max(1, Math.ceil((requestsPerSecond * cost.replicaUs.value) / 1e6 / utilisation));
  const seenPerSecond = requestsPerSecond / users / (isClients ? 1 : replicas);
  const missed = 1 / (1 + (seenPerSecond * keptMs * (isClients ? REPLACED_FROM : 1)) / 1000);
  const { companionUs } = cost.recheck;
  // Each lookup is one Redis command, or takes the time of the authorization server.
  const seen = companionUs.value > 0 ? cost.companionUs.value / companionUs.value : (arm.redisCommands?.value ?? 0);
  const measured = Math.min(1, Math.max(0, seen));
  return Math.max(0, criticalShare + (1 - criticalShare) * missed - measured);
}

/**
 * The share of requests whose token a replica must verify. A token used λ times a second there is verified once in 1
 * + λT requests, where T is how long it is remembered. If all users are alike, a full cache covers only its share of
 * them. Each replica has its own cache, and in the benchmark all of the few users were in it. @returns 0 to 1; 0 for
 * an arm that remembers no tokens
 */
function forgottenShare({ remembers, declares }: ArmEvidence, cost: Cost, needs: LoadNeeds): number {
  if (remembers === null) return 0;
  const { users, requestsPerSecond, utilisation } = needs;
  // The upper bound: every token is verified.
  const mostUs = cost.replicaUs.value + Math.max(0, cost.recheck.replicaUs.value);
  const replicas = Math.max(1, Math.ceil((requestsPerSecond * mostUs) / 1e6 / utilisation));
  const keptMs = Math.min(remembers.forMs, declares?.lifetimeMs ?? remembers.forMs);
  const uses = ((requestsPerSecond / users / replicas) * keptMs) / 1000;
  return 1 - Math.min(uses / (1 + uses), remembers.tokens / users);
}
