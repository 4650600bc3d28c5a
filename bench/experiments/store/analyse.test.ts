import { expect, it } from 'vitest';
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Figure } from '../../../core/results/schema.ts';
import { testContext, testSlice } from '../../testing/slices.ts';
import { analyseStore } from './analyse.ts';

function histogram(micros: number): string {
  const one = LatencyHistogram.empty();
  for (let i = 0; i < 400; i++) one.record(micros);
  return one.encode();
}

const base = { experiment: 'store', arm: 'session-redis', requests: 300 } as const;
const slices = [0, 1].flatMap((fork) => [
  testSlice({
    ...base,
    fork,
    mode: 'fill',
    factors: { kind: 'session', sessions: 100_000 },
    measures: { used_memory_bytes: 51_200_000, rss_bytes: 70_000_000, usage_bytes: 420 },
  }),
  testSlice({
    ...base,
    fork,
    block: 1,
    mode: 'lookup',
    factors: { kind: 'session', sessions: 100_000 },
    measures: { redis_cpu_ns: 20e6, redis_commands: 10_000 },
    histograms: { lookup: histogram(60) },
  }),
  testSlice({
    ...base,
    fork,
    block: 2,
    mode: 'lookup',
    durationMs: 1_000,
    factors: { kind: 'session', sessions: 100_000, phase: 'storm' },
    measures: { redis_cpu_ns: 250e6, expiry_ms: 900 },
    histograms: { lookup: histogram(500) },
  }),
]);
const besideLive = [0, 1].map((fork) =>
  testSlice({
    ...base,
    fork,
    block: 3,
    mode: 'lookup',
    factors: { kind: 'session', sessions: 10_000, live_per_ended: 9, expire_effort: 1 },
    measures: { ended_keys: 20_000, gone_keys: 200 + 200 * fork, live_keys: 180_000, expiry_watched_ms: 3_000 },
  }),
);
const figures = analyseStore(slices, testContext);
const find = (metric: string, factors: Figure['factors']) =>
  figures.find((each) => each.metric === metric && JSON.stringify(each.factors) === JSON.stringify(factors));

it('reports the bytes of a session by growth, by resident memory and by Redis’s own estimate', () => {
  const factors = { kind: 'session', sessions: 100_000 };
  expect(find('bytes_per_session', factors)?.value).toBeCloseTo(512, 9);
  expect(find('bytes_per_session', { ...factors, method: 'rss' })?.value).toBeCloseTo(700, 9);
  expect(find('bytes_per_session', { ...factors, method: 'memory-usage' })?.value).toBeCloseTo(420, 9);
});

it('reports the cost of a lookup, and its cost while many expire', () => {
  const factors = { kind: 'session', sessions: 100_000 };
  expect(find('lookup_us', { ...factors, quantile: 'p50' })?.value).toBe(60);
  expect(find('redis_cpu_us_per_command', factors)?.value).toBeCloseTo(2, 9);
  expect(find('lookup_us', { ...factors, phase: 'storm', quantile: 'p99' })?.value).toBe(500);
  expect(find('redis_utilisation', { ...factors, phase: 'storm' })?.value).toBeCloseTo(25, 9);
  expect(find('expiry_ms', factors)?.value).toBeCloseTo(900, 9);
});

it('reports the share of expired sessions among live ones that were removed, and how fast', () => {
  const beside = analyseStore(besideLive, testContext);
  const value = (metric: string) => beside.find((each) => each.metric === metric)?.value;
  expect(value('expired_gone_pct')).toBeCloseTo(1.5, 9);
  expect(value('expiry_watched_ms')).toBeCloseTo(3_000, 9);
  // Some remain, so there is no time of complete removal.
  expect(value('expiry_ms')).toBeUndefined();
});

it('reports which share of the keys evicted by a full Redis were live sessions', () => {
  const full = [0, 1].map((fork) =>
    testSlice({
      ...base,
      fork,
      block: 4,
      mode: 'fill',
      factors: { kind: 'session', sessions: 10_000, live_per_ended: 17, eviction_samples: 5 },
      measures: { evicted_keys: 200, evicted_live_keys: 140 + 20 * fork, ended_left_keys: 500 },
    }),
  );
  const figures = analyseStore(full, testContext);
  expect(figures.map(({ metric }) => metric)).toEqual(['evicted_live_pct']);
  expect(figures[0]?.value).toBeCloseTo(75, 9);
  expect(figures[0]?.factors).toEqual(full[0]?.factors);
});
