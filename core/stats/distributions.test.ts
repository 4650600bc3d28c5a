import { describe, expect, it } from 'vitest';
import { normalCdf, normalQuantile, studentCdf, studentQuantile } from './distributions.ts';

describe('the normal distribution', () => {
  it('agrees with the tables of Abramowitz & Stegun, deep into the tail', () => {
    expect(normalCdf(0)).toBe(0.5);
    expect(normalCdf(1)).toBeCloseTo(0.841344746068543, 13);
    expect(normalCdf(1.96)).toBeCloseTo(0.97500210485178, 13);
    expect(normalCdf(-3)).toBeCloseTo(0.001349898031630095, 15);
    expect(normalCdf(-10) / 7.61985302416052e-24).toBeCloseTo(1, 10);
  });

  it('has the textbook quantiles', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12);
    expect(normalQuantile(0.995)).toBeCloseTo(2.5758293035489, 11);
    expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306167814, 11);
    expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
    expect(() => normalQuantile(1.1)).toThrow(RangeError);
  });
});

it('repeats a quantile exactly after many others were requested', () => {
  const asked = () => [normalQuantile(0.9), studentQuantile(0.9, 5), studentQuantile(0.95, 5), studentQuantile(0.9, 6)];
  const first = asked();
  expect(new Set(first).size).toBe(4);
  expect(asked()).toEqual(first);
  for (let i = 1; i <= 300; i++) {
    studentQuantile(0.9, 5 + i / 100);
    studentQuantile(0.9 + i / 10_000, 5);
    normalQuantile(0.9 + i / 10_000);
  }
  expect(asked()).toEqual(first);
});

it('has probability 0 or 1 at the ends of each distribution', () => {
  const ends = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  expect(ends.map(normalCdf)).toEqual([0, 1]);
  expect([-1e200, 1e200].map(normalCdf)).toEqual([0, 1]);
  expect(normalCdf(Number.NaN)).toBeNaN();
  for (const degrees of [1, 9_999, 10_000, 1e8, Number.POSITIVE_INFINITY]) {
    expect(ends.map((t) => studentCdf(t, degrees))).toEqual([0, 1]);
    if (degrees >= 9_999) expect([-1e200, 1e200].map((t) => studentCdf(t, degrees))).toEqual([0, 1]);
  }
});

describe('the Student t distribution', () => {
  it.each([
    [1, 12.7062047361747],
    [2, 4.30265272974946],
    [3, 3.18244630528371],
    [5, 2.57058183563631],
    [10, 2.22813885196494],
    [29, 2.04522964213271],
    [100, 1.98397151852355],
  ])('has the printed 97.5 %% point for %i degrees of freedom', (degrees, point) => {
    expect(studentQuantile(0.975, degrees)).toBeCloseTo(point, 9);
    expect(studentCdf(point, degrees)).toBeCloseTo(0.975, 11);
    expect(studentQuantile(0.025, degrees)).toBeCloseTo(-point, 9);
  });

  it('is the Cauchy distribution with one degree of freedom, and has a closed form with two', () => {
    for (const t of [-30, -1, -0.2, 0.5, 4]) {
      expect(studentCdf(t, 1)).toBeCloseTo(0.5 + Math.atan(t) / Math.PI, 12);
      expect(studentCdf(t, 2)).toBeCloseTo(0.5 + t / (2 * Math.sqrt(2 + t * t)), 12);
    }
  });

  it('converges to the normal distribution', () => {
    expect(studentQuantile(0.975, 1e7)).toBeCloseTo(normalQuantile(0.975), 6);
    expect(studentCdf(2, Number.POSITIVE_INFINITY)).toBe(normalCdf(2));
    expect(studentQuantile(0.975, Number.POSITIVE_INFINITY)).toBeCloseTo(normalQuantile(0.975), 12);
    // The first terms of its series in 1/ν (Abramowitz & Stegun 26.7.8), for degrees of freedom as many as requests
    // in a run.
    for (const degrees of [1e5, 1e7, 1e10]) {
      const density = Math.exp(-2) / Math.sqrt(2 * Math.PI);
      const series = normalCdf(2) - (density * (2 ** 3 + 2)) / (4 * degrees);
      expect(Math.abs(studentCdf(2, degrees) - series)).toBeLessThan(1e-13 + 1 / degrees ** 2);
    }
  });

  it('is continuous where the normal approximation begins', () => {
    for (const t of [-8, -3, -0.5, 1e-3, 2, 6]) {
      const [below, above] = [studentCdf(t, 9_999.999), studentCdf(t, 10_000.001)];
      expect(Math.abs(above - below)).toBeLessThan(1e-11);
      expect(above / below).toBeCloseTo(1, 6);
    }
    expect(() => studentQuantile(0.975, 0)).toThrow(RangeError);
  });
});
