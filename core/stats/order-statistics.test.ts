import { describe, expect, it } from 'vitest';
import { quantileInterval, ranksAround } from './order-statistics.ts';
import { createRandom, type Random } from './random.ts';

describe('the ranks around a quantile', () => {
  it('match published tables for the median at 95 %', () => {
    // Conover (1999), Practical Nonparametric Statistics, table A3.
    expect(ranksAround(6, 0.5)).toEqual({ low: 1, high: 6 });
    expect(ranksAround(10, 0.5)).toEqual({ low: 2, high: 9 });
    expect(ranksAround(20, 0.5)).toEqual({ low: 6, high: 15 });
  });

  it('do not exist if too few numbers lie on one side', () => {
    // 2 × 0.5⁵ = 0.0625, and 0.99³⁶⁷ = 0.0250 where 0.99³⁶⁸ = 0.0248.
    expect(ranksAround(5, 0.5)).toBeNull();
    expect(ranksAround(367, 0.99)).toBeNull();
    expect(ranksAround(368, 0.99)?.high).toBe(368);
    expect(ranksAround(368, 0.01)?.low).toBe(1);
  });

  it('are also found in a million numbers', () => {
    // A thousand lie beyond p99.9, give or take 1.96 × √999.
    const ranks = ranksAround(1_000_000, 0.999);
    expect(Math.abs((ranks?.low ?? 0) - (999_000 - 62))).toBeLessThan(4);
    expect(Math.abs((ranks?.high ?? 0) - (999_000 + 62))).toBeLessThan(4);
  });
});

const REPLICATIONS = 2000;

function coverage(count: number, probability: number, draw: (random: Random) => number, truth: number): number {
  const random = createRandom(20);
  let held = 0;
  for (let i = 0; i < REPLICATIONS; i++) {
    const { low, high } = quantileInterval(
      Array.from({ length: count }, () => draw(random)),
      probability,
    );
    if (low <= truth && truth <= high) held++;
  }
  return held / REPLICATIONS;
}

describe('the interval of a quantile', () => {
  it.each([2, 3, 4, 5, 6, 8, 20])('contains the median of normal numbers, with %i values', (count) => {
    expect(coverage(count, 0.5, (random) => random.normal(), 0)).toBeGreaterThan(0.935);
  });

  it.each([3, 4, 8, 20])('contains the median of waiting times, with %i values', (count) => {
    expect(coverage(count, 0.5, (random) => random.exponential(), Math.LN2)).toBeGreaterThan(0.925);
  });

  it('contains p99 of just enough numbers', () => {
    expect(coverage(368, 0.99, (random) => random.random(), 0.99)).toBeGreaterThan(0.935);
  });

  it('contains the value of the quantile, and has no width for a single number', () => {
    expect(quantileInterval([7], 0.5)).toEqual({ value: 7, low: 7, high: 7 });
    expect(quantileInterval([3, 3, 3], 0.5)).toEqual({ value: 3, low: 3, high: 3 });
    expect(quantileInterval([10, 1, 2, 3, 4, 5, 6, 7, 8, 9], 0.5)).toEqual({ value: 5.5, low: 2, high: 9 });
    // t of one degree is 12.706; two numbers a unit apart have a standard deviation of 0.7071.
    expect(quantileInterval([0, 1], 0.5).high).toBeCloseTo(0.5 + 12.7062 * 1.25331 * 0.5, 3);
  });
});
