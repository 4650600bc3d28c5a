import { expect, test } from 'vitest';
import type { Series } from '../../core/results/history/series.ts';
import { renderChart } from '../charts/shapes/render.ts';
import { drawTrend, levelsOf, trendSentence } from './chart.ts';
import { historyPage, historySvg, seriesToShow, titleOf } from './page.ts';
import { thinned } from './thinned.ts';

function series(values: readonly number[], overrides: Partial<Series> = {}): Series {
  return {
    machineClass: 'A <fast> machine',
    experiment: 'toll',
    arm: 'jwt-hs256',
    factors: { in_flight: 10 },
    metric: 'cpu_toll_us',
    points: values.map((value, i) => ({
      at: `2026-01-${String(i + 1).padStart(2, '0')}T00:00:00Z`,
      commit: null,
      runId: `r${i}`,
      value,
      low: value * 0.99,
      high: value * 1.01,
      flags: [],
    })),
    ...overrides,
  };
}
const STEPPED = series([20, 20.1, 20, 19.9, 20, 22, 22.1, 21.9, 22]);

test('the levels between changes extend from run to run', () => {
  expect(levelsOf(STEPPED)).toEqual([
    { from: 0.5, to: 5.5, value: 20, end: 20 },
    { from: 5.5, to: 9.5, value: 22, end: 22 },
  ]);
  expect(trendSentence(STEPPED)).toBe('9 runs, now 22 µs. The level changed from 20 to 22 µs at run 6, for the worse.');
});

test('a trend that bends is told with its course', () => {
  const bent = series(Array.from({ length: 60 }, (_, i) => 20 + Math.max(0, i - 30) / 5 + (i % 3) / 20));
  expect(trendSentence(bent)).toMatch(
    /^60 runs, now [\d.]+ µs\. The trend grows from 20[.\d]* to 2[56][.\d]* µs since run 3\d, for the worse\.$/,
  );
});

const RATIO = { metric: 'total_cpu_ratio_to_baseline' } as const;
const flat = (count: number) => Array.from({ length: count }, () => 5);

test('watched series come first, then changed ones; two runs are no trend if others have more, and no series is repeated', () => {
  const cpu = { metric: 'cpu_us_per_request' } as const;
  const shown = seriesToShow([
    series(flat(9), { arm: 'none', ...cpu }),
    series([1, 2], { arm: 'x', ...cpu }),
    STEPPED,
    { ...STEPPED, ...cpu },
    series(flat(9), RATIO),
  ]);
  expect(shown.map(titleOf)).toEqual([
    'jwt-hs256: total_cpu_ratio_to_baseline (in_flight=10)',
    'jwt-hs256: cpu_us_per_request (in_flight=10)',
    'none: cpu_us_per_request (in_flight=10)',
  ]);
});

test('the page separates classes of machines, escapes their names and fetches nothing', async () => {
  const page = await historyPage([
    { ...STEPPED, ...RATIO },
    series([5, 5, 6], { machineClass: 'Another', metric: 'request_bytes' }),
  ]);
  expect(page).toContain('A &lt;fast&gt; machine');
  expect(page).toContain('<h2>Another</h2>');
  expect(page).toContain('+10.0 %');
  expect(page).not.toMatch(/(?:src|href)="(?!data:|#)/);
});

test('an unwatched series has a row with its last value and its change, and no chart', async () => {
  const page = await historyPage([{ ...STEPPED, metric: 'cpu_us_per_request' }, series([1, 2, 1], RATIO)]);
  expect(page.match(/<figure/g)).toHaveLength(1);
  expect(page).toMatch(
    /cpu_us_per_request \(in_flight=10\)<\/th><td>22 µs<\/td><td>20 → 22 µs \(\+10\.0 %\) at run 6, for the worse/,
  );
});

test('a watched series that never varied has a row and no chart', async () => {
  const page = await historyPage([series(flat(9), RATIO)]);
  expect(page).not.toContain('<figure');
  expect(page).toContain('<td>no change of level</td>');
});

test('one run and two runs give a table of watched figures, and say so', async () => {
  const one = await historyPage([series([20], RATIO)]);
  expect(one).toContain('1 run. A trend needs 3.');
  expect(one).not.toContain('<figure');
  expect(one).not.toMatch(/1 runs/);
  expect(await historyPage([series([20, 21], RATIO)])).toContain('2 runs. A trend needs 3.');
});

test('1,500 runs of a hundred arms make a page of at most 2 MB with fewer than 200 drawings', async () => {
  const values = Array.from({ length: 1500 }, (_, i) => 20 + Math.sin(i * i) / 10);
  const all = Array.from({ length: 100 }, (_, arm) => series(values, { arm: `arm-${arm}`, ...RATIO }));
  const page = await historyPage(all);
  expect(page.length).toBeLessThan(2_000_000);
  expect(page.match(/<svg/g)?.length).toBeLessThan(200);
  expect(page).toContain('1,500 runs.');
  expect(page).toMatch(/of 100 series are not on this page|Watched and constant/);
});

test('many runs share a point: their median, between the lowest and the highest value, without omissions', () => {
  const { points } = series(Array.from({ length: 130 }, (_, i) => i + 1));
  const drawn = thinned(points, 60);
  expect(drawn).toHaveLength(44);
  expect(drawn[0]).toEqual({ run: 2, value: 2, low: 1, high: 3 });
  expect(drawn.at(-1)).toEqual({ run: 130, value: 130, low: 130 * 0.99, high: 130 * 1.01 });
  expect(thinned(points.slice(0, 3), 60).map(({ low }) => low)).toEqual([1, 2, 3].map((value) => value * 0.99));
});

test('two kinds of runs are drawn separately, each with its level, and are explained', async () => {
  const values = Array.from({ length: 130 }, (_, i) => (i === 70 ? 0.01 : (i % 3 === 1 ? 30 : 20) + 0.01 * (i % 5)));
  const mixed = series(values.map((value, i) => (i % 8 === 5 ? value * 1.002 : value)).toSpliced(40, 1));
  const drawn = thinned(mixed.points, 60, [
    [0, 2, 3, 5],
    [1, 4],
  ]);
  expect(drawn.map(({ run }) => run)).toEqual([2.5, 6, 3.5]);
  expect(trendSentence(mixed)).toMatch(/Two kinds of run are mixed: 41 runs at 1\.5 × the level of the other 87\.$/);
  expect(
    levelsOf(mixed)
      .map(({ value }) => Math.round(value))
      .toSorted(),
  ).toEqual([20, 30]);
  const lows = [...JSON.stringify(drawTrend(mixed, 860)).matchAll(/"value":([\d.]+),"low"/g)].map(([, value]) =>
    Number(value),
  );
  expect(lows.length).toBeGreaterThan(40);
  expect(lows.filter((value) => value > 21 && value < 29)).toEqual([]);
  expect(lows).toContain(0.01);
});

test('an axis of a single value has no more digits than its figures', async () => {
  const counts = series([43, 43.00000000000004, 43]);
  const labels = [...(await renderChart(drawTrend(counts, 860), 'Counts')).matchAll(/>([\d.]+)</g)].map(
    ([, label = '']) => label,
  );
  expect(labels.length).toBeGreaterThan(2);
  expect(labels.filter((label) => label.length > 5)).toEqual([]);
});

test('an SVG is self-contained', async () => {
  expect(await historySvg([{ ...STEPPED, ...RATIO }])).toMatch(
    /^<svg xmlns[\s\S]*prefers-color-scheme:dark[\s\S]*<\/svg>\n$/,
  );
  await expect(historySvg([])).rejects.toThrow(RangeError);
});
