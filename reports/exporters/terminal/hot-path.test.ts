import { expect, test } from 'vitest';
import type { Metric } from '../../../core/results/metrics.ts';
import type { Figure } from '../../../core/results/schema.ts';
import { cells, PLAIN, viewOf } from '../../testing/output.ts';
import { explainedTable, primitivesTable, profileTable } from './hot-path.ts';

const figure = (metric: Metric, arm: string | null, value: number, primitive?: string): Figure => ({
  ...{ experiment: 'hot-path', arm, factors: primitive === undefined ? {} : { primitive }, metric, unit: 'µs' },
  ...{ value, low: value - 1, high: value + 1, confidence: 0.95, blocks: 9, forks: 3, source: 'measured', flags: [] },
});
/** The table without its title, and without the sentence below it. */
const primitivesOf = (figures: Figure[]) =>
  cells(
    primitivesTable(viewOf(figures), PLAIN)
      .slice(1)
      .filter((line) => !/wall-clock time:|compiler\.$/.test(line)),
  );
/** The rows of one table; its heads may take several lines. */
const explainedOf = (figures: Figure[]) => explainedTable(viewOf(figures), { ...PLAIN, width: 140 }).slice(1);

const ALONE = [
  figure('primitive_us', null, 6, 'hs256-verify'),
  figure('primitive_cpu_us', null, 7, 'hs256-verify'),
  figure('primitive_us', null, 2, 'jwt-decode'),
  figure('primitive_cpu_us', null, 3, 'jwt-decode'),
  figure('toll_explained_us', 'jwt-hs256', 7, 'hs256-verify'),
  figure('toll_explained_us', 'jwt-hs256', 3, 'jwt-decode'),
  figure('toll_unexplained_us', 'jwt-hs256', 4),
  figure('toll_to_primitive_ratio', 'jwt-hs256', 2),
];

test('operations are listed with wall-clock and CPU time, and with their cost in a server if it was measured', () => {
  expect(primitivesOf(ALONE)).toEqual([
    ['Wall-clock'],
    ['Operation', 'time, µs', 'CPU time, µs'],
    ['hs256-verify', '6.0 [5.0–7.0]', '7.0 [6.0–8.0]'],
    ['jwt-decode', '2.0 [1.0–3.0]', '3.0 [2.0–4.0]'],
  ]);
  expect(primitivesOf([...ALONE, figure('primitive_in_place_us', null, 10, 'hs256-verify')]).slice(-2)).toEqual([
    ['hs256-verify', '6.0 [5.0–7.0]', '7.0 [6.0–8.0]', '10 [9–11]'],
    ['jwt-decode', '2.0 [1.0–3.0]', '3.0 [2.0–4.0]', '—'],
  ]);
});

test('the operations that do not fit are counted', () => {
  const many = Array.from({ length: 15 }, (_, i) => figure('primitive_us', null, 20 + i, `task-${i}`));
  const lines = primitivesTable(viewOf(many), PLAIN);
  expect(lines[3]).toContain('task-14');
  expect(lines.join('\n')).not.toContain('task-2 ');
  expect(lines.join('\n')).toContain('3 more operations are in the report');
});

test('only the operations of the measured arms are listed, if they are known', () => {
  const lines = primitivesTable(viewOf([...ALONE, figure('primitive_us', null, 90, 'rs256-sign')]), PLAIN).join('\n');
  expect(lines).not.toContain('rs256-sign');
  expect(lines).toContain('1 more operation is in the report');
});

test('a toll is compared with its isolated operations, and with those in a server if they were measured', () => {
  expect(cells(explainedOf(ALONE))).toEqual([
    ['Sum of', 'Rest of the', 'Toll ÷ core'],
    ['Arm', 'operations', 'toll', 'operation'],
    ['jwt-hs256', '10.0', '4.0 [3.0–5.0]', '2.0 [1.0–3.0]'],
    ['A negative rest means that the operations cost more in isolation than inside the server.'],
    ['Core operation: the one lookup or verification that the arm cannot avoid.'],
    ['Operations of each arm'],
    ['jwt-hs256: hs256-verify + jwt-decode'],
  ]);
  const inPlace = (metric: Metric) => ({ ...figure(metric, 'jwt-hs256', 1.5), low: 1.4, high: 1.6 });
  const ratios = [
    inPlace('toll_to_primitive_in_place_ratio'),
    { ...inPlace('toll_to_parts_in_place_ratio'), value: 1.54 },
  ];
  const row = cells(explainedOf([...ALONE, ...ratios])).find(([arm]) => arm === 'jwt-hs256');
  expect(row).toEqual(['jwt-hs256', '10.0', '4.0 [3.0–5.0]', '2.0 [1.0–3.0]', '1.5 [1.4–1.6]', '1.5 [1.4–1.6]']);
});

const profiled = (arm: string, metric: Metric, value: number, name?: string): Figure => ({
  ...figure(metric, arm, value),
  factors: name === undefined ? {} : { package: name },
});
const profileOf = (figures: Figure[]) => profileTable(viewOf(figures), PLAIN);

test('packages are sorted by their largest cost, with the toll and a total that adds up', () => {
  const lines = profileOf([
    profiled('none', 'profile_us', 20, 'fastify'),
    profiled('jwt', 'profile_us', 18, 'fastify'),
    profiled('jwt', 'profile_us', 30, 'fast-jwt'),
    profiled('none', 'profile_us', 0, 'fast-jwt'),
    profiled('jwt', 'profile_toll_us', -2, 'fastify'),
    profiled('jwt', 'profile_toll_us', 30, 'fast-jwt'),
    profiled('jwt', 'profiler_overhead_pct', 12.4),
  ]);
  expect(cells(lines.slice(1))).toEqual([
    ['Package', 'none', 'jwt'],
    ['fast-jwt', '0.0', '30.0 (+30.0)'],
    ['fastify', '20.0', '18.0 (−2.0)'],
    ['sum', '20.0', '48.0'],
    ['added by the profiler, not included', '12 %'],
  ]);
});

test('packages that do not fit are added up', () => {
  const lines = profileOf(Array.from({ length: 14 }, (_, i) => profiled('none', 'profile_us', 14 - i, `package-${i}`)));
  expect(lines.find((line) => line.includes('2 smaller packages'))).toMatch(/ 3\.0$/);
  expect(lines.find((line) => line.trim().startsWith('sum'))).toMatch(/ 105\.0$/);
});

test('a run without profiles has no such table', () => {
  expect(profileOf([])).toEqual([]);
});
