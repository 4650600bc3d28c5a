import { expect, test } from 'vitest';
import type { Metric } from '../../../core/results/metrics.ts';
import type { Figure } from '../../../core/results/schema.ts';
import { figure } from '../../testing/figure.ts';
import { sampleRun } from '../../testing/sample-run.ts';
import { buildView } from '../../view/view.ts';
import { CANVASES } from '../shapes/chart.ts';
import { renderChart } from '../shapes/render.ts';
import { storeBytes } from './bytes.ts';
import { sizeLabel } from './figures.ts';
import { storeLookup } from './lookup.ts';

const experiment = 'store';

function rows(arm: string, kind: string, bytes: number): Figure[] {
  return [1e3, 1e4, 1e5].flatMap((sessions) => {
    const factors = { kind, sessions };
    return [
      figure(arm, 'bytes_per_session', bytes, { experiment, factors }),
      figure(arm, 'bytes_per_session', bytes * 0.8, { experiment, factors: { ...factors, method: 'memory-usage' } }),
      figure(arm, 'redis_cpu_us_per_command', sessions === 1e3 ? 2 : 3, { experiment, factors }),
      figure(arm, 'lookup_us', 60, { experiment, factors: { ...factors, quantile: 'p50' } }),
    ];
  });
}

const storm = { kind: 'session', sessions: 1e5 };
const view = buildView({
  ...sampleRun(),
  figures: [
    ...rows('session-redis', 'session', 800),
    ...rows('jwt-refresh', 'refresh-family', 150),
    figure('session-redis', 'expiry_ms', 900, { experiment, factors: storm }),
    figure('session-redis', 'lookup_us', 1_200, { experiment, factors: { ...storm, phase: 'calm', quantile: 'p99' } }),
    figure('session-redis', 'lookup_us', 9_000, { experiment, factors: { ...storm, phase: 'storm', quantile: 'p99' } }),
  ],
});

test('sizes are named by their power of ten', () => {
  expect([1e3, 1e6, 1e10, 2_500].map(sizeLabel)).toEqual(['10³', '10⁶', '10¹⁰', '2,500']);
});

test('states the bytes of each at the largest number, and of a million sessions', () => {
  const sentence = storeBytes.sentence(view);
  expect(sentence).toContain('session-redis (session) 800');
  expect(sentence).toContain('among 10⁵');
  expect(sentence).toContain('jwt-refresh (refresh-family) 150');
  expect(sentence).toContain('A million sessions of session-redis thus take 800');
});

test('states the cost of a lookup among few and many, and the effect of a storm of expiry on others', () => {
  const sentence = storeLookup.sentence(view);
  expect(sentence).toMatch(/among 10³ from 2\.00.µs .*among 10⁵ from 3\.00.µs/);
  expect(sentence).toMatch(
    /When 10⁵ entries expire at once in an otherwise empty Redis, it takes 900.ms \[.*\] \(session-redis\) to remove them/,
  );
  expect(sentence).toMatch(/p99 of other lookups rises from 1,200.µs .* to 9,000.µs/);
});

test('states the share of expired sessions removed among live ones, how fast, and what helps', () => {
  const beside = (metric: Metric, value: number, live: number, effort: number) =>
    figure('session-redis', metric, value, {
      experiment,
      factors: { kind: 'session', sessions: 1e4, live_per_ended: live, expire_effort: effort },
    });
  const more = [
    beside('expired_gone_pct', 0.94, 9, 1),
    beside('expiry_watched_ms', 3_000, 9, 1),
    beside('expired_gone_pct', 100, 9, 10),
    beside('expiry_watched_ms', 210, 9, 10),
    beside('expired_gone_pct', 88.9, 1, 1),
    beside('expiry_watched_ms', 3_000, 1, 1),
    beside('expiry_ms', 210, 9, 10),
  ];
  const sentence = storeLookup.sentence(buildView({ ...sampleRun(), figures: [...view.run.figures, ...more] }));
  expect(sentence).toMatch(/in an otherwise empty Redis, it takes 900.ms/);
  expect(sentence).toMatch(
    /Of 10⁴ that ended with nine live entries for each, 0\.9 % were removed after 3.s; with active-expire-effort 10 instead of 1, 100 % were removed after 210.ms\./,
  );
  expect(sentence).toMatch(/Of 10⁴ that ended with one live entry for each, 89 % were removed after 3.s\./);
});

test('both are drawn on every canvas, and omitted without figures', async () => {
  const empty = buildView({ ...sampleRun(), figures: [] });
  for (const chart of [storeBytes, storeLookup]) {
    expect(chart.figures(empty)).toEqual([]);
    for (const canvas of CANVASES) {
      expect(chart.draw(empty, canvas)).toBeNull();
      const drawing = chart.draw(view, canvas);
      if (drawing === null) throw new Error(`${chart.id} is not drawn`);
      expect(await renderChart(drawing, chart.title)).toContain('<svg');
    }
  }
});
