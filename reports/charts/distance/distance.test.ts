import { expect, test } from 'vitest';
import type { Figure } from '../../../core/results/schema.ts';
import { THIN } from '../../../core/text/format.ts';
import { figure } from '../../testing/figure.ts';
import { sampleRun } from '../../testing/sample-run.ts';
import { buildView } from '../../view/view.ts';
import { CANVASES } from '../shapes/chart.ts';
import { renderChart } from '../shapes/render.ts';
import { distanceLatency } from './latency.ts';
import { distanceThroughput } from './throughput.ts';

const experiment = 'distance';

function rows(arm: string, roundTrips: number, rps: number): Figure[] {
  const levels = [0, 0.2, 0.5, 1.5].flatMap((rtt_ms) => {
    const us = 250 + roundTrips * 1000 * rtt_ms;
    const alone = { rtt_ms, in_flight: 1 };
    const many = { rtt_ms, in_flight: 16 };
    const own = [
      figure(arm, 'latency_us', us, { experiment, factors: { ...alone, quantile: 'mean' } }),
      figure(arm, 'latency_us', 3 * us, { experiment, factors: { ...alone, timing: 'service', quantile: 'p99' } }),
      figure(arm, 'throughput_rps', 1e6 / us, { experiment, factors: alone }),
      figure(arm, 'throughput_rps', rps, { experiment, factors: many }),
      figure(arm, 'model_throughput_rps', rps * 1.04, { experiment, factors: { ...many, model: 'mva' }, spread: 0 }),
      figure(arm, 'prediction_error_pct', 4, { experiment, factors: { ...many, model: 'mva' } }),
    ];
    return roundTrips === 0
      ? own
      : [...own, figure(arm, 'rtt_us', 1000 * rtt_ms + 90, { experiment, factors: { rtt_ms }, spread: 0 })];
  });
  if (roundTrips === 0) return levels;
  return [...levels, figure(arm, 'round_trips_per_request', roundTrips, { experiment })];
}

const unsure = figure('hybrid', 'round_trips_per_request', 0.02, { experiment, spread: 3 });

test('lists an arm with a wait that may be zero among those that do not wait', () => {
  const figures = [...rows('session-redis', 1, 5_000), ...rows('hybrid', 0, 9_000), unsure];
  expect(distanceLatency.sentence(buildView({ ...sampleRun(), figures }))).toContain(
    'Without a measurable wait: hybrid.',
  );
});

const view = buildView({
  ...sampleRun(),
  figures: [...rows('session-redis', 1, 5_000), ...rows('jwt-hs256', 0, 9_000)],
});

test('states how many round trips a request waits for, and which distance was measured', () => {
  expect(distanceLatency.sentence(view)).toBe(
    `Round trips to Redis that a request waits for: session-redis 1.00${THIN}round trips [0.99–1.01]. Without a measurable wait: jwt-hs256. A requested round trip of 1.5 ms was 1,590${THIN}µs when measured.`,
  );
});

test('states throughput with the most distant Redis, without an order, and the model’s error', () => {
  expect(distanceThroughput.sentence(view)).toContain(
    'With 16 requests in flight and a round trip of 1.5 ms to Redis, the estimates go',
  );
  expect(distanceThroughput.sentence(view)).toContain('no order is given');
  expect(distanceThroughput.sentence(view)).toContain('The model is off by 4 % (median) and 4 % (worst).');
});

test('both are drawn on every canvas, and omitted without figures', async () => {
  const empty = buildView({ ...sampleRun(), figures: [] });
  for (const chart of [distanceLatency, distanceThroughput]) {
    expect(chart.figures(empty)).toEqual([]);
    for (const canvas of CANVASES) {
      expect(chart.draw(empty, canvas)).toBeNull();
      const drawing = chart.draw(view, canvas);
      if (drawing === null) throw new Error(`${chart.id} is not drawn`);
      expect(await renderChart(drawing, chart.title)).toContain('<svg');
    }
  }
});
