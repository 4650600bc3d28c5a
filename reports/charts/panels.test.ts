import { expect, test } from 'vitest';
import { NARROW } from './chart.ts';
import { panelsSpec, panelTitles } from './panels.ts';
import { renderChart } from './render.ts';

test('names that are cut to the same title stay two panels', () => {
  // Eight characters of eight pixels: the number is within them.
  expect(panelTitles(['session-one', 'session-two', 'jwt'], 64)).toEqual(['session…', 'ses… (2)', 'jwt']);
});

test('a single number of replicas still draws its point', async () => {
  const points = [{ x: 1, value: 5000, low: 4900, high: 5100, flagged: false }];
  const series = [{ name: 'jwt-hs256', colour: '#d55e00', points }];
  const spec = panelsSpec(series, NARROW, { xTitle: 'replicas', yTitle: 'req/s' });
  const svg = await renderChart(spec, { id: 'one', sentence: 'One.', width: NARROW.width });
  expect(svg).not.toMatch(/NaN|Infinity/);
  expect(svg).toMatch(/<path [^>]*fill="#d55e00"/);
});
