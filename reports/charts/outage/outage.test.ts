import { expect, test } from 'vitest';
import type { Metric } from '../../../core/results/metrics.ts';
import type { Timeline } from '../../../core/results/recorded/timeline.ts';
import type { Factors } from '../../../core/results/schema.ts';
import { figure } from '../../testing/figure.ts';
import { sampleRun } from '../../testing/sample-run.ts';
import { buildView } from '../../view/view.ts';
import { outageCharts, rectangles } from './outage.ts';

function timeline(accepted: number[], timedOut: number[]): Timeline {
  const none = accepted.map(() => 0);
  return {
    binMs: 100,
    faultFromMs: 200,
    faultToMs: null,
    accepted,
    refused: none,
    forbidden: none,
    unavailable: none,
    other: none,
    error: none,
    timedOut,
    p50Ms: none,
    maxMs: none,
  };
}

test('equal neighbouring bins are one rectangle, and shares are stacked', () => {
  const found = rectangles(timeline([10, 10, 0, 4, 3], [0, 0, 10, 6, 0]));
  expect(found.map(({ from, to, low, high }) => [from, to, low, high])).toEqual([
    [-0.2, 0, 0, 100],
    [0, 0.1, 0, 100],
    [0.1, 0.2, 0, 40],
    [0.1, 0.2, 40, 100],
    [0.2, 0.3, 0, 100],
  ]);
});

test('requests accepted only after a long wait are distinguished from those accepted at once', () => {
  const slow = { ...timeline([10, 10, 10], [0, 0, 0]), p50Ms: [2, 900, 2] };
  const colours = rectangles(slow).map(({ colour }) => colour);
  expect(colours).toHaveLength(3);
  expect(colours[0]).toBe(colours[2]);
  expect(colours[1]).not.toBe(colours[0]);
});

test('a bin in which no request was due stays empty', () => {
  expect(rectangles(timeline([10, 0, 10], [0, 0, 0])).map(({ from, to }) => [from, to])).toEqual([
    [-0.2, -0.1],
    [0, 0.1],
  ]);
});

test('the sentence names the arms that accepted all requests, none and some', () => {
  const share = (arm: string, value: number) =>
    figure(arm, 'outage_accepted_pct', value, {
      experiment: 'outage',
      factors: { fault: 'redis-frozen', route: 'me', ...(arm === 'session-redis' ? { redis_client: 'tuned' } : {}) },
    });
  const figures = [share('none', 100), share('session-redis', 0), share('jwt-hs256', 61.5)];
  const chart = outageCharts.find(({ id }) => id === 'outage-redis-frozen');
  expect(chart?.sentence(buildView({ ...sampleRun(), figures }))).toBe(
    'While Redis was frozen, none (the baseline) accepted every authenticated request; session-redis accepted no request (0 %); jwt-hs256 accepted some (62 %).',
  );
});

test('the sentence states the duration of the outage and the client for which the wait was measured', () => {
  const factors = { fault: 'redis-restarted-with-data' };
  const at = (arm: string, metric: Metric, value: number, more: Factors) =>
    figure(arm, metric, value, { experiment: 'outage', factors: { ...factors, ...more } });
  const defaults = { redis_client: 'defaults' };
  const figures = [
    at('none', 'outage_accepted_pct', 100, { route: 'me' }),
    at('session-redis', 'outage_accepted_pct', 100, { route: 'me', ...defaults }),
    at('none', 'recovery_ms', 0, {}),
    at('session-redis', 'recovery_ms', 1_450, defaults),
    at('session-redis', 'outage_away_ms', 2_300, defaults),
    at('session-redis', 'requests_held', 231, defaults),
    at('session-redis', 'held_settled_ms', 1_460, defaults),
  ];
  const chart = outageCharts.find(({ id }) => id === 'outage-redis-restarted-with-data');
  expect(chart?.sentence(buildView({ ...sampleRun(), figures }))).toMatch(
    /\. Back after 2\.3\ss, session-redis · defaults, with ioredis' default settings, was last to answer a request sent after the return: it took 1\.\d+\ss; of 231 requests that waited for its return, the last was answered, or timed out after 3\ss, 1\.\d+\ss after it\.$/,
  );
});
