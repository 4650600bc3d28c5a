import { expect, test } from 'vitest';
import {
  counted,
  formatBytes,
  formatChange,
  formatCores,
  formatCount,
  formatDuration,
  formatEstimate,
  formatFactors,
  formatFixed,
  formatInUnit,
  formatNumber,
  formatParts,
  formatRange,
  formatRatio,
  formatSeconds,
  formatSignificant,
  formatTime,
  formatUpTo,
  formatValue,
  list,
  roundingExponent,
  THIN,
} from './format.ts';

const µs = (value: number, low: number, high: number) => ({ value, low, high, unit: 'µs' });

test('an estimate shows the digits that its interval supports', () => {
  expect(formatEstimate(µs(34.1234, 33.8111, 34.5222))).toBe(`34.1${THIN}µs [33.8–34.5]`);
  expect(formatEstimate(µs(34.1234, 34.0911, 34.1555))).toBe(`34.12${THIN}µs [34.09–34.16]`);
  expect(formatEstimate(µs(128.4, 120.2, 137.9))).toBe(`128${THIN}µs [120–138]`);
  expect(formatEstimate(µs(128.4, 105.2, 151.9))).toBe(`130${THIN}µs [110–150]`);
});

test('a wide interval leaves two digits of the value', () => {
  expect(formatEstimate(µs(34.1, 2, 91))).toBe(`34${THIN}µs [2–91]`);
  expect(formatEstimate({ value: 12_345, low: 9_000, high: 15_700, unit: 'req/s' })).toBe(
    `12,000${THIN}req/s [9,000–16,000]`,
  );
});

test('an interval as wide as its value leaves two digits of the wider', () => {
  expect(formatEstimate({ value: 2.13, low: 1.24, high: 4.38, unit: '×' })).toBe('2.1× [1.2–4.4]');
  expect(formatEstimate(µs(6.4, -45.2, 48.1))).toBe(`6${THIN}µs [−45–48]`);
});

test('a counted figure has no range, and integers stay integers', () => {
  expect(formatRange({ value: 2, low: 2, high: 2, unit: 'commands' })).toBeNull();
  expect(formatEstimate({ value: 2, low: 2, high: 2, unit: 'commands' })).toBe('2');
  expect(formatEstimate({ value: 512, low: 512, high: 512, unit: 'B' })).toBe(`512${THIN}B`);
  expect(formatEstimate({ value: 1.00412, low: 1.00412, high: 1.00412, unit: 'commands' })).toBe('1.00');
});

test('a ratio directly precedes its sign', () => {
  expect(formatEstimate({ value: 1.5812, low: 1.5512, high: 1.6112, unit: '×' })).toBe('1.58× [1.55–1.61]');
});

test('large amounts use a larger unit, including their bounds', () => {
  expect(formatEstimate(µs(80_123, 79_500, 80_900))).toBe(`80.1${THIN}ms [79.5–80.9]`);
  expect(formatValue({ value: 84_213_760, low: 84_213_760, high: 84_213_760, unit: 'B' })).toBe(`84.2${THIN}MB`);
});

test('a negative number has a real minus sign, and zero has none', () => {
  expect(formatNumber(-12.3456, -2)).toBe('−12.35');
  expect(formatNumber(0, -2)).toBe('0.00');
  expect(formatNumber(1234.5, 0)).toBe('1,235');
});

test('the rounding is finite for zero and for tiny widths', () => {
  expect(roundingExponent({ value: 0, low: 0, high: 0 })).toBe(0);
  expect(roundingExponent({ value: 0, low: -0.02, high: 0.03 })).toBe(-3);
  expect(roundingExponent({ value: 5, low: 5, high: 5 + 1e-12 })).toBe(-4);
});

test('sizes, durations, counts, times and factors are readable text', () => {
  expect(formatBytes(16_600_000_000)).toBe(`16.6${THIN}GB`);
  expect(formatBytes(12)).toBe(`12${THIN}B`);
  expect(formatSeconds(8.42)).toBe(`8.4${THIN}s`);
  expect(formatSeconds(125)).toBe(`2${THIN}min 05${THIN}s`);
  expect(formatSeconds(119.7)).toBe(`2${THIN}min 00${THIN}s`);
  expect(formatCount(120_400)).toBe('120,400');
  expect(formatTime('2026-05-04T10:20:30.000Z')).toBe('2026-05-04 10:20 UTC');
  expect(formatTime('soon')).toBe('soon');
  expect(formatFactors({ replicas: 2, load: 'high' })).toBe('load=high;replicas=2');
});

