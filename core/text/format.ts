/**
 * Formats numbers for readers: as many digits as the interval supports, units after a thin space, and large amounts
 * in a larger unit. Pure, and the same in every exporter.
 */

import type { Interval } from '../stats/interval.ts';
import { significantDigits, upToDecimals, withDecimals } from './decimal.ts';

/** A narrow no-break space, between a number and its unit. */
export const THIN = '\u202f';

/** An interval and its unit. */
export interface Measurement extends Interval {
  readonly unit: string;
}

/** An amount in `unit` of at least `at` is shown in `to`, which is `by` times larger. */
const LARGER_UNITS = [
  { unit: 'B', at: 10_000_000, to: 'MB', by: 1_000_000 },
  { unit: 'B', at: 10_000, to: 'kB', by: 1_000 },
  { unit: 'µs', at: 10_000_000, to: 's', by: 1_000_000 },
  { unit: 'µs', at: 10_000, to: 'ms', by: 1_000 },
  { unit: 'ms', at: 7_200_000, to: 'h', by: 3_600_000 },
  { unit: 'ms', at: 120_000, to: 'min', by: 60_000 },
  { unit: 'ms', at: 10_000, to: 's', by: 1_000 },
] as const;

/** The number of significant digits if no interval says otherwise. */
const DEFAULT_DIGITS = 3;
/** More decimals than this are of no use to a reader, however narrow the interval. */
const MOST_DECIMALS = 4;

/** Rounding errors due to the order of summation. */
const ROUNDING = 1e-9;
const EXACT_DIGITS = 12;

/** A count that was divided and multiplied again is still a count: 43, not 42.99999999999999. */
function withoutRounding(estimate: Measurement): Measurement {
  if (estimate.high - estimate.low > ROUNDING * Math.abs(estimate.value)) return estimate;
  const value = Number(estimate.value.toPrecision(EXACT_DIGITS));
  return { value, low: value, high: value, unit: estimate.unit };
}

function inReadableUnit(measured: Measurement): Measurement {
  const estimate = withoutRounding(measured);
  const rule = LARGER_UNITS.find((larger) => larger.unit === estimate.unit && Math.abs(estimate.value) >= larger.at);
  if (rule === undefined) return estimate;
  const { by, to } = rule;
  return { value: estimate.value / by, low: estimate.low / by, high: estimate.high / by, unit: to };
}

/**
 * The power of ten (its exponent) to which an estimate is rounded: the first digit of the half-width, since later
 * digits are noise; but at least two digits of the larger of the two are kept.
 */
export function roundingExponent({ value, low, high }: Interval): number {
  // A half-open interval is as wide as its known side.
  const halfWidth = Number.isFinite(high - low) ? (high - low) / 2 : Math.abs(value - low);
  if (halfWidth > 0 && Number.isFinite(halfWidth)) {
    const twoDigits = Math.floor(Math.log10(Math.max(Math.abs(value), halfWidth))) - 1;
    // Whatever the width of the interval, a value other than zero is not shown as zero.
    const oneDigit = value === 0 ? twoDigits : Math.floor(Math.log10(Math.abs(value)));
    return Math.max(-MOST_DECIMALS, Math.min(Math.floor(Math.log10(halfWidth)), twoDigits, oneDigit));
  }
  if (Number.isInteger(value)) return 0;
  return Math.max(-MOST_DECIMALS, Math.min(0, Math.floor(Math.log10(Math.abs(value))) - DEFAULT_DIGITS + 1));
}

/** Only zero is shown as zero: a value that would round to it is shown as less than the last digit. */
function signed(value: number, text: string, smallest: () => string): string {
  const isNothing = Number.isFinite(value) && !/[1-9]/.test(text);
  if (isNothing && value !== 0) return value > 0 ? `<${smallest()}` : `>−${smallest()}`;
  return value < 0 ? `−${text}` : text;
}

/** `1234.5` at exponent 0 → `1,235`; at −1 → `1,234.5`; 0.04 at −1 → `<0.1`; a minus sign is a real one. */
export function formatNumber(value: number, exponent: number): string {
  const step = 10 ** exponent;
  const rounded = exponent > 0 ? Math.round(value / step) * step : value;
  const digits = Math.max(0, -exponent);
  return signed(value, withDecimals(Math.abs(rounded), digits), () => withDecimals(step, digits));
}

/** A multiple directly precedes its sign, other units follow a thin space; a count of commands has no unit. */
function withUnit(number: string, unit: string): string {
  if (unit === '×') return `${number}×`;
  if (unit === '' || unit === 'commands') return number;
  return `${number}${THIN}${unit}`;
}

/** `34.1 µs`: the value alone, with the digits that its interval supports. */
export function formatValue(estimate: Measurement): string {
  const shown = inReadableUnit(estimate);
  return withUnit(formatNumber(shown.value, roundingExponent(shown)), shown.unit);
}

/** A sum, with the digits that the interval of its least certain part supports. */
export function formatSum(value: number, parts: readonly Measurement[], unit: string): string {
  const width = Math.max(0, ...parts.map(({ low, high }) => high - low));
  return formatValue({ value, low: value - width / 2, high: value + width / 2, unit });
}

