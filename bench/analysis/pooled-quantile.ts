/** A quantile that single slices have too few records for: computed from all slices' records together. Pure. */

import type { LatencyHistogram } from '../../core/results/histogram.ts';
import type { Statistic } from '../../core/stats/bootstrap/resample.ts';
import { bootstrap } from '../../core/stats/bootstrap.ts';
import type { EstimateOptions } from '../../core/stats/estimate.ts';
import type { Estimate } from '../../core/stats/interval.ts';
import { ranksAround } from '../../core/stats/order-statistics.ts';

/** How many of `count` records are expected beyond the quantile. 1 − 99.9 / 100 is not quite 0.001. */
export function expectedBeyond(count: number, quantile: number): number {
  const expected = count * (1 - quantile / 100);
  const whole = Math.round(expected);
  return Math.abs(expected - whole) < 1e-6 ? whole : expected;
}

/** The number of records at or beyond it. */
function recordsBeyond(count: number, quantile: number): number {
  return Math.max(1, Math.ceil(expectedBeyond(count, quantile)));
}

/**
 * Whether all slices together have enough records. @param least the number of records required beyond the quantile:
 * with only a few, one slow response decides
 */
export function canPool(forks: readonly (readonly LatencyHistogram[])[], quantile: number, least: number): boolean {
  const count = forks.flat().reduce((sum, histogram) => sum + histogram.count, 0);
  return expectedBeyond(count, quantile) >= least;
}

/** Equal records of one slice. */
interface Run {
  readonly micros: number;
  readonly place: number;
  records: number;
}

/** The largest records in descending order. @param place index of the slice */
function largest(histogram: LatencyHistogram, wanted: number, place: number): Run[] {
  const runs: Run[] = [];
  for (const { micros, records } of histogram.largest(wanted)) {
    const last = runs.at(-1);
    // 0 and 1 µs are the same to a logarithm.
    if (last?.micros === 1) last.records += records;
    else runs.push({ micros: Math.max(1, micros), place, records });
  }
  return runs;
}

/**
 * Slices are weighted by their records, so a slice that the machine disturbed dominates the tail: that is what a tail
 * is. The interval comes from a bootstrap of forks and slices, on the log scale. With a handful of records beyond the
 * quantile that is too narrow, so the interval also covers the ranks that bound the quantile of that many records.
 * @param forks `forks[fork][slice]`, none of them empty
 */
export function pooledQuantile(
  forks: readonly (readonly LatencyHistogram[])[],
  quantile: number,
  options: EstimateOptions,
): Estimate {
  const slices = forks.flat();
  const most = slices.length * Math.max(...slices.map(({ count }) => count));
  const all = slices.reduce((sum, { count }) => sum + count, 0);
  const ranks = ranksAround(all, quantile / 100, options.confidence);
  const wanted = Math.max(recordsBeyond(most, quantile), ranks === null ? 0 : all - ranks.low + 1);
  // Sorted once, and walked from the top in each resample: a merged run has thousands of slices.
  const runs = slices
    .flatMap((histogram, place) => largest(histogram, wanted, place))
    .sort((a, b) => b.micros - a.micros);
  const times = new Uint32Array(slices.length);
  let next = 0;
  const places = forks.map((fork) => fork.map(() => next++));
  const statistic: Statistic = ([drawn], count) => {
    times.fill(0);
    let total = 0;
    for (let i = 0; i < count; i++) {
      const place = drawn?.[i] as number;
      times[place] = (times[place] as number) + 1;
      total += slices[place]?.count ?? 0;
    }
    let beyond = recordsBeyond(total, quantile);
    for (const { micros, place, records } of runs) {
      beyond -= records * (times[place] as number);
      if (beyond <= 0) return Math.log(micros);
    }
    return 0;
  };
  const logs = bootstrap([places], statistic, options);
  const value = Math.exp(logs.value);
  /** The record of a rank, over all slices. */
  const recordAt = (rank: number) => {
    let left = all - rank + 1;
    for (const { micros, records } of runs) {
      left -= records;
      if (left <= 0) return micros;
    }
    return value;
  };
  // A single slice has no interval: its records do not show how slices differ.
  const [low, high] = ranks === null || logs.blocks < 2 ? [value, value] : [recordAt(ranks.low), recordAt(ranks.high)];
  return { ...logs, value, low: Math.min(Math.exp(logs.low), low), high: Math.max(Math.exp(logs.high), high) };
}
