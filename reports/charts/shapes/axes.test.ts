import { expect, test } from 'vitest';
import { spread } from './arm-lines.ts';
import { type AxisOptions, bottomAxis } from './axes.ts';
import { WIDE } from './chart.ts';
import { type Drawing, pixels } from './drawing.ts';
import { drawRanked } from './ranked.ts';
import { renderChart } from './render.ts';
import { CHART_CONFIG } from './theme.ts';

interface Label {
  readonly x: number;
  readonly text: string;
}

/** The labels below an axis of 100 px, and their positions. */
async function labelsOf(options: Omit<AxisOptions, 'title'>): Promise<Label[]> {
  const spec: Drawing['spec'] = {
    width: 100,
    height: 20,
    config: CHART_CONFIG,
    data: { values: [{ at: options.domain[1], y: 10 }] },
    mark: 'point',
    encoding: { x: { field: 'at', ...bottomAxis({ ...options, title: '' }) }, y: pixels('y') },
  } as Drawing['spec'];
  return labelsIn(await renderChart({ width: 120, height: 60, left: 0, top: 0, spec }, 'An axis'));
}

const labelsIn = (svg: string) =>
  [...svg.matchAll(/<text x="([-\d.]+)" y="[\d.]+">([^<]+)<\/text>/g)].map(([, x, text = '']) => ({
    x: Number(x),
    text,
  }));

test('a linear axis preserves differences, a logarithmic one ratios', async () => {
  expect(await labelsOf({ scale: 'linear', domain: [0, 200], count: 4 })).toEqual([
    { x: 0, text: '0' },
    { x: 25, text: '50' },
    { x: 50, text: '100' },
    { x: 75, text: '150' },
    { x: 100, text: '200' },
  ]);
  expect(await labelsOf({ scale: 'log', domain: [1, 100] })).toEqual([
    { x: 0, text: '1' },
    { x: 50, text: '10' },
    { x: 100, text: '100' },
  ]);
});

test('counts have integer ticks only', async () => {
  const labels = await labelsOf({ scale: 'linear', domain: [0, 2], count: 6, whole: true });
  expect(labels.map(({ text }) => text)).toEqual(['0', '1', '2']);
});

test.each([
  [[0, 0.1], 2, ['0', '0.05', '0.1']],
  [[0, 3000], 3, ['0', '1,000', '2,000', '3,000']],
  [[0, 40_000], 2, ['0', '20k', '40k']],
  [[0, 5e6], 2, ['0', '2M', '4M']],
  [[-100, 0], 2, ['−100', '−50', '0']],
] as const)('labels over %j are short, and keep a real minus sign', async (domain, count, expected) => {
  const labels = await labelsOf({ scale: 'linear', domain, count });
  expect(labels.map(({ text }) => text)).toEqual(expected);
});

test('overlapping names are moved apart in the order of their lines, within the panel', () => {
  const places = spread([50, 51, 299, 300, 10], 6, 294);
  const order = [4, 0, 1, 2, 3].map((index) => places[index] ?? 0);
  for (const [i, y] of order.slice(1).entries()) expect(y - (order[i] ?? 0)).toBeGreaterThanOrEqual(15);
  expect(Math.max(...places)).toBe(294);
  expect(places[4]).toBe(10);
});

test('one unbounded interval does not compress the others, and is cut at the edge', async () => {
  const row = (label: string, value: number, high: number) => ({
    label,
    arm: label,
    colour: '#000',
    text: '',
    tip: label,
    value,
    low: value / 2,
    high,
  });
  const drawing = drawRanked([row('a', 1, 1.5), row('b', 2, 1e9)], WIDE, { axisTitle: '×', scale: 'linear' });
  const svg = await renderChart(drawing, 'Ranked');
  const ticks = labelsIn(svg).map(({ text }) => text);
  expect(ticks).toContain('6');
  expect(ticks.join()).not.toMatch(/M|k/);
  const ends = [...svg.matchAll(/<path d="M([\d.]+),[\d.]+h([\d.]+)"/g)].map(
    ([, x, along]) => Number(x) + Number(along),
  );
  expect(ends.length).toBeGreaterThan(2);
  expect(Math.max(...ends)).toBeLessThanOrEqual(WIDE.width);
});
