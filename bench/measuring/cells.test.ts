import { expect, it } from 'vitest';
import { createRandom } from '../../core/stats/random.ts';
import { cells, randomisedBlock } from './cells.ts';

const grid = cells(['a', 'b'], { replicas: [1, 2, 4], load: ['low', 'high'] });

it('crosses every arm with every level of every factor, once', () => {
  expect(grid).toHaveLength(12);
  expect(new Set(grid.map((cell) => JSON.stringify(cell))).size).toBe(12);
  expect(grid[0]).toEqual({ arm: 'a', factors: { replicas: 1, load: 'low' } });
  expect(cells(['a'], {})).toEqual([{ arm: 'a', factors: {} }]);
});

it('puts every cell into a block once, in an order determined by seed, fork and block', () => {
  const order = (seed: number, fork: number, block: number) => randomisedBlock(grid, createRandom(seed), fork, block);
  const sorted = (block: readonly unknown[]) => block.map((cell) => JSON.stringify(cell)).sort();
  expect(sorted(order(1, 0, 0))).toEqual(sorted(grid));
  expect(order(1, 2, 3)).toEqual(order(1, 2, 3));
  const distinct = new Set(
    [order(1, 0, 0), order(1, 0, 1), order(1, 1, 0), order(2, 0, 0)].map((block) => JSON.stringify(block)),
  );
  expect(distinct.size).toBe(4);
});
