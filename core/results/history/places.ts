/** The places of runs in time, on which a season depends. Pure. */
import { seasonOf } from '../../levels/seasons.ts';
import { median } from '../../stats/location.ts';

const DAY_MS = 86_400_000;
/** The median distance of runs that counts as daily, in days. */
const DAILY = [0.75, 1.25] as const;

/**
 * Nightly runs have the number of their day, so that a missing night does not shift the day of the week of all later ones;
 * if they show a season by that. Other runs are counted.
 * @param times when the runs began, ISO 8601
 * @param indices of the runs in their series, ascending
 * @param values of the runs, on the scale of the fit
 * @param leastSpread the lowest spread assumed for the noise
 */
export function placesInTime(
  times: readonly string[],
  indices: readonly number[],
  values: readonly number[],
  leastSpread: number,
): readonly number[] {
  const days = daysOf(times);
  const isGapless = days === null || days.every((day, i) => day === i);
  if (isGapless) return indices;
  const places = indices.map((index) => days[index] as number);
  return seasonOf(values, leastSpread, places) === null ? indices : places;
}

/** Days since the first run, to the nearest; null if runs are not daily, or not in the order of their clocks. */
function daysOf(times: readonly string[]): number[] | null {
  const at = times.map((time) => Date.parse(time) / DAY_MS);
  const [first = Number.NaN] = at;
  const gaps = at.slice(1).map((time, i) => time - (at[i] as number));
  if (gaps.length === 0 || !gaps.every((gap) => gap >= 0)) return null;
  const usual = median(gaps);
  return usual < DAILY[0] || usual > DAILY[1] ? null : at.map((time) => Math.round(time - first));
}
