import { describe, expect, it } from 'vitest';
import { BootstrapError } from './bootstrap.ts';
import { estimate, estimateRatioOfSums } from './estimate.ts';
import { createRandom } from './random.ts';
import { geometricMean, pairedDifference, pairedRatio } from './ratio.ts';

const seed = 1;
const random = createRandom(2);
const noisy = (centre: number) =>
  Array.from({ length: 4 }, () => Array.from({ length: 10 }, () => centre * Math.exp(0.05 * random.normal())));

describe('an estimate', () => {
  it('is the mean, geometric mean or median of all blocks, inside its interval', () => {
    const forks = [
      [1, 2],
      [4, 8],
    ];
    expect(estimate(forks, { statistic: 'mean', seed }).value).toBe(3.75);
    expect(estimate(forks, { statistic: 'geomean', seed }).value).toBeCloseTo(2 ** 1.5, 12);
    expect(estimate(forks, { statistic: 'median', seed }).value).toBe(3);
    for (const statistic of ['mean', 'geomean', 'median'] as const) {
      const { value, low, high, blocks, forks: count, confidence } = estimate(noisy(30), { statistic, seed });
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
      expect({ blocks, count, confidence }).toEqual({ blocks: 40, count: 4, confidence: 0.95 });
    }
  });

  it('of a constant is that constant, exactly, with no width', () => {
    const constant = [
      [0.1, 0.1],
      [0.1, 0.1],
    ];
    for (const statistic of ['mean', 'geomean', 'median'] as const) {
      expect(estimate(constant, { statistic, seed })).toMatchObject({
        low: estimate(constant, { statistic, seed }).value,
      });
    }
    expect(estimate(constant, { statistic: 'geomean', seed })).toMatchObject({ value: 0.1, low: 0.1, high: 0.1 });
    expect(estimate([[5]], { statistic: 'mean', seed })).toMatchObject({ value: 5, low: 5, high: 5, blocks: 1 });
  });

  it('of very many blocks has the mean of all, and an interval as wide as theory says', () => {
    const source = createRandom(7);
    const many = Array.from({ length: 3 }, () => Array.from({ length: 1_001 }, () => 30 + source.normal()));
    const { value, low, high, blocks, forks } = estimate(many, { statistic: 'mean', seed });
    expect(value).toBeCloseTo(many.flat().reduce((sum, one) => sum + one, 0) / 3_003, 9);
    expect({ blocks, forks }).toEqual({ blocks: 3_003, forks: 3 });
    // Forks differ by chance alone, so the half-width is between one standard error of blocks and the limit of two
    // degrees of freedom.
    expect((high - low) / 2).toBeGreaterThan(0.9 / Math.sqrt(3_003));
    expect((high - low) / 2).toBeLessThan((4.4 * 3) / Math.sqrt(3_003));
    const parts = many.map((fork) => fork.map((numerator) => ({ numerator, denominator: 1 })));
    expect(estimateRatioOfSums(parts, { seed }).value).toBeCloseTo(value, 9);
  });

  it('refuses the geometric mean of numbers that are not positive', () => {
    expect(() => estimate([[1, 0]], { statistic: 'geomean', seed })).toThrow(BootstrapError);
  });
});

describe('a ratio of sums', () => {
  it('weighs blocks by their size', () => {
    const forks = [
      [{ numerator: 10, denominator: 1 }],
      [
        { numerator: 90, denominator: 9 },
        { numerator: 20, denominator: 10 },
      ],
    ];
    expect(estimateRatioOfSums(forks, { seed }).value).toBe(6);
  });

  it('is exact if every request costs the same', () => {
    const counted = [[300, 600], [900]].map((fork) => fork.map((n) => ({ numerator: 3 * n, denominator: n })));
    const { value, low, high } = estimateRatioOfSums(counted, { seed });
    expect(value).toBe(3);
    expect(low).toBeCloseTo(3, 12);
    expect(high).toBeCloseTo(3, 12);
  });

  it('may be zero, and has an interval if some blocks are', () => {
    const none = [
      [
        { numerator: 0, denominator: 10 },
        { numerator: 0, denominator: 20 },
      ],
    ];
    expect(estimateRatioOfSums(none, { seed })).toMatchObject({ value: 0, low: 0, high: 0 });
    const some = [
      [
        { numerator: 0, denominator: 10 },
        { numerator: 5, denominator: 10 },
      ],
    ];
    expect(estimateRatioOfSums(some, { seed }).high).toBeGreaterThan(0.25);
  });

  it('refuses a block without requests', () => {
    expect(() => estimateRatioOfSums([[{ numerator: 1, denominator: 0 }]], { seed })).toThrow(/positive denominator/);
  });
});

describe('paired comparisons', () => {
  const pairs = Array.from({ length: 4 }, () =>
    Array.from({ length: 10 }, () => {
      // The machine's drift, by a factor of two, affects both sides of a pair.
      const drift = 1 + random.random();
      return { value: 60 * drift * Math.exp(0.02 * random.normal()), baseline: 30 * drift };
    }),
  );

  it('cancel the drift that both sides share', () => {
    const { value, low, high } = pairedRatio(pairs, { seed });
    expect(low).toBeLessThan(2);
    expect(high).toBeGreaterThan(2);
    expect((high - low) / value).toBeLessThan(0.05);
  });

  it('give the reciprocal ratio and the negated difference when swapped', () => {
    const swapped = pairs.map((fork) => fork.map(({ value, baseline }) => ({ value: baseline, baseline: value })));
    const [there, back] = [pairedRatio(pairs, { seed }), pairedRatio(swapped, { seed })];
    expect(there.value * back.value).toBeCloseTo(1, 12);
    expect(there.low * back.high).toBeCloseTo(1, 3);
    const [more, less] = [pairedDifference(pairs, { seed }), pairedDifference(swapped, { seed })];
    expect(more.value).toBeCloseTo(-less.value, 10);
    expect(more.low).toBeGreaterThan(0);
  });

  it('refuse a ratio to zero', () => {
    expect(() => pairedRatio([[{ value: 1, baseline: 0 }]], { seed })).toThrow(/positive/);
    expect(geometricMean([1, 10, 100])).toBeCloseTo(10, 12);
    expect(geometricMean([1, 0])).toBeNaN();
    expect(geometricMean([])).toBeNaN();
  });
});
