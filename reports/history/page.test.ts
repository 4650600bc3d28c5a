import { expect, test } from 'vitest';
import type { Series } from '../../core/results/history/history.ts';
import { changesOf } from '../../core/results/history/trend.ts';
import { levelsOf, trendSentence } from './chart.ts';
import { historyPage, historySvg, titleOf, worthShowing } from './page.ts';

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

test('the levels between changes reach from run to run', () => {
  expect(levelsOf(STEPPED, changesOf(STEPPED))).toEqual([
    { from: 0.5, to: 5.5, value: 20 },
    { from: 5.5, to: 9.5, value: 22 },
  ]);
  expect(trendSentence(STEPPED)).toBe('9 runs, now 22 µs. The level changed from 20 to 22 µs at run 6, for the worse.');
});

test('what changed comes first, and two runs make no trend beside longer ones', () => {
  const flat = series([5, 5, 5, 5], { arm: 'none' });
  expect(worthShowing([flat, series([1, 2], { arm: 'x' }), STEPPED]).map(titleOf)).toEqual([
    'jwt-hs256: cpu_toll_us (in_flight=10)',
    'none: cpu_toll_us (in_flight=10)',
  ]);
});

test('the page keeps classes of machines apart, escapes their names and fetches nothing', async () => {
  const page = await historyPage([STEPPED, series([5, 5, 5], { machineClass: 'Another' })]);
  expect(page).toContain('A &lt;fast&gt; machine');
  expect(page).toContain('<h2>Another</h2>');
  expect(page).toContain('+10.0 %');
  expect(page).not.toMatch(/(?:src|href)="(?!data:|#)/);
});

test('an SVG stands by itself', async () => {
  expect(await historySvg([STEPPED])).toMatch(/^<svg xmlns[\s\S]*prefers-color-scheme:dark[\s\S]*<\/svg>\n$/);
  await expect(historySvg([])).rejects.toThrow(RangeError);
});
