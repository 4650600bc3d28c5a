import { expect, it } from 'vitest';
import { armSummary } from '../../../core/results/testing/arm-summary.ts';
import { Evidence } from '../evidence.ts';
import { row } from '../testing/evidence.ts';
import { endedFirst } from './20-ended-first.ts';

const SESSION = 'session-redis';
const arms = [armSummary(SESSION, { role: 'guarded', family: 'session', serverState: 'redis' })];
type Bounds = readonly [low: number, high: number];
const evicted = (samples: number, bounds: Bounds, sessions = 10_000) =>
  row('store', SESSION, 'evicted_live_pct', bounds, {
    kind: 'session',
    sessions,
    live_per_ended: 17,
    eviction_samples: samples,
  });
const judged = (...figures: ReturnType<typeof evicted>[]) => endedFirst.judge(new Evidence(figures, arms));

it('is decided by evictions with the default samples of Redis', () => {
  expect(judged(evicted(5, [0, 0.9]))?.verdict).toBe('holds');
  expect(judged(evicted(5, [0.9, 1.2]))?.verdict).toBe('inconclusive');
  expect(judged(evicted(5, [1, 1.2]))?.verdict).toBe('inconclusive');
  expect(judged(evicted(5, [1.1, 1.3]))?.verdict).toBe('does not hold');
});

it('names the fewest samples that solve it', () => {
  const found = judged(evicted(64, [0, 0.3]), evicted(5, [70, 75]), evicted(10, [45, 50]), evicted(32, [0, 0.4]));
  expect(found?.condition).toBe('maxmemory-samples 32 is set, or Redis has memory for all of them');
  expect(found?.because).toContain('one ended session among 18');
  expect(found?.figures.map(({ label }) => label.match(/\d+$/)?.[0])).toEqual(['5', '10', '32', '64']);
});

it('is decided by the largest measured store, and needs the default samples', () => {
  expect(judged(evicted(5, [0, 0.5], 1_000), evicted(5, [60, 70], 10_000))?.verdict).toBe('does not hold');
  expect(judged(evicted(10, [45, 50]))).toBeNull();
  expect(judged()).toBeNull();
});
