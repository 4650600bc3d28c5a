import { expect, it } from 'vitest';
import { series } from '../../core/results/testing/history.ts';
import { createRandom } from '../../core/stats/random.ts';
import { kindsOf } from './chart.ts';

it('never draws runs of two kinds, or excluded runs, as one point', () => {
  const random = createRandom(11);
  const kinds = Array.from({ length: 120 }, () => random.integer(3));
  const values = kinds.map((kind, i) => (i === 70 ? 500 : 20 * 1.3 ** kind * (1 + 0.01 * random.normal())));
  const groups = kindsOf(series(values)) ?? [];
  expect(groups.flat().toSorted((a, b) => a - b)).toEqual([...values.keys()]);
  const mixed = groups.filter((runs) => new Set(runs.map((run) => (run === 70 ? 'aside' : kinds[run]))).size > 1);
  expect(mixed).toEqual([]);
});
