/** Numbers of the advice in words; the report's page runs this file, so it imports types alone. */

import type { Interval } from '../stats/interval.ts';

const three = (value: number) => Number(value.toPrecision(3)).toLocaleString('en-US', { maximumSignificantDigits: 3 });

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
  return span === undefined ? `${three(ms)} ms` : `${three(ms / span.by)} ${span.name}`;
}

const SCALES = [
  { by: 1e12, name: 'T' },
  { by: 1e9, name: 'G' },
  { by: 1e6, name: 'M' },
  { by: 1e3, name: 'k' },
] as const;

/** `12 [11–13]`; what has no width is told as one number, and no number where it has no end. */
export function rangeText(range: Interval, show: (value: number) => string): string {
  const [value, low, high] = [show(range.value), show(range.low), show(range.high)];
  return low === high ? value : `${value} [${low}–${high}]`;
}

/** `1.5 GB [1.4–1.6]`: all three in the unit of the largest. */
export function bytesText(range: Interval, unit = 'B'): string {
  const scale = SCALES.find(({ by }) => range.high >= by) ?? { by: 1, name: '' };
  const [first, ...interval] = rangeText(range, (value) => three(value / scale.by)).split(' ');
  return [`${first}\u202f${scale.name}${unit}`, ...interval].join(' ');
}

export function wholeText(value: number): string {
  return Number.isFinite(value) ? Math.ceil(value - 1e-9).toLocaleString('en-US') : 'unbounded';
}

/** `10,000`, `2.5 million`. */
export function amountText(amount: number): string {
  return amount >= 1e6
    ? `${three(amount / 1e6)} million`
    : amount.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** `4.1 ms [3–5]`. */
export function latencyText(range: Interval): string {
  const show = (value: number) => (Number.isFinite(value) ? three(value) : '∞');
  const [first, ...interval] = rangeText(range, show).split(' ');
  return [`${first}\u202fms`, ...interval].join(' ');
}

export function moneyText(range: Interval): string {
  return rangeText(range, (value) => Math.round(value).toLocaleString('en-US'));
}

export function percentText(share: number): string {
  return `${three(share * 100)} %`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listText(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** `1 replica`, `3 [2–4] replicas`. */
export function countText(range: Interval, noun: string): string {
  const text = rangeText(range, wholeText);
  return `${text} ${text === '1' ? noun : `${noun}s`}`;
}
