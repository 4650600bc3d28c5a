import { describe, expect, it } from 'vitest';
import type { MetricInfo } from '../../core/results/metrics/metric-info.ts';
import { METRICS } from '../../core/results/metrics.ts';
import type { Quantity } from '../../core/results/quotients/quotient.ts';
import { testSlice } from '../testing/slices.ts';
import {
  amountOf,
  answered,
  hasQuotient,
  pairsOf,
  quantityOf,
  quotientIn,
  quotientOf,
  throughput,
} from './quotients.ts';

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

it('charges nothing for a Redis that ran no command, and its CPU time if it ran some or they were not counted', () => {
  const of = (measures: Parameters<typeof testSlice>[0]['measures']) => {
    const one = testSlice({ experiment: 'toll', arm: 'hybrid', measures: { redis_cpu_ns: 900, ...measures } });
    return [quantityOf(one, 'asked_redis_cpu_ns'), quantityOf(one, 'busy_redis_cpu_ns')];
  };
  expect(of({ redis_commands: 0 })).toEqual([0, 0]);
  expect(of({ redis_commands_with_ramp: 0 })).toEqual([0, 0]);
  expect(of({ redis_commands: 3 })).toEqual([900, 900]);
  expect(of({})).toEqual([900, 900]);
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
  ['busy_requests', 50],
  ['busy_redis_cpu_ns', 7],
  ['cold_turns', Number.NaN],
  ['redis_cpu_ns', 7],
  // A missing measure.
  ['expiry_ms', Number.NaN],
])('reads %s of a slice', (name, value) => {
  expect(quantityOf(slice, name)).toBe(value);
});

it('adds, multiplies, scales and divides in this order', () => {
  expect(amountOf(slice, { sum: ['requests', 'failed'], by: 'seconds', times: 100, dividedBy: 8 })).toBe(140);
});

it('computes throughput from expected responses', () => {
  expect(answered(slice)).toBe(46);
  expect(throughput(slice)).toBeCloseTo(230, 10);
});

it('has no quotient without a measure, or with a zero denominator', () => {
  expect(hasQuotient(slice, { numerator: 'redis_cpu_ns', denominator: 'requests' })).toBe(true);
  expect(hasQuotient(slice, { numerator: 'replica_cpu_ns', denominator: 'requests' })).toBe(false);
  expect(hasQuotient({ ...slice, requests: 0 }, { numerator: 'redis_cpu_ns', denominator: 'requests' })).toBe(false);
  expect(quotientIn(slice, { numerator: 'redis_cpu_ns', denominator: 'requests' })).toBe(0.14);
});

it('compares only quotients that another metric declares', () => {
  const all: Readonly<Record<string, MetricInfo>> = METRICS;
  const compared = Object.values(all).flatMap(({ paired }) => paired ?? []);
  expect(compared.length).toBeGreaterThan(10);
  expect(compared.filter(({ of }) => all[of]?.quotient === undefined)).toEqual([]);
});

/** Two short and two long turns with these CPU times, in ns. */
const turns = (arm: string, block: number, short: number, long: number) =>
  testSlice({
    experiment: 'toll',
    arm,
    block,
    measures: {
      short_turns: 2,
      short_requests: 100,
      short_replica_cpu_ns: short,
      long_turns: 2,
      long_requests: 600,
      long_replica_cpu_ns: long,
    },
  });

describe('pairs for a ratio', () => {
  const CPU = quotientOf('cpu_us_per_request');
  const base = [0, 1, 2].map((block) => turns('none', block, 2e6, 7e6));

  it('use the cost of a request to a busy server', () => {
    const pairs = pairsOf([turns('a', 0, 4e6, 19e6)], base, CPU);
    expect(pairs).toEqual([[{ value: 30, baseline: 10 }]]);
  });

  it('combine a block whose long turns cost less than its short ones with the next', () => {
    const slices = [turns('a', 0, 4e6, 3e6), turns('a', 1, 4e6, 35e6), turns('a', 2, 4e6, 19e6)];
    expect(pairsOf(slices, base, CPU)).toEqual([
      [
        { value: 30, baseline: 10 },
        { value: 30, baseline: 10 },
      ],
    ]);
  });

  it('combine it with the previous one if it is the last, and omit a fork without a ratio', () => {
    const slices = [turns('a', 0, 4e6, 19e6), turns('a', 1, 4e6, 35e6), turns('a', 2, 4e6, 3e6)];
    expect(pairsOf(slices, base, CPU)).toEqual([
      [
        { value: 30, baseline: 10 },
        { value: 30, baseline: 10 },
      ],
    ]);
    expect(pairsOf([turns('a', 0, 4e6, 3e6)], base, CPU)).toEqual([]);
  });

  it('keep every block for a difference', () => {
    const slices = [turns('a', 0, 4e6, 3e6), turns('a', 1, 4e6, 35e6)];
    expect(pairsOf(slices, base, CPU, 'difference').flat()).toEqual([
      { value: -2, baseline: 10 },
      { value: 62, baseline: 10 },
    ]);
  });
});
