/**
 * Reduces a long series to as many points as the eye can distinguish, so that a page with many series stays small.
 * Pure.
 */
import type { SeriesPoint } from '../../core/results/history/series.ts';
import { quantiles } from '../../core/stats/location.ts';

/** More dots than this would overlap in the width of a page. */
export const MOST_POINTS = 60;

export interface DrawnPoint {
  /** Number of the run, from 1; fractional if several are drawn as one. */
  readonly run: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Adjacent runs become one point: their median, from the lowest value to the highest, or the interval of a single
 * run. @param kinds indices of runs that are drawn separately, because points must not mix kinds. Default: all
 * together
 */
export function thinned(
  points: readonly SeriesPoint[],
  most = MOST_POINTS,
  kinds: readonly (readonly number[])[] = [[...points.keys()]],
): DrawnPoint[] {
  const size = Math.ceil(points.length / most);
  return kinds.flatMap((indices) =>
    Array.from({ length: Math.ceil(indices.length / size) }, (_, i) => {
      const places = indices.slice(i * size, (i + 1) * size);
      const own = places.flatMap((place) => points[place] ?? []);
      const [first] = own;
      const run = ((places[0] ?? Number.NaN) + (places.at(-1) ?? Number.NaN)) / 2 + 1;
      if (own.length === 1 && first !== undefined) return { run, value: first.value, low: first.low, high: first.high };
      const values = own.map(({ value }) => value);
      const [value = Number.NaN] = quantiles(values, [0.5]);
      return { run, value, low: Math.min(...values), high: Math.max(...values) };
    }),
  );
}
