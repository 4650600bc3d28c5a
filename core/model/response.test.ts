import { expect, it } from 'vitest';
import { largest, responseQuantile } from './response.ts';

const one = (service: number, utilisation: number, delay = 0) => ({
  share: 1,
  delay,
  stages: [{ service, utilisation }],
});

it('gives the quantile of M/M/1: exponential with mean s / (1 − ρ)', () => {
  expect(responseQuantile([one(1, 0)], 0.99)).toBeCloseTo(Math.log(100), 6);
  expect(responseQuantile([one(1, 0.5)], 0.99)).toBeCloseTo(2 * Math.log(100), 6);
  expect(responseQuantile([one(36e-6, 0.48, 0.001)], 0.99)).toBeCloseTo(0.001 + (36e-6 / 0.52) * Math.log(100), 9);
});

it('gives the quantile of two stages: Erlang if they are equal, otherwise hypoexponential', () => {
  const stage = (service: number) => ({ service, utilisation: 0 });
  // e^−t (1 + t) = 0.01 at t = 6.6384 (chi-squared with four degrees of freedom: 13.2767 / 2).
  const alike = responseQuantile([{ share: 1, delay: 0, stages: [stage(1), stage(1)] }], 0.99);
  expect(alike).toBeCloseTo(13.2767 / 2, 3);
  // 2 e^−t/2 − e^−t = 0.01: with x = e^−t/2, x = 1 − √0.99.
  const unlike = responseQuantile([{ share: 1, delay: 0, stages: [stage(2), stage(1)] }], 0.99);
  expect(unlike).toBeCloseTo(-2 * Math.log(1 - Math.sqrt(0.99)), 6);
});

it('mixes paths by their shares: a path of fewer than 1 % does not affect the 99th percentile', () => {
  const way = (share: number, delay: number) => ({ share, delay, stages: [{ service: 1e-9, utilisation: 0 }] });
  expect(responseQuantile([way(0.5, 0), way(0.5, 10)], 0.99)).toBeCloseTo(10, 6);
  expect(responseQuantile([way(0.995, 0), way(0.005, 10)], 0.99)).toBeLessThan(1);
  expect(responseQuantile([way(1, 0), way(0, 10)], 0.99)).toBeLessThan(1);
});

it('is unbounded if a stage is saturated', () => {
  expect(responseQuantile([one(1, 1)], 0.5)).toBe(Number.POSITIVE_INFINITY);
  // The last quantile is unbounded; without service there is only the delay.
  expect(responseQuantile([one(1, 0)], 1)).toBe(Number.POSITIVE_INFINITY);
  expect(responseQuantile([one(0, 0, 2)], 1)).toBeCloseTo(2, 9);
});

it('finds the largest number that fits, and null if none does', () => {
  expect(largest(1, 1e6, (value) => value <= 1234.5)).toBeCloseTo(1234.5, 6);
  expect(largest(1, 1e6, () => true)).toBe(1e6);
  expect(largest(1, 1e6, () => false)).toBeNull();
});
