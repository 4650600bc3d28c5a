import { expect, it } from 'vitest';
import type { ExperimentContext, RunningFork } from './experiment.ts';
import { type ForkTime, repeatForks } from './repeat-forks.ts';

/** A context whose clock is turned by hand. */
function contextOf(budgetSeconds: number) {
  let left = budgetSeconds;
  const aborting = new AbortController();
  const forks: number[] = [];
  const context = {
    firstFork: 3,
    signal: aborting.signal,
    secondsLeft: () => left,
    withFork: async (fork: number, _specs: unknown, body: (running: RunningFork) => Promise<void>) => {
      forks.push(fork);
      await body({ fork } as RunningFork);
    },
  } as unknown as ExperimentContext;
  const spend = (seconds: number) => {
    left -= seconds;
  };
  return { context, forks, aborting, spend };
}

const plan = { minForks: 2, maxForks: 5, warmUpShare: 0.5 };

it('lays the budget out for the forks it plans, and begins no other that would not fit', async () => {
  const { context, forks, spend } = contextOf(40);
  expect(await repeatForks(context, plan, [], async () => spend(20))).toBe('budget');
  expect(forks).toEqual([3, 4]);
});

it('begins the last planned fork though the one before took longer, and bounds it by what is left', async () => {
  const { context, forks, spend } = contextOf(40);
  const bounds: boolean[] = [];
  const body = async (_running: RunningFork, time: ForkTime) => {
    spend(17);
    bounds.push(time.over());
    spend(6);
  };
  expect(await repeatForks(context, plan, [], body)).toBe('budget');
  expect(forks).toEqual([3, 4]);
  // 17 of its 20 seconds, then 17 of the 17 that were left.
  expect(bounds).toEqual([false, true]);
});

it('goes on while there is time for more than it planned, and ends with the plan', async () => {
  const { context, forks, spend } = contextOf(40);
  expect(await repeatForks(context, plan, [], async () => spend(2))).toBe('plan');
  expect(forks).toEqual([3, 4, 5, 6, 7]);
});

it('gives the warm-up what starting left of its share, and never nothing', async () => {
  const { context, spend } = contextOf(40);
  const warmUps: number[] = [];
  await repeatForks(context, { ...plan, maxForks: 1 }, [], async (_running, time) => {
    spend(4);
    warmUps.push(time.warmUpMs());
    spend(30);
    warmUps.push(time.warmUpMs());
  });
  expect(warmUps).toEqual([6_000, 500]);
});

it('ends at once where the user breaks off', async () => {
  const { context, forks, aborting } = contextOf(40);
  expect(await repeatForks(context, plan, [], async () => aborting.abort())).toBe('interrupted');
  expect(forks).toEqual([3]);
});
