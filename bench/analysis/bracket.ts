/**
 * Estimates of the time of an event that is known only to lie between two observations: the last of the old state and
 * the first of the new one. The interval of such a figure includes the sampling error and the bracket. Pure.
 */

import type { Bounds, Estimate } from '../../core/stats/interval.ts';
import { quantileInterval } from '../../core/stats/order-statistics.ts';

const CONFIDENCE = 0.95;

/**
 * A quantile of the lower ends, with an interval from that of the lower ends to that of the upper ones. @param forks
 * `forks[fork][block]`, at least one; in any unit. All brackets count as one sample: each is an independent random
 * moment @param probability of the quantile, between 0 and 1
 */
export function bracketQuantile(forks: readonly (readonly Bounds[])[], probability: number): Estimate {
  const all = forks.flat();
  const of = (end: keyof Bounds) =>
    quantileInterval(
      all.map((bracket) => bracket[end]),
      probability,
      CONFIDENCE,
    );
  const { value, low } = of('low');
  return {
    value,
    low: Math.max(0, low),
    high: Math.max(value, of('high').high),
    confidence: CONFIDENCE,
    blocks: all.length,
    forks: forks.length,
  };
}

/** The largest observed bracket: a sample does not bound what lies beyond it, so the interval is the bracket alone. */
export function bracketMax(forks: readonly (readonly Bounds[])[]): Estimate {
  const all = forks.flat();
  const value = Math.max(...all.map(({ low }) => low));
  return {
    value,
    low: value,
    high: Math.max(...all.map(({ high }) => high)),
    confidence: CONFIDENCE,
    blocks: all.length,
    forks: forks.length,
  };
}