test('a list reads as a sentence', () => {
  expect([list([]), list(['a']), list(['a', 'b']), list(['a', 'b', 'c'])]).toEqual(['', 'a', 'a and b', 'a, b and c']);
});

test('fixed, at most and significant digits', () => {
  expect([formatFixed(1234.567, 1), formatFixed(-0.06, 1), formatFixed(2, 2)]).toEqual(['1,234.6', '−0.1', '2.00']);
  expect([formatUpTo(261, 2), formatUpTo(0.504, 2), formatUpTo(0, 2)]).toEqual(['261', '0.5', '0']);
  expect([
    formatSignificant(0.12345),
    formatSignificant(45.6),
    formatSignificant(-7),
    formatSignificant(1234.5),
  ]).toEqual(['0.123', '45.6', '−7', '1,230']);
  expect([formatSignificant(0), formatSignificant(1234.56, 4)]).toEqual(['0', '1,235']);
});

test('changes, ratios near 1 and spans of time read as text', () => {
  expect([formatChange(1.0321), formatChange(0.99), formatChange(1)]).toEqual(['+3.2 %', '−1.0 %', '0.0 %']);
  expect(formatRatio({ value: 1.008, low: 0.99, high: 1.0294 })).toBe('1.008 [0.990–1.029]');
  expect([0, 4.26, 870, 1_240, 846_000, 43_200_000].map(formatDuration)).toEqual(
    ['0', '4.3', '870', '1.2', '14', '12'].map(
      (amount, i) => `${amount}${THIN}${['ms', 'ms', 'ms', 's', 'min', 'h'][i]}`,
    ),
  );
});

test('the parts of an estimate are those of its text', () => {
  expect(formatParts(µs(80_123, 79_500, 80_900))).toEqual({ number: '80.1', range: '79.5–80.9', unit: 'ms' });
  expect(formatParts({ value: 2, low: 2, high: 2, unit: 'commands' })).toEqual({
    number: '2',
    range: null,
    unit: 'commands',
  });
});

test('a value other than zero is not shown as zero, however wide its interval', () => {
  expect(formatEstimate(µs(28, 1, 3_950))).toBe(`30${THIN}µs [<10–3,950]`);
  expect(formatEstimate(µs(0.25, 0.0001, 15.7))).toBe(`0.3${THIN}µs [<0.1–15.7]`);
  expect(formatEstimate(µs(20, -0.4, 42))).toBe(`20${THIN}µs [>−1–42]`);
  expect([formatNumber(0.00002, -4), formatNumber(-0.001, -2), formatNumber(0.4, 0)]).toEqual([
    '<0.0001',
    '>−0.01',
    '<1',
  ]);
  expect([formatFixed(0.04, 1), formatUpTo(-0.001, 2), formatCount(0.3), formatSeconds(0.01)]).toEqual([
    '<0.1',
    '>−0.01',
    '<1',
    `<0.1${THIN}s`,
  ]);
  expect([formatChange(1.00004), formatChange(0.9999)]).toEqual(['+0.004 %', '−0.01 %']);
  expect(formatEstimate(µs(0, -45, 48))).toBe(`0${THIN}µs [−45–48]`);
});

test('a count that was divided and multiplied again is shown as a count', () => {
  const bytes = { value: 42.99999999999999, low: 42.99999999999998, high: 43.00000000000001, unit: 'B' };
  expect(formatEstimate(bytes)).toBe(`43${THIN}B`);
});

test('an unbounded interval is shown, and rounded by its finite end', () => {
  expect(formatEstimate({ value: 4.12, low: 3.3, high: Number.POSITIVE_INFINITY, unit: 'ms' })).toBe(
    `4.1${THIN}ms [3.3–∞]`,
  );
});

test('an estimate in its own unit is shown next to a limit in that unit, with the digits of its interval', () => {
  expect(formatInUnit(µs(71_234, 70_100, 72_300))).toBe(`71,000 [70,000–72,000]${THIN}µs`);
  expect(formatInUnit({ value: 43, low: 43, high: 43, unit: 'B' })).toBe(`43${THIN}B`);
});

test('one core is singular, and every other number of them plural', () => {
  expect([1, 2, 0.5, 64].map(formatCores)).toEqual(['1 core', '2 cores', '0.5 cores', '64 cores']);
});

test('a count is followed by the singular or plural of its noun', () => {
  expect([0, 1, 2, 1200].map((count) => counted(count, 'replica'))).toEqual([
    '0 replicas',
    '1 replica',
    '2 replicas',
    '1,200 replicas',
  ]);
});
