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
  /** A slice has its own quantile only if at least this many records lie beyond it, on average. */
  readonly recordsBeyond: number;
  /** Beyond that, the quantile comes from all slices' records together, if at least this many lie beyond it. */
  readonly pooledBeyond?: number;
  /** Whether the histogram includes requests that the load generator sent late: see `sentLate`. */
  readonly onSchedule?: boolean;
}

/** The rules for the slices of each kind of load. */
export const QUANTILE_RULES = {
  /** Many thousands of requests per slice, and the tail matters: all levels that the records support. */
  openLoad: { levels: [50, 75, 90, 95, 99, 99.9, 99.99, 99.999], recordsBeyond: 1, pooledBeyond: 5, onSchedule: true },
  /** About a thousand requests per slice, at several numbers of replicas that are compared: a stable p99, or none. */
  openLoadOfReplicas: { levels: [50, 90, 99], recordsBeyond: 3, onSchedule: true },
  /** Hundreds of requests per slice; the distance of Redis matters, not the tail. */
  closedLoad: { levels: [50, 90, 99], recordsBeyond: 2 },
  /** One short burst per fork, with few requests. */
  storm: { levels: [50, 95, 99], recordsBeyond: 1 },
  /** Sequential lookups, enough for a stable p99. */
  lookups: { levels: [50, 99], recordsBeyond: 2 },
} as const satisfies Record<string, QuantileRule>;

/**
 * Whether late sends by the load generator may account for the records beyond the quantile: their share of due
 * requests is at least half of the share beyond it. @param level percent
 */
export function sentLate(slices: readonly Slice[], level: number): boolean {
  const sum = (name: 'generator_late' | 'scheduled') =>
    slices.reduce((total, { measures }) => total + (measures[name] ?? 0), 0);
  const late = sum('generator_late');
  return late > 0 && 2 * late >= expectedBeyond(sum('scheduled'), level);
}

/** The non-empty histograms of one name, as `[fork][block]`; forks without one are omitted. */
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

/** The levels for which slices have enough records, on average. */
export function levelsOfSlices(
  forks: readonly (readonly LatencyHistogram[])[],
  { levels, recordsBeyond }: QuantileRule,
): readonly number[] {
  const all = forks.flat();
  const meanCount = all.reduce((sum, { count }) => sum + count, 0) / all.length;
  return levels.filter((level) => expectedBeyond(meanCount, level) >= recordsBeyond);
}

/**
 * The geometric mean of each slice's quantile, which a disturbed slice shifts but does not dominate. Beyond the reach
 * of single slices, the quantile of all records, if the rule requests it. @returns quantiles that the records
 * support, in µs, by level
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
