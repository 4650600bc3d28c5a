import { expect, test } from 'vitest';
import type { Metric } from '../core/results/metrics.ts';
import type { Figure, Run } from '../core/results/schema.ts';
import { profileTable } from './profile-table.ts';

const figure = (arm: string, metric: Metric, value: number, name?: string): Figure => ({
  experiment: 'hot-path',
  arm,
  factors: name === undefined ? {} : { package: name },
  metric,
  unit: 'µs',
  value,
  low: value,
  high: value,
  confidence: 0.95,
  blocks: 3,
  forks: 3,
  source: 'measured',
  flags: [],
});
const tableOf = (figures: Figure[]) => profileTable({ figures } as unknown as Run);

test('packages stand by their largest cost, with the toll beside it and a sum that holds', () => {
  const lines = tableOf([
    figure('none', 'profile_us', 20, 'fastify'),
    figure('jwt', 'profile_us', 18, 'fastify'),
    figure('jwt', 'profile_us', 30, 'fast-jwt'),
    figure('none', 'profile_us', 0, 'fast-jwt'),
    figure('jwt', 'profile_toll_us', -2, 'fastify'),
    figure('jwt', 'profile_toll_us', 30, 'fast-jwt'),
    figure('jwt', 'profiler_overhead_pct', 12.4),
  ]);
  expect(lines.slice(1).map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['package', 'none', 'jwt'],
    ['fast-jwt', '0.0', '30.0 (+30.0)'],
    ['fastify', '20.0', '18.0 (-2.0)'],
    ['sum', '20.0', '48.0'],
    ['(profiler’s own cost, not included)', '12 %'],
  ]);
});

test('what does not fit is added up', () => {
  const lines = tableOf(Array.from({ length: 14 }, (_, i) => figure('none', 'profile_us', 14 - i, `package-${i}`)));
  expect(lines.find((line) => line.includes('2 smaller ones'))).toMatch(/ 3\.0$/);
  expect(lines.find((line) => line.trim().startsWith('sum'))).toMatch(/ 105\.0$/);
});

test('a run without profiles has no such table', () => {
  expect(tableOf([])).toEqual([]);
});
