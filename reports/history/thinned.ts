/**
 * Reduces a long series to as many points as the eye can distinguish, so that a page of many series stays small. Pure.
 */
import type { SeriesPoint } from '../../core/results/history/history.ts';
import { quantiles } from '../../core/stats/location.ts';

/** More dots than this run into each other in the width of a page. */
export const MOST_POINTS = 60;

export interface DrawnPoint {
  /** Number of the run, from 1; between two where several are drawn as one. */
  readonly run: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Runs side by side become one point: their median, from the lowest value to the highest, or the interval of a run alone. */
export function thinned(points: readonly SeriesPoint[], most = MOST_POINTS): DrawnPoint[] {
  const size = Math.ceil(points.length / most);
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const own = points.slice(i * size, (i + 1) * size);
    const [first] = own;
    const run = i * size + (own.length + 1) / 2;
    if (own.length === 1 && first !== undefined) return { run, value: first.value, low: first.low, high: first.high };
    const values = own.map(({ value }) => value);
    const [value = Number.NaN] = quantiles(values, [0.5]);
    return { run, value, low: Math.min(...values), high: Math.max(...values) };
  });
}
