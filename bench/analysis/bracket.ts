/**
 * Estimates of a moment that is known only to lie between two looks: the last that saw the old state and the first that
 * saw the new one. The interval of such a figure holds both the sampling error and what lies between the looks. Pure.
 */

import { type BootstrapOptions, bootstrap, type Statistic } from '../../core/stats/bootstrap.ts';
import type { Bounds, Estimate } from '../../core/stats/interval.ts';
import { quantileOfSorted } from '../../core/stats/location.ts';

function quantileStatistic(probability: number): Statistic {
  return ([values], count) =>
    values === undefined ? Number.NaN : quantileOfSorted(values.slice(0, count).sort(), probability);
}

const ends = (forks: readonly (readonly Bounds[])[], end: keyof Bounds) =>
  forks.map((fork) => fork.map((bracket) => bracket[end]));

/**
 * A quantile of the lower ends; its interval begins with that of the lower ends and ends with that of the upper ones.
 * @param forks `forks[fork][block]`, at least one; in any unit
 */
export function bracketQuantile(
  forks: readonly (readonly Bounds[])[],
  probability: number,
  options: BootstrapOptions,
): Estimate {
  const statistic = quantileStatistic(probability);
  const lows = bootstrap([ends(forks, 'low')], statistic, options);
  const highs = bootstrap([ends(forks, 'high')], statistic, options);
  return { ...lows, low: Math.max(0, lows.low), high: Math.max(lows.value, highs.high) };
}

/** The largest that was seen: no sample tells what lies beyond it, so the interval is that of the looks alone. */
export function bracketMax(forks: readonly (readonly Bounds[])[]): Estimate {
  const all = forks.flat();
  const value = Math.max(...all.map(({ low }) => low));
  return {
    value,
    low: value,
    high: Math.max(...all.map(({ high }) => high)),
    confidence: 0.95,
    blocks: all.length,
    forks: forks.length,
  };
}
