/** What one request costs an arm, from a run's figures. */

import { ownRedisCpu } from '../model/redis-use.ts';
import type { Interval } from '../stats/interval.ts';
import type { ArmEvidence, RunEvidence, Sourced } from './evidence.ts';

/** No request, no byte, no time. */
export const NOTHING: Interval = { value: 0, low: 0, high: 0 };
/** The parts of an interval. */
export const ENDS = ['value', 'low', 'high'] as const;
export type End = (typeof ENDS)[number];

/** What one request costs in all, in µs of CPU time. */
export interface Cost {
  readonly replicaUs: Interval;
  readonly redisUs: Interval;
  /** What a critical operation costs on top, because it alone asks the store. */
  readonly recheck: { readonly replicaUs: Interval; readonly redisUs: Interval };
}

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
export function recheckCost(run: RunEvidence): Cost['recheck'] | null {
  const base = run.baselineCpuUs;
  if (base === null) return null;
  const isSession = ({ stores }: ArmEvidence) => stores.includes('session');
  const asking = run.arms
    .filter((arm) => (arm.redisCommands?.value ?? 0) > 0.5 && arm.cpuUs !== null)
    .sort((a, b) => Number(isSession(b)) - Number(isSession(a)) || (a.cpuUs?.value ?? 0) - (b.cpuUs?.value ?? 0))[0];
  if (asking === undefined || asking.cpuUs === null) return null;
  const { value, high } = asking.cpuUs;
  const replicaUs = { value: Math.max(0, value - base.value), low: 0, high: Math.max(0, high - base.low) };
  return { replicaUs, redisUs: redisCost(asking) };
}

/** @returns null where what a request costs was not measured, or what asking again costs */
export function costOf(arm: ArmEvidence, run: RunEvidence): Cost | null {
  if (arm.cpuUs === null) return null;
  const asks = arm.declares?.rechecksCredential === true && arm.serverState === 'redis';
  const recheck = asks ? recheckCost(run) : { replicaUs: NOTHING, redisUs: NOTHING };
  return recheck === null ? null : { replicaUs: clamped(arm.cpuUs), redisUs: redisCost(arm), recheck };
}
