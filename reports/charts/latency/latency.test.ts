import { expect, test } from 'vitest';
import type { Flag } from '../../../core/results/flags.ts';
import type { Figure } from '../../../core/results/schema.ts';
import { THIN } from '../../../core/text/format.ts';
import { figure } from '../../testing/figure.ts';
import { sampleRun } from '../../testing/sample-run.ts';
import { buildView } from '../../view/view.ts';
import { CANVASES } from '../shapes/chart.ts';
import { renderChart } from '../shapes/render.ts';
import { comparedLoad, latencyFigures } from './figures.ts';
import { latencyLoad } from './load.ts';
import { latencyPercentiles, ninesOf } from './percentiles.ts';

const experiment = 'latency';

interface Options {
  readonly quantile?: string;
  readonly spread?: number;
  readonly flags?: Flag[];
  readonly timing?: string;
}

/** p99 of an arm at a load, counted from the intended send time, in µs. */
function felt(arm: string, load_pct: number, value: number, options: Options = {}): Figure {
  const { quantile = 'p99', spread = 0.02, flags = [], timing = 'corrected' } = options;
  return figure(arm, 'latency_us', value, { experiment, factors: { load_pct, timing, quantile }, spread, flags });
}

function late(arm: string, load_pct: number, value: number): Figure {
  return figure(arm, 'machine_lateness_us', value, { experiment, factors: { load_pct, quantile: 'p99' } });
}

function viewOf(figures: Figure[]) {
  return buildView({ ...sampleRun(), figures });
}

function load(figures: Figure[]) {
  return comparedLoad(latencyFigures(viewOf(figures), 'corrected'));
}

test('each nine takes the same width on the axis of percentiles', () => {
  expect([50, 90, 99, 99.9].map((percent) => Math.round(ninesOf(percent)))).toEqual([2, 10, 100, 1000]);
});

test('arms are compared at the highest load at which most of them got the requested load', () => {
  const missed: Options = { flags: ['rate-missed'] };
  expect(load([felt('a', 50, 1), felt('a', 90, 2), felt('b', 50, 1), felt('b', 90, 2)])).toBe(90);
  expect(load([felt('a', 50, 1), felt('a', 90, 2), felt('b', 50, 1), felt('b', 90, 2, missed)])).toBe(50);
  expect(load([felt('a', 50, 1, missed), felt('a', 90, 2, missed)])).toBe(90);
  expect(load([])).toBeNull();
});

test('a machine that stalled flags a latency, although the load was the requested one', () => {
  expect(load([felt('a', 50, 1), felt('a', 90, 2, { flags: ['machine-stalled'] })])).toBe(90);
});

test('the tails are listed without an order, and the baseline separately: no pair shows one', () => {
  const sentence = latencyPercentiles.sentence(
    viewOf([felt('none', 90, 1_000), felt('jwt-hs256', 90, 2_000), felt('session-redis', 90, 4_000)]),
  );
  expect(sentence).toBe(
    `At 90 % of each arm’s own capacity, by p99: the estimates go from jwt-hs256 (2.00${THIN}ms [1.96–2.04]) to session-redis (4.00${THIN}ms [3.92–4.08]): not compared in pairs, so no order is given.`,
  );
});

test('tails whose intervals overlap are not ranked', () => {
  const sentence = latencyPercentiles.sentence(
    viewOf([felt('jwt-hs256', 90, 2_000, { spread: 0.1 }), felt('session-redis', 90, 2_100, { spread: 0.1 })]),
  );
  expect(sentence).toContain('so no order is given');
  expect(sentence).not.toContain('fastest');
});

test('an arm that missed its rate, or has a single slice, is not ranked, and the sentence gives the reason', () => {
  const sentence = latencyPercentiles.sentence(
    viewOf([
      felt('jwt-hs256', 90, 2_000, { flags: ['rate-missed'] }),
      { ...felt('jwt-rs256', 90, 3_000, { spread: 0 }), blocks: 1 },
      felt('session-redis', 90, 4_000),
    ]),
  );
  expect(sentence).toContain('only session-redis (4.00');
  expect(sentence).toContain(
    'Not ranked: the scheduled load of jwt-hs256 was not fully sent and answered; jwt-rs256 has a single measurement and so no interval.',
  );
});

test('a tail that the machine’s own lateness reaches is reported as hidden by it', () => {
  const figures = [felt('jwt-hs256', 90, 2_000), felt('session-redis', 90, 9_000)];
  const sentence = (machine: number) =>
    latencyPercentiles.sentence(viewOf([...figures, late('jwt-hs256', 90, machine), late('session-redis', 90, 800)]));
  expect(sentence(1_500)).toContain(`During this, the machine itself woke processes up to 1.50${THIN}ms late (p99).`);
  expect(sentence(3_000)).toContain(
    'late (p99), so the contribution of jwt-hs256 is hidden by the machine’s own stalls.',
  );
});

test('arms with the same knee share a clause, and one without a knee is mentioned separately', () => {
  const figures = [
    ...[felt('jwt-hs256', 50, 1_000), felt('jwt-hs256', 75, 1_500), felt('jwt-hs256', 90, 4_000)],
    ...[felt('jwt-rs256', 50, 2_000), felt('jwt-rs256', 75, 2_500), felt('jwt-rs256', 90, 9_000)],
    ...[felt('session-redis', 50, 3_000), felt('session-redis', 75, 3_500), felt('session-redis', 90, 4_000)],
  ];
  expect(latencyLoad.sentence(viewOf(figures))).toBe(
    'p99 reaches twice its value at 50 % load between 75 and 90 % load for jwt-hs256 and jwt-rs256; it stays below twice its value at 50 % load up to 90 % for session-redis.',
  );
});

test('a knee that the intervals leave open is reported as uncertain', () => {
  const figures = [felt('jwt-hs256', 50, 1_000), felt('jwt-hs256', 90, 2_100, { spread: 0.2 })];
  expect(latencyLoad.sentence(viewOf(figures))).toContain('For jwt-hs256 the intervals leave the exact load open');
});

test('no knee is read from a load that was not really offered', () => {
  const figures = [felt('jwt-hs256', 50, 1_000), felt('jwt-hs256', 90, 9_000, { flags: ['generator-saturated'] })];
  expect(latencyLoad.sentence(viewOf(figures))).toContain('No arm has two loads');
});

test.each(CANVASES)('a single slice at a single load still draws on a $name canvas', async (canvas) => {
  const view = viewOf([{ ...felt('jwt-hs256', 50, 1_000, { spread: 0, quantile: 'p50' }), blocks: 1 }]);
  const others = viewOf([{ ...felt('jwt-hs256', 50, 1_000, { spread: 0 }), blocks: 1 }]);
  for (const [chart, shown] of [[latencyPercentiles, view] as const, [latencyLoad, others] as const]) {
    const drawing = chart.draw(shown, canvas);
    if (drawing === null) throw new Error('there is a figure');
    const svg = await renderChart(drawing, chart.title);
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(svg).toMatch(/<circle [^>]*fill="#d55e00"|fill="#d55e00"[^>]*><circle /);
  }
});

test('the second copy of the baseline is not compared', () => {
  expect(latencyFigures(viewOf([felt('none-aa', 90, 1_000)]), 'corrected')).toEqual([]);
});
