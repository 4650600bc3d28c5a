import { expect, it } from 'vitest';
import { mapAtOnce } from './map-at-once.ts';

it('keeps the order, and limits concurrency', async () => {
  let [underWay, most] = [0, 0];
  const results = await mapAtOnce([3, 1, 2], 2, async (item) => {
    most = Math.max(most, ++underWay);
    await Promise.resolve();
    underWay--;
    return item * 10;
  });
  expect([results, most]).toEqual([[30, 10, 20], 2]);
});

it('rejects with the first failure after those in progress have ended, and starts no others', async () => {
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
