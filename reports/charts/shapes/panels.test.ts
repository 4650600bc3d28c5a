import { expect, test } from 'vitest';
import { NARROW } from './chart.ts';
import { panelTitles } from './panel-grid.ts';
import { drawPanels } from './panels.ts';
import { renderChart } from './render.ts';

test('names cut to the same title stay two panels', () => {
  // Eight characters of eight pixels: the number is within them.
  expect(panelTitles(['session-one', 'session-two', 'jwt'], 64)).toEqual(['session…', 'ses… (2)', 'jwt']);
});

test('a single number of replicas still draws its point', async () => {
  const points = [{ x: 1, value: 5000, low: 4900, high: 5100, flagged: false }];
  const series = [{ name: 'jwt-hs256', arm: 'jwt-hs256', colour: '#d55e00', points }];
  const drawing = drawPanels(series, NARROW, { xTitle: 'replicas', yTitle: 'req/s' });
  const svg = await renderChart(drawing, 'One');
  expect(svg).not.toMatch(/NaN|Infinity/);
  expect(svg).toMatch(/<circle cx="[^"]*"[^>]* fill="#d55e00"/);
});

test('names that two columns would cut to the same title get the full width on a phone', async () => {
  const points = [{ x: 1, value: 5, low: 4, high: 6, flagged: false }];
  const drawn = (names: readonly string[]) =>
    renderChart(
      drawPanels(
        names.map((name) => ({ name, arm: name, colour: '#d55e00', points })),
        NARROW,
        { xTitle: 'replicas', yTitle: 'req/s' },
      ),
      'One',
    );
  const columns = (markup: string) =>
    new Set([...markup.matchAll(/<g transform="translate\(([\d.]+),[^>]* class="slot"/g)].map(([, x]) => x)).size;
  expect(columns(await drawn(['session-redis', 'jwt-hs256']))).toBe(2);
  const long = ['by connection, session-memory', 'by connection, session-redis'];
  expect(columns(await drawn(long))).toBe(1);
  for (const name of long) expect(await drawn(long)).toContain(`>${name}</text>`);
});
