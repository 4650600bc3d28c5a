/** A manual clock, and a context whose forks start nothing, for tests of how a budget is spent. */
import type { Slice } from '../../core/results/schema.ts';
import type { ExperimentContext, RunningFork } from '../measuring/experiment.ts';
import { testSlice } from './slices.ts';

export function forkBudget(budgetSeconds: number, prior: readonly Slice[] = [], brokenOffFork: number | null = null) {
  let left = budgetSeconds;
  const aborting = new AbortController();
  /** Numbers of the started forks. */
  const forks: number[] = [];
  const context = {
    prior,
    brokenOffFork,
    nextFork: () => (brokenOffFork ?? -1) + 1,
    signal: aborting.signal,
    secondsLeft: () => left,
    progress: () => {},
    withFork: async (fork: number, _specs: unknown, body: (running: RunningFork) => Promise<void>) => {
      forks.push(fork);
      await body({ fork, loadBegins: () => {} } as RunningFork);
    },
  } satisfies Partial<ExperimentContext>;
  const spend = (seconds: number) => {
    left -= seconds;
  };
  return { context, forks, interrupt: () => aborting.abort(), spend, left: () => left };
}

/** One slice of each of these forks, as if from an earlier part of a run. */
export function slicesOfForks(...forks: readonly number[]): readonly Slice[] {
  return forks.map((fork) => testSlice({ experiment: 'toll', arm: 'none', fork }));
}
