/** Numbers of the advice as text. The report's page runs this file and its imports. */

import type { Interval } from '../stats/interval.ts';
import { formatCount, formatEstimate, formatSignificant, list } from '../text/format.ts';

const SPANS = [
  { from: 2 * 86_400_000, by: 86_400_000, name: 'days' },
  { from: 7_200_000, by: 3_600_000, name: 'h' },
  { from: 120_000, by: 60_000, name: 'min' },
  { from: 1000, by: 1000, name: 's' },
] as const;

/** `0 s`, `4 ms`, `1.2 s`, `15 min`, `12 h`, `30 days`. */
export function durationText(ms: number): string {
  if (ms === 0) return '0 s';
  const span = SPANS.find(({ from }) => ms >= from);
  return span === undefined ? `${formatSignificant(ms)} ms` : `${formatSignificant(ms / span.by)} ${span.name}`;
}

const SCALES = [
  { by: 1e12, name: 'T' },
  { by: 1e9, name: 'G' },
  { by: 1e6, name: 'M' },
  { by: 1e3, name: 'k' },
] as const;

/** A range in whole numbers, `12 [11–13]`; one number if it has no width, and none if it is unbounded. */
export function rangeText(range: Interval, show: (value: number) => string): string {
  const [value, low, high] = [show(range.value), show(range.low), show(range.high)];
  return low === high ? value : `${value} [${low}–${high}]`;
}

/** `1.5 GB [1.4–1.6]`: all three in the unit of the largest. */
export function bytesText({ value, low, high }: Interval, unit = 'B'): string {
  const scale = SCALES.find(({ by }) => high >= by) ?? { by: 1, name: '' };
  const [first, least, most] = [value, low, high].map((bytes) => bytes / scale.by);
  return formatEstimate({ value: first ?? 0, low: least ?? 0, high: most ?? 0, unit: `${scale.name}${unit}` });
}

export function integerText(value: number): string {
  return Number.isFinite(value) ? formatCount(Math.ceil(value - 1e-9)) : 'unbounded';
}

/** `10,000`, `2.5 million`. */
export function amountText(amount: number): string {
  return amount >= 1e6 ? `${formatSignificant(amount / 1e6)} million` : formatCount(amount);
}

const WITHIN_ROUNDING = 1e-9;

/** A load that an arm carries, rounded down to two digits: `12,000` for 12,999. @param load at least 1; null for none */
export function loadText(load: number | null): string {
  if (load === null) return 'none';
  const step = Math.max(1, 10 ** (Math.floor(Math.log10(load)) - 1));
  return amountText(Math.floor(load / step + WITHIN_ROUNDING) * step);
}

/** `4.1 ms [3.2–5.0]`. */
export function latencyText(range: Interval): string {
  return formatEstimate({ ...range, unit: 'ms' });
}

/** `1.4× [1.2–1.6]`. */
export function timesText(range: Interval): string {
  return formatEstimate({ ...range, unit: '×' });
}

/** `1,200 [1,100–1,400]`. */
export function moneyText(range: Interval): string {
  return formatEstimate({ ...range, unit: '' });
}

export function percentText(share: number): string {
  return `${formatSignificant(share * 100)} %`;
}

/** `a`, `a and b`, `a, b and c`. */
export const listText = list;

/** `1 replica`, `3 [2–4] replicas`. */
export function countText(range: Interval, noun: string): string {
  const text = rangeText(range, integerText);
  return `${text} ${text === '1' ? noun : `${noun}s`}`;
}
