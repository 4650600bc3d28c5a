import { expect, it } from 'vitest';
import { Semaphore } from './semaphore.ts';

it('limits how many tasks run at a time, and starts them in order of arrival', async () => {
  const semaphore = new Semaphore(2);
  const started: number[] = [];
  const ends: (() => void)[] = [];
  const all = [0, 1, 2, 3].map((i) =>
    semaphore.run(async () => {
      started.push(i);
      await new Promise<void>((resolve) => {
        ends[i] = resolve;
      });
      return i;
    }),
  );
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  await settle();
  expect(started).toEqual([0, 1]);
  ends[1]?.();
  await settle();
  expect(started).toEqual([0, 1, 2]);
  ends[0]?.();
  ends[2]?.();
  await settle();
  expect(started).toEqual([0, 1, 2, 3]);
  ends[3]?.();
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3]);
});

it('starts the next task when one fails', async () => {
  const semaphore = new Semaphore(1);
  const failed = semaphore.run(() => Promise.reject(new Error('no')));
  const next = semaphore.run(() => Promise.resolve('yes'));
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('yes');
});
