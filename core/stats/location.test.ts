import { describe, expect, it } from 'vitest';
import {
  hodgesLehmann,
  hodgesLehmannShift,
  mean,
  median,
  medianAbsoluteDeviation,
  quantile,
  quantiles,
  variance,
} from './location.ts';

describe('summaries of location and spread', () => {
  it('give the known values of small samples', () => {
    expect(mean([2, 4, 4, 4, 5, 5, 7, 9])).toBe(5);
    expect(variance([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(32 / 7, 12);
    expect(variance([3])).toBe(0);
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(medianAbsoluteDeviation([1, 1, 2, 2, 4, 6, 9])).toBe(1);
  });

  it('give type 7 quantiles, as R and NumPy do', () => {
    expect(quantiles([10, 20, 30, 40], [0, 0.25, 0.5, 0.9, 1])).toEqual([10, 17.5, 25, 37, 40]);
    expect(quantile([7], 0.3)).toBe(7);
    expect(() => quantile([1, 2], 1.5)).toThrow(RangeError);
  });

  it('give each of the nine types of Hyndman and Fan', () => {
    const types = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;
    const tenths = Array.from({ length: 10 }, (_, i) => i + 1);
    // At a step of the empirical distribution: the 3rd number, whatever 0.3 · 10 is in binary.
    expect(types.map((type) => quantile(tenths, 0.3, type))).toEqual([
      3,
      3.5,
      3,
      3,
      3.5,
      expect.closeTo(3.3, 12),
      expect.closeTo(3.7, 12),
      expect.closeTo(3.4333333333, 9),
      expect.closeTo(3.45, 12),
    ]);
    for (const type of types) {
      expect(quantiles([5, 1, 9], [0, 1], type)).toEqual([1, 9]);
      expect(quantile([4], 0.37, type)).toBe(4);
      expect(quantile([7, 7, 7], 0.2, type)).toBe(7);
    }
    // Type 3 goes to the even rank.
    expect(quantiles(tenths, [0.15, 0.25, 0.35], 3)).toEqual([2, 2, 4]);
  });

  it('do not reorder their input', () => {
    const values = [3, 1, 2];
    quantile(values, 0.5);
    expect(values).toEqual([3, 1, 2]);
  });

  it('refuse empty input', () => {
    for (const summary of [mean, median, variance, medianAbsoluteDeviation, hodgesLehmann]) {
      expect(() => summary([])).toThrow(RangeError);
    }
  });
});

describe('the Hodges–Lehmann estimators', () => {
  it('are the median of the Walsh averages', () => {
    // Walsh averages of 1, 2, 6: 1, 1.5, 2, 3.5, 4, 6.
    expect(hodgesLehmann([1, 2, 6])).toBe(2.75);
    expect(hodgesLehmann([5])).toBe(5);
  });

  it('find the shift that Hollander & Wolfe (1999, example 4.1) give for tritiated water: −0.305 from term to midterm', () => {
    const atTerm = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    const midterm = [1.15, 0.88, 0.9, 0.74, 1.21];
    expect(hodgesLehmannShift(atTerm, midterm)).toBeCloseTo(-0.305, 10);
  });

  it('are robust against an outlier, unlike the mean', () => {
    const quiet = [10, 11, 9, 10, 12, 8, 10];
    const wild = [...quiet, 1000];
    expect(Math.abs(hodgesLehmann(wild) - hodgesLehmann(quiet))).toBeLessThan(1);
    expect(mean(wild) - mean(quiet)).toBeGreaterThan(100);
  });
});
