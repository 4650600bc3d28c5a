/** What one request costs an arm, from a run's figures. */

import { ownRedisCpu } from '../model/redis-use.ts';
import type { Interval } from '../stats/interval.ts';
import type { ArmEvidence, RunEvidence, Sourced } from './evidence.ts';
import type { Needs } from './needs.ts';

/** No request, no byte, no time. */
const NOTHING: Interval = { value: 0, low: 0, high: 0 };
/** The parts of an interval. */
export const ENDS = ['value', 'low', 'high'] as const;
export type End = (typeof ENDS)[number];

/** What one request costs in all, in µs of CPU time. */
export interface Cost {
  readonly replicaUs: Interval;
  readonly redisUs: Interval;
  /** Of the authorization server or the database. */
  readonly companionUs: Interval;
  /** What a request costs on top that asks the store, though the measured ones did not: see `askingShare`. */
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
 * What it costs to ask the store once: what an arm that does so for every request takes beyond the baseline. Its own
 * code differs, so the least is what Redis alone takes. An arm that reads sessions comes nearest.
 * @returns null where the run has no such arm
 */
export function recheckCost(run: RunEvidence): Recheck | null {
  const isSession = ({ stores }: ArmEvidence) => stores.includes('session');
  const asking = run.arms
    .filter((arm) => (arm.redisCommands?.value ?? 0) > 0.5 && arm.cpuUs !== null)
    .sort((a, b) => Number(isSession(b)) - Number(isSession(a)) || (a.cpuUs?.value ?? 0) - (b.cpuUs?.value ?? 0))[0];
  return asking === undefined ? null : beyondBaseline(asking, run);
}

/** The same of an authorization server, from an arm that introspects each token for every request. */
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
 * What a token costs on top that is not in the cache of verified tokens. Each end belongs to the same end of the cost of one that is
 * in it: together they are h · cached + (1 − h) · verified, where h is the share of hits.
 */
function verifies({ cpuUs, verifiedUs }: ArmEvidence): Recheck | null {
  if (cpuUs === null || verifiedUs === null) return null;
  const [value, low, high] = ENDS.map((end) => verifiedUs[end] - cpuUs[end]) as [number, number, number];
  return { ...NO_RECHECK, replicaUs: { value, low, high } };
}

/** @returns null where what a request costs was not measured, or what asking again costs */
export function costOf(arm: ArmEvidence, run: RunEvidence): Cost | null {
  if (arm.cpuUs === null) return null;
  const asks = arm.declares?.rechecksCredential === true;
  const recheck =
    verifies(arm) ??
    (asks && arm.serverState === 'redis'
      ? recheckCost(run)
      : // What is not known of an authorization server is left out, and a caution says that a cache is used.
        ((asks && arm.serverState === 'issuer' ? introspectionCost(run) : null) ?? NO_RECHECK));
  if (recheck === null) return null;
  const companionUs = clamped(arm.companionCpuUs);
  return { replicaUs: clamped(arm.cpuUs), redisUs: redisCost(arm), companionUs, recheck };
}

/** How long an arm answers from a copy of what Redis or an authorization server holds; null for one that has no copies. */
export function cachedMs({ copiesIn, declares }: ArmEvidence): number | null {
  const keptMs = declares?.revokedWithinMs ?? 0;
  return copiesIn !== null && keptMs > 0 ? keptMs : null;
}

/** From this part of its life on, a copy that a client holds is replaced when it is used: the server asks the store then. */
const REPLACED_FROM = 0.8;

/** The needs that say how often a request asks the store. */
export type LoadNeeds = Pick<Needs, 'users' | 'requestsPerSecond' | 'criticalShare' | 'utilisation'>;

/**
 * The share of requests that ask the store, beyond those that did when the cost was measured: critical operations, and
 * what a cache no longer holds. A cache in a replica keeps a credential for as long as a revocation may lag, T. A user whose
 * requests reach that replica λ times a second, at random, asks once in 1 + λT requests. A copy in the client's own cookie
 * serves at every replica, so λ is then the user's whole rate. A benchmark has few users, each of whom sends many requests, so
 * its cache nearly always holds what is asked for; that of an application may nearly never.
 * @returns 0 to 1
 */
export function askingShare(arm: ArmEvidence, cost: Cost, needs: LoadNeeds): number {
  const { users, requestsPerSecond, criticalShare, utilisation } = needs;
  if (verifies(arm) !== null) return forgottenShare(arm, cost, needs);
  const keptMs = cachedMs(arm);
  if (keptMs === null) return criticalShare;
  const isClients = arm.copiesIn === 'client';
  // Requests of a user go to any replica, and each has a cache of its own.
  const replicas = Math.max(1, Math.ceil((requestsPerSecond * cost.replicaUs.value) / 1e6 / utilisation));
  const seenPerSecond = requestsPerSecond / users / (isClients ? 1 : replicas);
  const missed = 1 / (1 + (seenPerSecond * keptMs * (isClients ? REPLACED_FROM : 1)) / 1000);
  const { companionUs } = cost.recheck;
  // Each that asks is a command of Redis, or takes the time of the authorization server.
  const seen = companionUs.value > 0 ? cost.companionUs.value / companionUs.value : (arm.redisCommands?.value ?? 0);
  const measured = Math.min(1, Math.max(0, seen));
  return Math.max(0, criticalShare + (1 - criticalShare) * missed - measured);
}

/**
 * The share of requests whose token a replica has to verify. A token that is used λ times a second there is verified once in
 * 1 + λT requests, where T is how long it is remembered; and of users who are alike, a full cache holds no more than its part. Each
 * replica has a cache of its own, and the benchmark had few users, who were all in it.
 * @returns 0 to 1; 0 for an arm that remembers no tokens
 */
export function forgottenShare({ remembers, declares }: ArmEvidence, cost: Cost, needs: LoadNeeds): number {
  if (remembers === null) return 0;
  const { users, requestsPerSecond, utilisation } = needs;
  // The most that it may need: each token is verified.
  const mostUs = cost.replicaUs.value + Math.max(0, cost.recheck.replicaUs.value);
  const replicas = Math.max(1, Math.ceil((requestsPerSecond * mostUs) / 1e6 / utilisation));
  const keptMs = Math.min(remembers.forMs, declares?.lifetimeMs ?? remembers.forMs);
  const uses = ((requestsPerSecond / users / replicas) * keptMs) / 1000;
  return 1 - Math.min(uses / (1 + uses), remembers.tokens / users);
}
