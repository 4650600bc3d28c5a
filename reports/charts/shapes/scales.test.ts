import { expect, test } from 'vitest';
import { spread } from './arm-lines.ts';
import { WIDE } from './chart.ts';
import { drawRanked } from './ranked.ts';
import { axis, tickLabel } from './scales.ts';

test('a linear axis keeps distances, a logarithmic one keeps factors', () => {
  const linear = axis({ scale: 'linear', domain: [0, 200], range: [0, 100], count: 4 });
  expect([0, 50, 200].map(linear.at)).toEqual([0, 25, 100]);
  const log = axis({ scale: 'log', domain: [1, 100], range: [100, 0], count: 4 });
  expect(log.at(10)).toBeCloseTo(50, 9);
  expect(log.ticks.map(({ label }) => label)).toEqual(['1', '10', '100']);
});

test('counts have whole ticks only', () => {
  const { ticks } = axis({ scale: 'linear', domain: [0, 2], range: [0, 100], count: 6, whole: true });
  expect(ticks.map(({ label }) => label)).toEqual(['0', '1', '2']);
});

test('labels of ticks are short, and keep a real minus sign', () => {
  expect([0, 0.05, 1500, 20_000, 2_500_000, -100].map(tickLabel)).toEqual([
    '0',
    '0.05',
    '1,500',
    '20k',
    '2.5M',
    '−100',
  ]);
});

test('names that would touch are moved apart in the order of their lines, and stay within the panel', () => {
  const places = spread([50, 51, 299, 300, 10], 6, 294);
  const order = [4, 0, 1, 2, 3].map((index) => places[index] ?? 0);
  for (const [i, y] of order.slice(1).entries()) expect(y - (order[i] ?? 0)).toBeGreaterThanOrEqual(15);
  expect(Math.max(...places)).toBe(294);
  expect(places[4]).toBe(10);
});

test('one interval without bounds does not press the others flat, and is cut at the edge', () => {
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
  const { markup } = drawRanked([row('a', 1, 1.5), row('b', 2, 1e9)], WIDE, { axisTitle: '×', scale: 'linear' }).body;
  const ticks = [...markup.matchAll(/<text x="[\d.]+" y="[\d.]+">([\d.,]+[kM]?)<\/text>/g)].map(([, label]) => label);
  expect(ticks).toContain('6');
  expect(ticks.join()).not.toMatch(/M|k/);
  const ends = [...markup.matchAll(/L([\d.]+),13.5"/g)].map(([, x]) => Number(x));
  expect(Math.max(...ends)).toBeLessThanOrEqual(WIDE.width);
});
