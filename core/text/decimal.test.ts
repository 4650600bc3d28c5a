import { expect, it } from 'vitest';
import { createRandom } from '../stats/random.ts';
import { significantDigits, upToDecimals, withDecimals } from './decimal.ts';

/** Ties, carries, powers of ten, the ends of the range, and numbers of all sizes and lengths. */
function* numbers(): Generator<number> {
  yield* [0, 0.5, 1.5, 2.5, 1.005, 1.045, 8.345, 0.05, 0.95, 0.995, 9.5, 9.995, 99.5, 999.5, 999_999.5, 1e21, 1.5e300];
  yield* [Number.MIN_VALUE, Number.EPSILON, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE, Number.POSITIVE_INFINITY];
  for (let power = -12; power <= 24; power++)
    yield* [1, 4.5, 5, 9.499999999999998, 9.5].map((one) => one * 10 ** power);
  const random = createRandom(20_26);
  for (let i = 0; i < 2_000; i++) {
    const value = random.random() * 10 ** (random.random() * 30 - 12);
    yield value;
    // Few digits, so that ties occur.
    yield Number(value.toPrecision(1 + Math.floor(random.random() * 6)));
    yield Math.round(random.random() * 20_000) / 2;
  }
}

const NUMBERS = [...numbers()];
const differing = (ours: (value: number) => string, options: Intl.NumberFormatOptions) => {
  const { format } = new Intl.NumberFormat('en-US', options);
  return NUMBERS.filter((value) => ours(value) !== format(value)).map((value) => [value, ours(value), format(value)]);
};

it.each([0, 1, 2, 3, 4, 9])('writes %d decimals as Intl does', (digits) => {
  const fixed = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  expect(differing((value) => withDecimals(value, digits), fixed)).toEqual([]);
  expect(differing((value) => upToDecimals(value, digits), { maximumFractionDigits: digits })).toEqual([]);
});

it.each([1, 2, 3, 5, 12])('writes %d significant digits as Intl does', (digits) => {
  expect(differing((value) => significantDigits(value, digits), { maximumSignificantDigits: digits })).toEqual([]);
});

it.each([
  [1.005, 2, '1.01'],
  [999_999.5, 0, '1,000,000'],
  [0.04, 1, '0.0'],
  [Number.POSITIVE_INFINITY, 1, '∞'],
  [Number.NaN, 1, 'NaN'],
])('writes %d to %d places as %s', (value, decimals, text) => {
  expect(withDecimals(value, decimals)).toBe(text);
});
