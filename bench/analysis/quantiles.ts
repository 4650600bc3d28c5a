/** Latency at quantiles, from histograms of slices. Pure. */

import { LatencyHistogram } from '../../core/results/histogram.ts';
import type { Slice } from '../../core/results/schema.ts';
import { estimate } from '../../core/stats/estimate.ts';
import type { Estimate } from '../../core/stats/interval.ts';
import { byFork } from '../measuring/slices.ts';
import { canPool, expectedBeyond, pooledQuantile } from './pooled-quantile.ts';

export interface QuantileRule {
  /** Per cent. */
  readonly levels: readonly number[];
  /** A slice has a quantile of its own only where this many records lie beyond it, on average. */
  readonly recordsBeyond: number;
  /** Further out than that, the quantile of all slices' records together, where this many lie beyond it. */
  readonly pooledBeyond?: number;
  /** Whether requests that the load generator sent late are in the histogram: see `sentLate`. */
  readonly onSchedule?: boolean;
}

/** The rules that fit the slices of each kind of load. */
export const QUANTILE_RULES = {
  /** Many thousands of requests a slice, and the tail is the question: as far out as the records reach. */
  openLoad: { levels: [50, 75, 90, 95, 99, 99.9, 99.99, 99.999], recordsBeyond: 1, pooledBeyond: 5, onSchedule: true },
  /** About a thousand requests a slice, at several numbers of replicas that are compared: a steady p99, or none. */
  openLoadOfReplicas: { levels: [50, 90, 99], recordsBeyond: 3, onSchedule: true },
  /** Hundreds of requests a slice, where the way to Redis and not the tail is the question. */
  closedLoad: { levels: [50, 90, 99], recordsBeyond: 2 },
  /** One short storm a fork: few requests are all there are. */
  storm: { levels: [50, 95, 99], recordsBeyond: 1 },
  /** Lookups one after the other, of which there are enough for a steady p99. */
  lookups: { levels: [50, 99], recordsBeyond: 2 },
} as const satisfies Record<string, QuantileRule>;

/**
 * Whether late sends by the load generator may account for what lies beyond the quantile: their
 * share of what was due is at least half of the share beyond it. The other half leaves the quantile to the server.
 * @param level percent
 */
export function sentLate(slices: readonly Slice[], level: number): boolean {
  const sum = (name: 'generator_late' | 'scheduled') =>
    slices.reduce((total, { measures }) => total + (measures[name] ?? 0), 0);
  const late = sum('generator_late');
  return late > 0 && 2 * late >= expectedBeyond(sum('scheduled'), level);
}

/** The histograms of one name that hold a record, as `[fork][block]`; forks without one are left out. */
export function histogramsOf(slices: readonly Slice[], name: string): readonly (readonly LatencyHistogram[])[] {
  return byFork(slices)
    .map((fork) =>
      fork.flatMap(({ histograms }) => {
        const encoded = histograms?.[name];
        const histogram = encoded === undefined ? null : LatencyHistogram.decode(encoded);
        return histogram === null || histogram.count === 0 ? [] : [histogram];
      }),
    )
    .filter((fork) => fork.length > 0);
}

/** The levels for which slices hold records enough, on average. */
export function levelsOfSlices(
  forks: readonly (readonly LatencyHistogram[])[],
  { levels, recordsBeyond }: QuantileRule,
): readonly number[] {
  const all = forks.flat();
  const meanCount = all.reduce((sum, { count }) => sum + count, 0) / all.length;
  return levels.filter((level) => expectedBeyond(meanCount, level) >= recordsBeyond);
}

/**
 * The geometric mean over slices of each slice's quantile: a slice that the machine disturbed shifts it and does not own
 * it. Further out than single slices reach, the quantile of all their records, where the rule asks for it.
 * @returns quantiles that the records allow, in µs, by level
 */
export function quantileEstimates(
  forks: readonly (readonly LatencyHistogram[])[],
  rule: QuantileRule,
  seed: (level: number) => number,
): ReadonlyMap<number, Estimate> {
  if (forks.length === 0) return new Map();
  const { levels, pooledBeyond } = rule;
  const own = levelsOfSlices(forks, rule);
  return new Map(
    levels.flatMap((level): [number, Estimate][] => {
      if (own.includes(level)) {
        const values = forks.map((fork) => fork.map((histogram) => Math.max(1, histogram.percentile(level))));
        return [[level, estimate(values, { statistic: 'geomean', seed: seed(level) })]];
      }
      if (pooledBeyond === undefined || !canPool(forks, level, pooledBeyond)) return [];
      return [[level, pooledQuantile(forks, level, { seed: seed(level) })]];
    }),
  );
}
