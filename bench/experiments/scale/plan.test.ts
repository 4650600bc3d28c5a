import { expect, it } from 'vitest';
import { createRandom } from '../../../core/stats/random.ts';
import { armInfo } from '../../testing/arm-info.ts';
import {
  blockOrder,
  cellsOfNewFleets,
  fewOf,
  replicaShare,
  SCALE_PLANS,
  scaleGrid,
  variantsOf,
  wallShare,
  wholePeriods,
  windowFor,
} from './plan.ts';

const none = armInfo('none', { baseline: true, usesRedis: false, family: 'none' });
const session = armInfo('session-redis', { tags: ['reference'] });
const memory = armInfo('session-memory', { usesRedis: false, needsStickyRouting: true });
const token = armInfo('jwt-hs256', { usesRedis: false, family: 'token' });
const hybrid = armInfo('hybrid', { family: 'combination', redisCommandsPerRequest: 0 });
const arms = [none, session, memory, token, hybrid];
const replicas = [1, 2, 3, 4, 6, 8];
const variants = variantsOf(arms, { most: 8, cluster: true });
const grid = scaleGrid({ arms, variants, replicas, plan: SCALE_PLANS.full, redisShare: 0.03 });

it('measures every number of replicas of every arm that needs no sticky routing, once per round', () => {
  const main = grid.filter(({ series }) => series === 'main');
  expect(main).toHaveLength(4 * replicas.length);
  expect(main.some(({ arm }) => arm === 'session-memory')).toBe(false);
  expect(new Set(grid.map((cell) => JSON.stringify([cell.series, cell.key, cell.factors]))).size).toBe(grid.length);
});

it('limits Redis for the arms that use it, next to one that does not', () => {
  const wall = grid.filter(({ series }) => series === 'wall');
  expect(wall.every(({ factors }) => factors.redis_share === 0.03)).toBe(true);
  expect(new Set(wall.map(({ arm }) => arm))).toEqual(new Set(['session-redis', 'hybrid', 'jwt-hs256']));
  const fractions = wall.filter(({ arm }) => arm === 'hybrid').map(({ factors }) => factors.critical_fraction ?? 0);
  expect(new Set(fractions)).toEqual(new Set([0, 0.1, 0.5]));
  expect(wall.some(({ factors }) => factors.redis === 'cluster')).toBe(true);
  const apart = wall.filter(({ factors }) => factors.autopipelining === 'off');
  expect(apart.map(({ key }) => key)).toEqual(Array(3).fill('session-redis/no-autopipelining'));
  expect(Math.max(...apart.map(({ factors }) => Number(factors.replicas)))).toBe(4);
});

it('has no wall series if Redis cannot be limited, and no cluster if the whole run uses one', () => {
  const free = scaleGrid({ arms, variants: [], replicas, plan: SCALE_PLANS.full, redisShare: null });
  expect(free.some(({ series }) => series === 'wall')).toBe(false);
  expect(variantsOf(arms, { most: 8, cluster: false }).map(({ kind }) => kind)).toEqual(['no-autopipelining']);
  expect(variantsOf([none, token], { most: 8, cluster: true })).toEqual([]);
});

it('spreads the requests of an arm that needs sticky routing in each way', () => {
  const spread = grid.filter(({ series, arm }) => series === 'spread' && arm === 'session-memory');
  expect(new Set(spread.map(({ factors }) => factors.spreading))).toEqual(new Set([undefined, 'request', 'sticky']));
  expect(new Set(spread.map(({ factors }) => factors.replicas))).toEqual(new Set([1, 2, 4]));
});

it('selects few numbers of replicas, including the lowest and the highest', () => {
  expect(fewOf([1, 2, 3, 4, 6, 8])).toEqual([1, 2, 4, 8]);
  expect(fewOf([1, 2, 4])).toEqual([1, 2, 4]);
  expect(fewOf([1, 2, 3, 5, 7])).toEqual([1, 2, 7]);
  expect(fewOf([3])).toEqual([3]);
});

it('gives Redis a share that the kernel can set, and that about half of the replicas saturate', () => {
  expect(wallShare(replicaShare(2, 8), 8)).toBe(0.02);
  expect(wallShare(0.5, 8)).toBe(0.12);
  for (const cores of [1, 2, 4, 16, 128]) {
    for (const most of [1, 2, 8, 64]) {
      const share = wallShare(replicaShare(cores, most), most);
      expect(share).toBeGreaterThanOrEqual(0.02);
      expect(share).toBeLessThanOrEqual(0.9);
    }
  }
});

it('gives few replicas a longer window, and the most the standard one', () => {
  expect(windowFor(400, 8, 8)).toBe(400);
  expect(windowFor(400, 4, 8)).toBeCloseTo(566, 0);
  expect(windowFor(400, 1, 8)).toBe(800);
});

it('measures whole periods of the CPU limit', () => {
  expect(wholePeriods(283, 100)).toBe(300);
  expect(wholePeriods(20, 100)).toBe(100);
  expect(wholePeriods(300, 47)).toBe(282);
});

it('measures the numbers of replicas of an arm in succession, arms and numbers in random order', () => {
  const cells = grid.filter(({ series }) => series === 'wall');
  const order = blockOrder(cells, createRandom(3));
  expect(order).toHaveLength(cells.length);
  expect(new Set(order)).toEqual(new Set(cells));
  const lineOf = ({ key, factors: { replicas: _, ...others } }: (typeof cells)[number]) =>
    JSON.stringify([key, others]);
  const changes = order.filter((cell, i) => i > 0 && lineOf(cell) !== lineOf(order[i - 1] ?? cell)).length;
  expect(changes).toBe(new Set(cells.map(lineOf)).size - 1);
  expect(blockOrder(cells, createRandom(3))).toEqual(order);
  expect(blockOrder(cells, createRandom(4))).not.toEqual(order);
});

it('gives every fleet a slice if time is short: all of the first series, then only fleets that have none', () => {
  const measured = new Set<string>();
  const due = (['main', 'wall', 'spread'] as const).map((series) => {
    const own = cellsOfNewFleets(
      grid.filter((cell) => cell.series === series),
      measured,
    );
    for (const { key } of own) measured.add(key);
    return [...new Set(own.map(({ key }) => key))];
  });
  expect(due).toEqual([
    ['none', 'session-redis', 'jwt-hs256', 'hybrid'],
    ['session-redis/no-autopipelining', 'session-redis/cluster'],
    ['session-memory'],
  ]);
});
