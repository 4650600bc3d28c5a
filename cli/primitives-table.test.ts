import { expect, test } from 'vitest';
import type { Metric } from '../core/results/metrics.ts';
import type { Figure, Run } from '../core/results/schema.ts';
import { explainedLines, primitivesTable } from './tables.ts';

const figure = (metric: Metric, arm: string | null, value: number, primitive?: string): Figure => ({
  ...{ experiment: 'hot-path', arm, factors: primitive === undefined ? {} : { primitive }, metric, unit: 'µs' },
  ...{ value, low: value - 1, high: value + 1, confidence: 0.95, blocks: 9, forks: 3, source: 'measured', flags: [] },
});
const runOf = (figures: Figure[]) => ({ figures }) as unknown as Run;
const cells = (lines: readonly string[]) => lines.slice(1).map((line) => line.trim().split(/ {2,}/));

const ALONE = [
  figure('primitive_us', null, 6, 'hs256-verify'),
  figure('primitive_cpu_us', null, 7, 'hs256-verify'),
  figure('primitive_us', null, 2, 'jwt-decode'),
  figure('primitive_cpu_us', null, 3, 'jwt-decode'),
  figure('toll_explained_us', 'jwt-hs256', 7, 'hs256-verify'),
  figure('toll_unexplained_us', 'jwt-hs256', 4),
  figure('toll_to_primitive_ratio', 'jwt-hs256', 2),
];

test('primitives stand with wall-clock and CPU time, and with what they cost in a server where that was measured', () => {
  expect(cells(primitivesTable(runOf(ALONE)))).toEqual([
    ['primitive', 'µs', 'CPU µs'],
    ['hs256-verify', '6.0 [5.0–7.0]', '7.0 [6.0–8.0]'],
    ['jwt-decode', '2.0 [1.0–3.0]', '3.0 [2.0–4.0]'],
  ]);
  expect(primitivesTable(runOf(ALONE))[0]).not.toContain('in a server');
  const inPlace = figure('primitive_in_place_us', null, 10, 'hs256-verify');
  expect(primitivesTable(runOf([...ALONE, inPlace]))[0]).toContain('what it adds to a request in a server');
  expect(cells(primitivesTable(runOf([...ALONE, inPlace])))).toEqual([
    ['primitive', 'µs', 'CPU µs', 'CPU µs in a server'],
    ['hs256-verify', '6.0 [5.0–7.0]', '7.0 [6.0–8.0]', '10.0 [9.0–11.0]'],
    ['jwt-decode', '2.0 [1.0–3.0]', '3.0 [2.0–4.0]'],
  ]);
});

test('a toll is set beside its primitive alone, and in a server where that was measured', () => {
  expect(cells(explainedLines(runOf(ALONE)))).toEqual([
    ['arm', 'parts', 'rest', 'toll ÷ primitive'],
    ['jwt-hs256', '7.0', '4.0 [3.0–5.0]', '2.0 [1.0–3.0]', 'hs256-verify'],
  ]);
  const inPlace = (metric: Metric) => ({ ...figure(metric, 'jwt-hs256', 1.5), low: 1.4, high: 1.6 });
  const ratios = [
    inPlace('toll_to_primitive_in_place_ratio'),
    { ...inPlace('toll_to_parts_in_place_ratio'), value: 1.45 },
  ];
  expect(cells(explainedLines(runOf([...ALONE, ...ratios])))).toEqual([
    ['arm', 'parts', 'rest', 'toll ÷ primitive', '÷ it in a server', '÷ all parts there'],
    [...['jwt-hs256', '7.0', '4.0 [3.0–5.0]', '2.0 [1.0–3.0]', '1.50 [1.40–1.60]', '1.45 [1.40–1.60]'], 'hs256-verify'],
  ]);
});
