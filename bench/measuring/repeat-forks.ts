/** Fresh starts until the budget or the plan ends, each bounded in time so that a small budget holds several. */

import type { StoppedBy } from '../../core/results/schema.ts';
import type { FleetSpec } from '../fleet/fleet.ts';
import type { ExperimentContext, RunningFork } from './experiment.ts';

export interface ForkPlan {
  /** The budget is laid out for so many, at least. */
  readonly minForks: number;
  readonly maxForks: number;
  /** Of a fork's time, after which it should have started and warmed up. */
  readonly warmUpShare: number;
}

/** Another fork is begun where at least this part of a fork's time is left; it then makes do with what there is. */
const FITS = 0.6;

/** How much of the budget a fork may take; measured from the start of its processes. */
export interface ForkTime {
  /** What is left for the warm-up, in ms: at least enough for the compiler's first pass. */
  readonly warmUpMs: () => number;
  readonly over: () => boolean;
}

/**
 * Runs `body` in one fork after the other. A fork that overran its time leaves less for the next, not none.
 * @throws what broke a fork
 */
export async function repeatForks(
  context: ExperimentContext,
  plan: ForkPlan,
  specs: readonly FleetSpec[],
  body: (running: RunningFork, time: ForkTime) => Promise<void>,
): Promise<StoppedBy> {
  let done = 0;
  const share = context.secondsLeft() / plan.minForks;
  for (let fork = context.firstFork; ; fork++) {
    const start = context.secondsLeft();
    const spent = () => start - context.secondsLeft();
    const allotted = Math.min(share, start);
    const time: ForkTime = {
      warmUpMs: () => Math.max(500, 1000 * (plan.warmUpShare * allotted - spent())),
      over: () => context.signal.aborted || spent() >= allotted,
    };
    await context.withFork(fork, specs, (running) => body(running, time));
    if (context.signal.aborted) return 'interrupted';
    done++;
    if (done >= plan.maxForks) return 'plan';
    if (context.secondsLeft() < FITS * share) return 'budget';
  }
}
