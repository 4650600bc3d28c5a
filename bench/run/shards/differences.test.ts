import { describe, expect, it } from 'vitest';
import type { Figure } from '../../../core/results/schema.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { ShardComparison } from './differences.ts';

const figure = (value: number, half: number, more: Partial<Figure> = {}): Figure => ({
  experiment: 'toll',
  arm: 'jwt-hs256',
  factors: { in_flight: 10 },
  metric: 'cpu_us_per_request',
  unit: 'µs',
  value,
  low: value - half,
  high: value + half,
  confidence: 0.95,
  blocks: 10,
  forks: 3,
  source: 'measured',
  flags: [],
  ...more,
});

function compared(...shards: readonly (readonly Figure[])[]) {
  const comparison = new ShardComparison();
  for (const [i, figures] of shards.entries()) comparison.add(i + 1, figures);
  return comparison;
}
const differences = (...shards: readonly (readonly Figure[])[]) => compared(...shards).differences();

it('names the figure and the shard that is furthest from the others', () => {
  const found = differences([figure(50, 1)], [figure(50.3, 1)], [figure(60, 1)], [figure(49.9, 1)]);
  expect(found).toEqual([
    {
      kind: 'shards-differ',
      experiment: 'toll',
      arm: 'jwt-hs256',
      factors: { in_flight: 10 },
      metric: 'cpu_us_per_request',
      shard: 3,
    },
  ]);
});

it('accepts differences within the intervals', () => {
  expect(differences([figure(50, 5)], [figure(54, 5)])).toEqual([]);
  expect(differences([figure(50, 1)], [figure(50, 1)])).toEqual([]);
});

it('compares a figure only with the same one: arm, factors in any order, metric', () => {
  const factors = { replicas: 1, spread: 'a' };
  const turned = { spread: 'a', replicas: 1 };
  expect(compared([figure(1, 0.1, { factors })], [figure(1, 0.1, { factors: turned })]).compared).toBe(1);
  for (const more of [{ arm: 'none' }, { factors }, { metric: 'toll_us' as Figure['metric'] }])
    expect(compared([figure(1, 0.1)], [figure(9, 0.1, more)]).compared).toBe(0);
});

it('compares differences, which may be negative, without logarithms', () => {
  expect(differences([figure(-1, 2)], [figure(1, 2)])).toEqual([]);
  expect(differences([figure(-10, 1)], [figure(10, 1)])).toHaveLength(1);
});

it('reports exact counts that differ, and not those that are equal', () => {
  const exact = { unit: 'B', metric: 'request_bytes_per_request' as Figure['metric'] };
  expect(differences([figure(100, 0, exact)], [figure(101, 0, exact)])).toHaveLength(1);
  expect(differences([figure(100, 0, exact)], [figure(100, 0, exact)], [figure(100, 0, exact)])).toEqual([]);
});

it('ignores single blocks, which have no interval, and models', () => {
  expect(compared([figure(1, 0, { blocks: 1 })], [figure(9, 0, { blocks: 1 })]).compared).toBe(0);
  expect(compared([figure(1, 0.1, { source: 'model' })], [figure(9, 0.1, { source: 'model' })]).compared).toBe(0);
});

describe('simulated, with shards of one machine', () => {
  const random = createRandom(23);
  const shardOf = (figures: number, shift: (index: number) => number) =>
    Array.from({ length: figures }, (_, i) =>
      figure(Math.exp(Math.log(50) + 0.02 * random.normal() + shift(i)), 0, { factors: { i } }),
    ).map((one) => ({ ...one, low: one.value * Math.exp(-0.0392), high: one.value * Math.exp(0.0392) }));

  it('finds a difference by chance in about one of twenty merged runs', () => {
    const runs = 400;
    let falseFinds = 0;
    for (let run = 0; run < runs; run++) {
      const shards = [0, 1, 2, 3].map(() => shardOf(40, () => 0));
      if (differences(...shards).length > 0) falseFinds++;
    }
    // 5 % are expected of 400, so 20; six standard deviations above are 46.
    expect(falseFinds).toBeLessThan(46);
    expect(falseFinds).toBeGreaterThan(3);
  });

  it('finds the machine that is a fifth slower, in the affected figures', () => {
    const shards = [0, 1, 2, 3].map((shard) => shardOf(40, (i) => (shard === 2 && i < 10 ? 0.2 : 0)));
    const found = differences(...shards).slice(0, 10);
    // By chance there may be one more after them.
    expect(found.map(({ factors }) => factors.i)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(new Set(found.map(({ shard }) => shard))).toEqual(new Set([3]));
  });
});
