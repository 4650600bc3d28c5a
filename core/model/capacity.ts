/**
 * The resources that an arm needs for a load: cores, Redis processes, memory, bytes on the wire; each with an
 * interval from those of the measured demands. This extrapolates: demands are assumed to be the same on machines that
 * were not measured.
 */

import type { Interval } from '../stats/interval.ts';
import { oneCoreLimit } from './redis-use.ts';

/** The cost of one request, and of one live session, for an arm. Null if the run did not measure it. */
export interface ArmDemands {
  readonly replicaCpuUs: Interval;
  /** 0 for an arm that does not use Redis. */
  readonly redisCpuUs: Interval;
  /** In both directions, on the wire between client and replica. */
  readonly wireBytes: Interval | null;
  /** Bytes in Redis; 0 for an arm that stores nothing there. */
  readonly sessionBytes: Interval | null;
}

export interface Workload {
  readonly requestsPerSecond: number;
  readonly liveSessions: number;
  /** The highest utilisation of replicas and Redis, 0 to 1, which leaves room for peaks. */
  readonly utilisation: number;
  /** The memory limit of one Redis process, in bytes. */
  readonly redisNodeBytes: number;
}

export interface Capacity {
  /** Replicas of one core each, not rounded up. */
  readonly replicas: Interval;
  /** Cores that Redis needs, not rounded up. */
  readonly redisCores: Interval;
  /** Whole Redis processes, by CPU time or by memory, whichever needs more; 0 if it is not used. */
  readonly redisNodes: Interval;
  /** Null if bytes per session were not measured. */
  readonly redisBytes: Interval | null;
  readonly wireBytesPerSecond: Interval | null;
  /** The load at which one Redis reaches its highest utilisation; null for an arm that does not use it. */
  readonly oneRedisRps: Interval | null;
}

function times(range: Interval, by: number): Interval {
  return { value: range.value * by, low: range.low * by, high: range.high * by };
}

/** `by / range`, so the ends of the interval swap. */
function over(by: number, range: Interval): Interval {
  return { value: by / range.value, low: by / range.high, high: by / range.low };
}

function wholeNodes(cores: number, bytes: number, nodeBytes: number): number {
  return Math.max(Math.ceil(cores), Math.ceil(bytes / nodeBytes), 1);
}

export function capacityOf(workload: Workload, demands: ArmDemands): Capacity {
  const { requestsPerSecond, liveSessions, utilisation, redisNodeBytes } = workload;
  const perSecond = requestsPerSecond / 1e6 / utilisation;
  const oneRedisRps = oneCoreLimit(demands.redisCpuUs, utilisation);
  const usesRedis = oneRedisRps !== null;
  const redisCores = times(demands.redisCpuUs, perSecond);
  const redisBytes = demands.sessionBytes === null ? null : times(demands.sessionBytes, liveSessions);
  const nodes = (end: 'value' | 'low' | 'high') =>
    usesRedis ? wholeNodes(redisCores[end], redisBytes === null ? 0 : redisBytes[end], redisNodeBytes) : 0;
  return {
    replicas: times(demands.replicaCpuUs, perSecond),
    redisCores,
    redisNodes: { value: nodes('value'), low: nodes('low'), high: nodes('high') },
    redisBytes,
    wireBytesPerSecond: demands.wireBytes === null ? null : times(demands.wireBytes, requestsPerSecond),
    oneRedisRps,
  };
}

export interface Comparison {
  /** Whether the first needs more CPU time in total, replicas and Redis together. */
  readonly costs: 'more' | 'less' | 'unknown';
  /** The load above which the more expensive arm needs a whole core more; null if which one that is is unknown. */
  readonly wholeCoreFromRps: Interval | null;
}

/** The ratio of two arms' total cost, from the same blocks, and whether it shows a difference. */
export interface PairedCost {
  /** First over second. */
  readonly ratio: Interval;
  readonly differ: boolean;
}

/**
 * Compares two arms at any load: their difference is proportional to the load, so its sign does not change.
 *
 * @param paired decides, if the two were compared in the same blocks: their costs share the machine's drift, which the
 * ratio does not have. The difference is the second's cost times what the ratio exceeds 1 by, and only the scale of it
 * has the drift. Null for costs that were measured apart, whose errors are taken as independent
 */
export function compareArms(
  first: ArmDemands,
  second: ArmDemands,
  utilisation: number,
  paired: PairedCost | null = null,
): Comparison {
  const unknown = { costs: 'unknown', wholeCoreFromRps: null } as const;
  if (paired !== null && !paired.differ) return unknown;
  const { value, low, high } = paired === null ? apart(first, second) : inPairs(second, paired.ratio);
  if (low <= 0 && high >= 0) return unknown;
  const size = value > 0 ? { value, low, high } : { value: -value, low: -high, high: -low };
  return { costs: value > 0 ? 'more' : 'less', wholeCoreFromRps: over(utilisation * 1e6, size) };
}

function inPairs(second: ArmDemands, ratio: Interval): Interval {
  const cost = sumOf(second);
  const value = cost.value * (ratio.value - 1);
  // Relative errors of a product add in quadrature.
  const end = (ofRatio: number, ofCost: number) => {
    const [byRatio, byCost] = [(ofRatio - ratio.value) / (ratio.value - 1), ofCost / cost.value - 1];
    return Math.abs(value) * Math.hypot(byRatio, byCost);
  };
  return value > 0
    ? { value, low: value - end(ratio.low, cost.low), high: value + end(ratio.high, cost.high) }
    : { value, low: value - end(ratio.low, cost.high), high: value + end(ratio.high, cost.low) };
}

function apart(first: ArmDemands, second: ArmDemands): Interval {
  const value = sumOf(first).value - sumOf(second).value;
  // Independent errors add in quadrature.
  const parts = [first.replicaCpuUs, first.redisCpuUs, second.replicaCpuUs, second.redisCpuUs];
  const sign = [1, 1, -1, -1];
  const reach = (up: boolean) =>
    Math.sqrt(
      parts.reduce((sum, part, index) => {
        const towardsHigh = (sign[index] === 1) === up;
        return sum + (towardsHigh ? part.high - part.value : part.value - part.low) ** 2;
      }, 0),
    );
  return { value, low: value - reach(false), high: value + reach(true) };
}

function sumOf({ replicaCpuUs, redisCpuUs }: ArmDemands): Interval {
  const parts = [replicaCpuUs, redisCpuUs];
  const value = parts.reduce((sum, part) => sum + part.value, 0);
  return {
    value,
    low: value - Math.hypot(...parts.map((part) => part.value - part.low)),
    high: value + Math.hypot(...parts.map((part) => part.high - part.value)),
  };
}
