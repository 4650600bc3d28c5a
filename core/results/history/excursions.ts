/** Excluded runs, grouped if they are consecutive. Pure. */
import { median } from '../../stats/location.ts';
import type { Series, SeriesPoint } from './series.ts';
import { type ReasonAside, trendOf } from './trend.ts';

/** Consecutive runs that were excluded for one reason. */
export interface Excursion {
  readonly first: SeriesPoint;
  readonly last: SeriesPoint;
  readonly runs: number;
  readonly reason: ReasonAside;
  /** Whether a later run is not excluded, so that the series has returned. */
  readonly isOver: boolean;
  /** Their median divided by that of the preceding runs; null if that is not a positive number. */
  readonly ratio: number | null;
  /** Whether that is approximately 1,000 or a power of it, as if they were in another unit. */
  readonly isOtherUnit: boolean;
}

/** The number of runs before an excursion, or else after it, that define the normal level. */
const REMEMBERED = 7;
/** Tolerance for a power of 1,000, as a decimal logarithm. */
const NEAR = 0.15;

/** In their order. */
export function excursionsOf(series: Series): Excursion[] {
  const { aside } = trendOf(series);
  const isAside = new Set(aside.map(({ index }) => index));
  const begins = aside.flatMap((one, i) => {
    const before = aside[i - 1];
    return before !== undefined && before.index === one.index - 1 && before.reason === one.reason ? [] : [i];
  });
  return begins.flatMap((begin, i) => {
    const own = aside.slice(begin, begins[i + 1]);
    const [first, last] = [own[0], own.at(-1)];
    if (first === undefined || last === undefined) return [];
    const kept = series.points.map(({ value }, at) => ({ value, at })).filter(({ at }) => !isAside.has(at));
    const before = kept.filter(({ at }) => at < first.index).slice(-REMEMBERED);
    const around = before.length > 0 ? before : kept.slice(0, REMEMBERED);
    const level = around.length === 0 ? 0 : median(around.map(({ value }) => value));
    const ratio = level > 0 ? median(own.map(({ at }) => at.value)) / level : null;
    const { reason } = first;
    const isOver = kept.some(({ at }) => at > last.index);
    return [
      { first: first.at, last: last.at, runs: own.length, reason, isOver, ratio, isOtherUnit: isPowerOf1000(ratio) },
    ];
  });
}

function isPowerOf1000(ratio: number | null): boolean {
  if (ratio === null || ratio <= 0) return false;
  const thousands = Math.log10(ratio) / 3;
  return Math.round(thousands) !== 0 && Math.abs(thousands - Math.round(thousands)) * 3 <= NEAR;
}
