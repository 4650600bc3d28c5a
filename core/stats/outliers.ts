/** Labels blocks that lie far from the rest. They are reported, never dropped: a stall is part of the measurement. */
import { quantiles } from './location.ts';

export type OutlierLabel = 'severe-low' | 'mild-low' | 'none' | 'mild-high' | 'severe-high';

/**
 * A label for each value by Tukey's fences (1977): mild beyond 1.5, severe beyond 3 interquartile ranges from the
 * quartiles (type 7). @throws {RangeError} if there are no values
 */
export function labelOutliers(values: readonly number[]): OutlierLabel[] {
  const [lower, upper] = quantiles(values, [0.25, 0.75]) as [number, number];
  const reach = upper - lower;
  return values.map((value) => {
    if (value < lower - 3 * reach) return 'severe-low';
    if (value < lower - 1.5 * reach) return 'mild-low';
    if (value > upper + 3 * reach) return 'severe-high';
    if (value > upper + 1.5 * reach) return 'mild-high';
    return 'none';
  });
}

/** The number of values with a label other than `none`, and of severe ones. */
export function countOutliers(labels: readonly OutlierLabel[]): { readonly outliers: number; readonly severe: number } {
  return {
    outliers: labels.filter((label) => label !== 'none').length,
    severe: labels.filter((label) => label.startsWith('severe')).length,
  };
}
