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

test('names that two columns would cut to the same get the whole width on a phone', () => {
  const points = [{ x: 1, value: 5, low: 4, high: 6, flagged: false }];
  const named = (names: readonly string[]) =>
    panelsSpec(
      names.map((name) => ({ name, colour: '#d55e00', points })),
      NARROW,
      { xTitle: 'replicas', yTitle: 'req/s' },
    );
  expect(named(['session-redis', 'jwt-hs256'])).toMatchObject({ columns: 2 });
  const long = ['by connection, session-memory', 'by connection, session-redis'];
  expect(named(long)).toMatchObject({ columns: 1, facet: { sort: long } });
});
