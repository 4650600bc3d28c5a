import { expect, it } from 'vitest';
import { mainShares, settledThreads } from './threads.ts';

/** Accounts of a process's main thread and of all its threads, each updated some ms after its work. */
function lateThreads() {
  const seen = { allNs: 0, mainNs: 0 };
  return {
    read: () => ({ ...seen }),
    use(mainNs: number, helperNs: number): void {
      setTimeout(() => {
        seen.mainNs += mainNs;
        seen.allNs += mainNs;
      }, 8);
      setTimeout(() => {
        seen.allNs += helperNs;
      }, 3);
    },
  };
}

it('reads the share of the main thread once the accounts of all threads are up to date', async () => {
  const [one, other] = [lateThreads(), lateThreads()];
  const read = (pid: number) => (pid === 1 ? one : other).read();
  const before = await settledThreads([1, 2], read);
  one.use(30e6, 10e6);
  other.use(50e6, 50e6);
  const after = await settledThreads([1, 2], read);
  expect(mainShares(before.slice(0, 1), after.slice(0, 1))).toEqual([0.75]);
  expect(mainShares(before.slice(1), after.slice(1))).toEqual([0.5]);
  // Of both together, which used 140 ms.
  expect(mainShares(before, after)).toEqual([30 / 140, 50 / 140]);
  expect(mainShares([null, ...before.slice(1)], after)).toEqual([]);
  expect(mainShares(before, before)).toEqual([]);
});

it('returns no times for a process that cannot be read', async () => {
  expect(await settledThreads([1], () => null)).toEqual([null]);
});
