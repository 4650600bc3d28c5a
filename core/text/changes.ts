/** What changed in a series, in words. Pure. */

import type { Change } from '../results/history/trend.ts';
import { METRICS, type Metric } from '../results/metrics.ts';
import { formatChange, formatSignificant } from './format.ts';

const digits = (value: number) => formatSignificant(value, 4);

/** Such as `+10 %`, and of a slope `grows +10 %`. */
export function changeLabel({ ratio, slope }: Change): string {
  if (slope?.course === 'levels off') return slope.course;
  const size = Number.isFinite(ratio) ? formatChange(ratio) : 'from 0';
  return slope === null ? size : `${slope.course} ${size}`;
}

/** Such as `from 20 to 22 µs`, and of a slope `grows from 20 to 22 µs`. */
export function changePhrase({ before, after, slope }: Change, metric: Metric): string {
  const { unit } = METRICS[metric];
  if (slope?.course === 'levels off') return `levels off at ${digits(after)} ${unit}`;
  const values = `from ${digits(before)} to ${digits(after)} ${unit}`;
  return slope === null ? values : `${slope.course} ${values}`;
}

/** Such as `20 → 22 µs (+10 %)`, and of a slope `grows from 20 to 22 µs (+10 %)`. */
export function changeWords(change: Change, metric: Metric): string {
  const { before, after, ratio, slope } = change;
  if (slope?.course === 'levels off') return changePhrase(change, metric);
  const values =
    slope === null ? `${digits(before)} → ${digits(after)} ${METRICS[metric].unit}` : changePhrase(change, metric);
  return Number.isFinite(ratio) ? `${values} (${formatChange(ratio)})` : values;
}

/** Such as `at run 12, for the worse`, and of a slope `since run 12`. */
export function changePlace({ index, better, slope }: Change): string {
  const judged = better === 'neither' ? '' : `, for the ${better}`;
  return `${slope === null ? 'at' : 'since'} run ${index + 1}${judged}`;
}
