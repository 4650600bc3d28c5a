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

/** Such as `20 → 22 µs (+10 %)`, and of a slope `grows from 20 to 22 µs (+10 %)`. */
export function changeWords(change: Change, metric: Metric): string {
  const { before, after, ratio, slope } = change;
  const { unit } = METRICS[metric];
  if (slope?.course === 'levels off') return `levels off at ${digits(after)} ${unit}`;
  const size = Number.isFinite(ratio) ? ` (${formatChange(ratio)})` : '';
  if (slope === null) return `${digits(before)} → ${digits(after)} ${unit}${size}`;
  return `${slope.course} from ${digits(before)} to ${digits(after)} ${unit}${size}`;
}
