import { describe, expect, it } from 'vitest';
import type { Statistic } from './bootstrap/resample.ts';
import { BootstrapError, bootstrap } from './bootstrap.ts';
import { studentQuantile } from './distributions.ts';
import { meanOf } from './estimate.ts';
import { mean, variance } from './location.ts';
import { createRandom } from './random.ts';

const correlation: Statistic = ([x, y], count) => {
  if (x === undefined || y === undefined) return Number.NaN;
  let [sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0];
  for (let index = 0; index < count; index++) {
    const [a, b] = [x[index] ?? 0, y[index] ?? 0];
    sx += a;
    sy += b;
    sxx += a * a;
    syy += b * b;
    sxy += a * b;
  }
  return (count * sxy - sx * sy) / Math.sqrt((count * sxx - sx * sx) * (count * syy - sy * sy));
};

/** Efron & Tibshirani (1993), table 3.1: 15 law schools. */
const LSAT = [576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594];
const GPA = [3.39, 3.3, 2.81, 3.03, 3.44, 3.07, 3.0, 3.43, 3.36, 3.13, 3.12, 2.74, 2.76, 2.88, 2.96];

describe('the law school data', () => {
  const options = { seed: 1, confidence: 0.9, resamples: 20_000, smallSample: false };

  it('has the BCa interval of 0.43 to 0.92 for its correlation that Efron (1987) published', () => {
    const bca = bootstrap([[LSAT], [GPA]], correlation, { ...options, method: 'bca' });
    expect(bca.value).toBeCloseTo(0.776, 3);
    expect(Math.abs(bca.low - 0.43)).toBeLessThan(0.015);
    expect(Math.abs(bca.high - 0.92)).toBeLessThan(0.015);
  });

  it('has the percentile interval of 0.52 to 0.95', () => {
    const percentile = bootstrap([[LSAT], [GPA]], correlation, { ...options, method: 'percentile' });
    expect(Math.abs(percentile.low - 0.524)).toBeLessThan(0.015);
    expect(Math.abs(percentile.high - 0.948)).toBeLessThan(0.01);
  });
});

describe('a statistic of sums', () => {
  const random = createRandom(12);
  const shapes = { 'several forks': [7, 1, 0, 12, 3], 'one fork': [30] };
  it.each(Object.entries(shapes))('has exactly the interval of its columns, by either method: %s', (_, sizes) => {
    const forks = () => sizes.map((size) => Array.from({ length: size }, () => Math.exp(random.normal())));
    const columns = [forks(), forks(), forks()];
    const two = columns.slice(0, 2);
    const sumOf = (values: Float64Array | undefined, count: number) =>
      (values ?? new Float64Array()).subarray(0, count).reduce((sum, value) => sum + value, 0);
    for (const options of [{ seed: 1 }, { seed: 2, method: 'bca', confidence: 0.9 }] as const) {
      expect(bootstrap([columns[0] ?? []], meanOf, options)).toEqual(
        bootstrap([columns[0] ?? []], ([values], count) => sumOf(values, count) / count, options),
      );
      expect(bootstrap(two, { ofSums: ([a = 0, b = 0]) => Math.log(a / b) }, options)).toEqual(
        bootstrap(two, ([a, b], count) => Math.log(sumOf(a, count) / sumOf(b, count)), options),
      );
      expect(bootstrap(columns, { ofSums: ([a = 0, b = 0, c = 0]) => (a + b) / c }, options)).toEqual(
        bootstrap(columns, ([a, b, c], count) => (sumOf(a, count) + sumOf(b, count)) / sumOf(c, count), options),
      );
    }
  });
});

