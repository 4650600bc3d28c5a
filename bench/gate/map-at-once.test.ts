import { expect, it } from 'vitest';
import { mapAtOnce } from './map-at-once.ts';

it('keeps the order, and has no more under way than it may', async () => {
  let [underWay, most] = [0, 0];
  const results = await mapAtOnce([3, 1, 2], 2, async (item) => {
    most = Math.max(most, ++underWay);
    await Promise.resolve();
    underWay--;
    return item * 10;
  });
  expect([results, most]).toEqual([[30, 10, 20], 2]);
});

it('ends with the first failure once those in progress have ended, and begins no other', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const mapped = mapAtOnce([0, 1, 2], 2, async (item) => {
    begun.push(item);
    if (item === 0) throw new Error('cannot start');
    await held;
    ended.push(item);
  });
  release();
  await expect(mapped).rejects.toThrow('cannot start');
  expect([begun, ended]).toEqual([[0, 1], [1]]);
});
