import { describe, expect, it } from 'vitest';
import type { Measures } from '../measures.ts';
import { beyondShortTurns, coldReplicaCpuNs, coldTurns } from './turn-lengths.ts';

/** Turns that cost exactly c + b·n. */
function turns(options: { c: number; b: number; short: number; long: number; shortTurns: number; longTurns: number }) {
  const { c, b, short, long, shortTurns, longTurns } = options;
  const measures: Measures = {
    short_turns: shortTurns,
    short_requests: shortTurns * short,
    short_replica_cpu_ns: shortTurns * (c + b * short),
    short_redis_cpu_ns: shortTurns * b * short,
    long_turns: longTurns,
    long_requests: longTurns * long,
    long_replica_cpu_ns: longTurns * (c + b * long),
    long_redis_cpu_ns: longTurns * b * long,
    replica_cpu_ns: 1e15,
    redis_cpu_ns: 1e15,
  };
  return { requests: 1e9, measures };
}

describe('turns that cost c + b·n', () => {
  it.each([
    { short: 50, long: 300, shortTurns: 4, longTurns: 4 },
    { short: 50, long: 200, shortTurns: 7, longTurns: 7 },
    { short: 100, long: 1000, shortTurns: 2, longTurns: 2 },
    { short: 50, long: 400, shortTurns: 6, longTurns: 3 },
  ])('give b and c back: %o', (shape) => {
    const slice = turns({ ...shape, c: 300_000, b: 15_000 });
    const requests = beyondShortTurns(slice, 'busy_requests');
    expect(beyondShortTurns(slice, 'busy_replica_cpu_ns') / requests).toBeCloseTo(15_000, 6);
    expect(beyondShortTurns(slice, 'busy_redis_cpu_ns') / requests).toBeCloseTo(15_000, 6);
    expect(coldReplicaCpuNs(slice) / coldTurns(slice)).toBeCloseTo(300_000, 4);
  });

  it('add up over slices', () => {
    const slices = [2, 3, 5].map((n) =>
      turns({ c: 300_000, b: 15_000, short: 50, long: 300, shortTurns: n, longTurns: n }),
    );
    const sum = (of: (slice: (typeof slices)[number]) => number) => slices.map(of).reduce((a, b) => a + b, 0);
    const cpu = sum((slice) => beyondShortTurns(slice, 'busy_replica_cpu_ns'));
    expect(cpu / sum((slice) => beyondShortTurns(slice, 'busy_requests'))).toBeCloseTo(15_000, 6);
    expect(sum(coldReplicaCpuNs) / sum(coldTurns)).toBeCloseTo(300_000, 4);
  });
});

it('uses all turns of a slice with one length, and has no cold-start cost for it', () => {
  const slice = { requests: 100, measures: { replica_cpu_ns: 5e6, redis_cpu_ns: 1e6 } };
  expect(beyondShortTurns(slice, 'busy_requests')).toBe(100);
  expect(beyondShortTurns(slice, 'busy_replica_cpu_ns')).toBe(5e6);
  expect(beyondShortTurns(slice, 'busy_redis_cpu_ns')).toBe(1e6);
  expect(coldReplicaCpuNs(slice)).toBeNaN();
  expect(coldTurns(slice)).toBeNaN();
});
