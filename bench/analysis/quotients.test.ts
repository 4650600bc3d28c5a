import { expect, it } from 'vitest';
import type { MetricInfo } from '../../core/results/metrics/metric-info.ts';
import { METRICS } from '../../core/results/metrics.ts';
import type { Quantity } from '../../core/results/quotient.ts';
import { testSlice } from '../testing/slices.ts';
import { amountOf, answered, hasQuotient, quantityOf, quotientIn, throughput } from './quotients.ts';

const slice = testSlice({
  experiment: 'scale',
  arm: 'none',
  durationMs: 200,
  requests: 50,
  unexpected: 4,
  failed: 6,
  factors: { in_flight: 8, sessions: 1000, replicas: 3 },
  measures: { replica_share_cores: 0.5, redis_cpu_ns: 7 },
});

it.each<[Quantity, number]>([
  ['slices', 1],
  ['requests', 50],
  ['answered', 46],
  ['refused', 10],
  ['failed', 6],
  ['attempted', 56],
  ['seconds', 0.2],
  ['elapsed_ns', 2e8],
  ['in_flight', 8],
  ['sessions', 1000],
  ['allowed_cores', 1.5],
  ['redis_cpu_ns', 7],
  // A measure that it lacks.
  ['expiry_ms', Number.NaN],
])('reads %s of a slice', (name, value) => {
  expect(quantityOf(slice, name)).toBe(value);
});

it('adds, multiplies, scales and divides in this order', () => {
  expect(amountOf(slice, { sum: ['requests', 'failed'], by: 'seconds', times: 100, dividedBy: 8 })).toBe(140);
});

it('gives throughput by what was answered as expected', () => {
  expect(answered(slice)).toBe(46);
  expect(throughput(slice)).toBeCloseTo(230, 10);
});

it('has no quotient without a measure, or with nothing to divide by', () => {
  expect(hasQuotient(slice, { numerator: 'redis_cpu_ns', denominator: 'requests' })).toBe(true);
  expect(hasQuotient(slice, { numerator: 'replica_cpu_ns', denominator: 'requests' })).toBe(false);
  expect(hasQuotient({ ...slice, requests: 0 }, { numerator: 'redis_cpu_ns', denominator: 'requests' })).toBe(false);
  expect(quotientIn(slice, { numerator: 'redis_cpu_ns', denominator: 'requests' })).toBe(0.14);
});

it('compares only what another metric declares as a quotient', () => {
  const all: Readonly<Record<string, MetricInfo>> = METRICS;
  const compared = Object.values(all).flatMap(({ paired }) => paired ?? []);
  expect(compared.length).toBeGreaterThan(10);
  expect(compared.filter(({ of }) => all[of]?.quotient === undefined)).toEqual([]);
});