/** `33.8–34.5`, in the unit of `formatValue`; null if the figure was counted and has no width. */
export function formatRange(estimate: Measurement): string | null {
  const shown = inReadableUnit(estimate);
  if (shown.low === shown.high) return null;
  const exponent = roundingExponent(shown);
  return `${formatNumber(shown.low, exponent)}–${formatNumber(shown.high, exponent)}`;
}

export interface EstimateParts {
  readonly number: string;
  /** The result of `formatRange`. */
  readonly range: string | null;
  readonly unit: string;
}

/** The parts of `formatEstimate`, for a table that shows the unit once, in the column's head. */
export function formatParts(estimate: Measurement): EstimateParts {
  const shown = inReadableUnit(estimate);
  return {
    number: formatNumber(shown.value, roundingExponent(shown)),
    range: formatRange(estimate),
    unit: shown.unit,
  };
}

/** An estimate in its own unit, for comparison with an amount in that unit: `71.2 [70.1–72.3] µs`. */
export function formatInUnit(estimate: Measurement): string {
  const exponent = roundingExponent(estimate);
  const shown = (amount: number) => formatNumber(amount, exponent);
  const range = estimate.low === estimate.high ? '' : ` [${shown(estimate.low)}–${shown(estimate.high)}]`;
  return withUnit(`${shown(estimate.value)}${range}`, estimate.unit);
}

/** `34.1 µs [33.8–34.5]`, or `34 µs` if it was counted. */
export function formatEstimate(estimate: Measurement): string {
  const range = formatRange(estimate);
  return range === null ? formatValue(estimate) : `${formatValue(estimate)} [${range}]`;
}

/** A fixed number of decimals, for lines in which numbers are compared: `12.30`. */
export function formatFixed(value: number, decimals: number): string {
  return formatNumber(value, -decimals);
}

/** Limits the decimals, and drops trailing zeros: `261`, `0.5`. */
export function formatUpTo(value: number, decimals: number): string {
  const text = (amount: number) => upToDecimals(amount, decimals);
  return signed(value, text(Math.abs(value)), () => text(10 ** -decimals));
}

/** This many significant digits without trailing zeros: `0.123`, `45.6`, `7`, `1,230`. */
export function formatSignificant(value: number, digits = DEFAULT_DIGITS): string {
  const rounded = Number(value.toPrecision(digits));
  const text = significantDigits(Math.abs(rounded), digits);
  return rounded < 0 ? `−${text}` : text;
}

/** A ratio as a change: `+3.2 %`, `−1.0 %`; a smaller one by its first digit: `+0.004 %`. */
export function formatChange(ratio: number, decimals = 1): string {
  const change = 100 * (ratio - 1);
  const isSmall = change !== 0 && Math.abs(change) < 10 ** -decimals / 2;
  const text = isSmall ? formatSignificant(change, 1) : formatFixed(change, decimals);
  return `${ratio > 1 ? '+' : ''}${text} %`;
}

/** `1.008 [0.990–1.029]`: a ratio near 1, where the third decimal matters. */
export function formatRatio({ value, low, high }: Interval): string {
  const digits = (bound: number) => formatFixed(bound, 3);
  return `${digits(value)} [${digits(low)}–${digits(high)}]`;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** `4 ms`, `1.2 s`, `7 min`, `12 h`: two significant digits. */
export function formatDuration(ms: number): string {
  const [amount, unit] =
    ms < SECOND ? [ms, 'ms'] : ms < MINUTE ? [ms / SECOND, 's'] : ms < HOUR ? [ms / MINUTE, 'min'] : [ms / HOUR, 'h'];
  return withUnit(amount < 10 ? formatSignificant(amount, 2) : formatCount(amount), unit);
}

/** Memory or file sizes: `15.6 GB`. Decimal prefixes. */
export function formatBytes(bytes: number): string {
  const scales = [
    { by: 1e9, unit: 'GB' },
    { by: 1e6, unit: 'MB' },
    { by: 1e3, unit: 'kB' },
  ];
  const scale = scales.find(({ by }) => bytes >= by) ?? { by: 1, unit: 'B' };
  const value = bytes / scale.by;
  return withUnit(formatNumber(value, scale.by === 1 || value >= 100 ? 0 : -1), scale.unit);
}

/** `8.4 s`, `2 min 05 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return withUnit(formatNumber(seconds, seconds < 10 ? -1 : 0), 's');
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}${THIN}min ${String(whole % 60).padStart(2, '0')}${THIN}s`;
}

/** `120,400`. */
export function formatCount(count: number): string {
  return formatNumber(count, 0);
}

/** `1 replica`, `4 replicas`. @param noun one with a plural in -s */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `2026-05-04 10:20 UTC` from an ISO time; other text is returned unchanged. */
export function formatTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `a`, `a and b`, `a, b and c`. */
export function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** `{replicas: 2, x: 'y'}` → `replicas=2;x=y`, by name. */
export function formatFactors(factors: Readonly<Record<string, string | number>>): string {
  return Object.entries(factors)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, level]) => `${name}=${level}`)
    .join(';');
}

/** `1 core`, `2 cores`, `0.5 cores` */
export function formatCores(cores: number): string {
  return `${cores} ${cores === 1 ? 'core' : 'cores'}`;
}