describe('the interval of a mean', () => {
  const random = createRandom(9);
  const forks = Array.from({ length: 5 }, () => {
    const bias = 0.5 * random.normal();
    return Array.from({ length: 12 }, () => 100 + bias + random.normal());
  });

  it('is as wide as the t interval of the fork means', () => {
    const { value, low, high } = bootstrap([forks], meanOf, { seed: 1 });
    const means = forks.map(mean);
    const width = 2 * studentQuantile(0.975, 4) * Math.sqrt(variance(means) / 5);
    expect(value).toBeCloseTo(mean(means), 10);
    expect(high - low).toBeCloseTo(width, 8);
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
  });

  it('is nearly the t interval of the blocks if there is one fork', () => {
    const [blocks = []] = forks;
    const { low, high } = bootstrap([[blocks]], meanOf, { seed: 1, resamples: 20_000 });
    const width = 2 * studentQuantile(0.975, 11) * Math.sqrt(variance(blocks) / 12);
    expect((high - low) / width).toBeGreaterThan(0.95);
    expect((high - low) / width).toBeLessThan(1.05);
  });

  it('keeps a width although the fork means agree by chance', () => {
    const agreeing = [
      [1, 2, 3, 4],
      [4, 3, 2, 1],
      [2, 1, 4, 3],
    ];
    const { low, high } = bootstrap([agreeing], meanOf, { seed: 1 });
    const blockNoise = Math.sqrt(variance(agreeing.flat()) / 12);
    expect((high - low) / 2 / blockNoise).toBeGreaterThan(0.85);
    expect((high - low) / 2 / blockNoise).toBeLessThan(1.15);
  });

  it('is the same from the same seed, and widens with the confidence', () => {
    const options = { seed: 4 };
    expect(bootstrap([forks], meanOf, options)).toEqual(bootstrap([forks], meanOf, options));
    const wide = bootstrap([forks], meanOf, { seed: 4, confidence: 0.99 });
    const narrow = bootstrap([forks], meanOf, { seed: 4, confidence: 0.8 });
    expect(wide.high - wide.low).toBeGreaterThan(narrow.high - narrow.low);
  });

  it('weighs forks by their length, and ignores empty ones', () => {
    const { value, forks: count, blocks } = bootstrap([[[1, 2, 3], [], [4]]], meanOf, { seed: 1 });
    expect(value).toBe(2.5);
    expect(count).toBe(2);
    expect(blocks).toBe(4);
  });
});

describe('the textbook methods', () => {
  const skewed = [[[3, 5, 7, 18, 43, 85, 91, 98, 100, 130, 230, 487]]];
  const plain = { seed: 1, resamples: 20_000, smallSample: false } as const;

  it('mirror the percentiles about the value (basic)', () => {
    const percentile = bootstrap(skewed, meanOf, plain);
    const { value, low, high } = bootstrap(skewed, meanOf, { ...plain, method: 'basic' });
    expect(low).toBeCloseTo(2 * value - percentile.high, 9);
    expect(high).toBeCloseTo(2 * value - percentile.low, 9);
  });

  it('take the spread of a mean, which is known (normal)', () => {
    const { value, low, high } = bootstrap(skewed, meanOf, { ...plain, method: 'normal' });
    const numbers = skewed.flat(2);
    const error = Math.sqrt((variance(numbers) * 11) / 144);
    expect((high - low) / 2 / (1.959964 * error)).toBeCloseTo(1, 1);
    expect((high + low) / 2 / value).toBeCloseTo(1, 1);
  });

  it('leave out the value of a biased statistic, unless told otherwise', () => {
    const largest = ([numbers = new Float64Array()]: readonly Float64Array[], count: number) =>
      -Math.max(...numbers.subarray(0, count));
    const numbers = [Array.from({ length: 40 }, (_, i) => i)];
    const textbook = bootstrap([numbers], largest, { ...plain, method: 'basic' });
    expect(textbook.high).toBeLessThanOrEqual(textbook.value);
    const mirrored = bootstrap([numbers], (columns, count) => largest(columns, count) ** 2, {
      ...plain,
      method: 'normal',
    });
    expect(mirrored.low).toBeGreaterThan(0);
    for (const method of ['percentile', 'basic', 'normal', 'bca'] as const) {
      const { value, low, high } = bootstrap([numbers], largest, { seed: 1, resamples: 500, method });
      expect(low).toBeLessThanOrEqual(value);
      expect(high).toBeGreaterThanOrEqual(value);
    }
  });
});

describe('data without an interval', () => {
  it('has no width if nothing varies, or if there is one block', () => {
    expect(
      bootstrap(
        [
          [
            [7, 7],
            [7, 7],
          ],
        ],
        meanOf,
        { seed: 1 },
      ),
    ).toMatchObject({ value: 7, low: 7, high: 7, forks: 2 });
    expect(bootstrap([[[3]]], meanOf, { seed: 1 })).toMatchObject({ value: 3, low: 3, high: 3, blocks: 1, forks: 1 });
  });

  it('is refused if there is no block, a number is not finite, or columns do not match', () => {
    expect(() => bootstrap([[]], meanOf, { seed: 1 })).toThrow(BootstrapError);
    expect(() => bootstrap([[[1, Number.NaN]]], meanOf, { seed: 1 })).toThrow(/not finite/);
    expect(() => bootstrap([[[1, 2]], [[1]]], meanOf, { seed: 1 })).toThrow(/same number of blocks/);
    expect(() => bootstrap([[[1, 2]]], meanOf, { seed: 1, confidence: 95 })).toThrow(/confidence/);
    expect(() => bootstrap([[[1, 2]]], meanOf, { seed: 1, resamples: 10 })).toThrow(/resamples/);
  });
});
