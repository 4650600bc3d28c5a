/** Paired comparisons: two arms in the same block share the machine's drift, so it cancels in their ratio. */

import { BootstrapError } from './bootstrap.ts';
import type { EstimateOptions } from './estimate.ts';
import { geometricMeanOf, meanEstimate } from './estimate.ts';
import type { Estimate } from './interval.ts';

/** One block: a value, and the value it is compared with. */
export interface Pair {
  readonly value: number;
  readonly baseline: number;
}

/** The geometric mean of positive numbers. NaN for an empty list, or if one is not positive. */
export function geometricMean(values: readonly number[]): number {
  if (values.length === 0 || values.some((value) => !(value > 0))) return Number.NaN;
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/**
 * The geometric mean of `value / baseline` over pairs with its interval, computed on the log scale so that A/B and
 * B/A are reciprocal (Fleming & Wallace 1986). @param forks `forks[fork][block]` @throws {BootstrapError} if a number
 * is not positive, or there is no pair
 */
export function pairedRatio(forks: readonly (readonly Pair[])[], options: EstimateOptions): Estimate {
  const ratios = forks.map((fork) =>
    fork.map(({ value, baseline }) => {
      if (!(value > 0 && baseline > 0)) {
        throw new BootstrapError(`A ratio needs positive numbers, not ${value} over ${baseline}.`);
      }
      return value / baseline;
    }),
  );
  return geometricMeanOf(ratios, options);
}

/**
 * The mean of `value − baseline` over pairs, in their unit, with its interval. @param forks `forks[fork][block]`
 * @throws {BootstrapError} if a number is not finite, or there is no pair
 */
export function pairedDifference(forks: readonly (readonly Pair[])[], options: EstimateOptions): Estimate {
  const differences = forks.map((fork) => fork.map(({ value, baseline }) => value - baseline));
  return meanEstimate(differences, options);
}
