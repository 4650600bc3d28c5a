/** Fresh starts until the budget or the plan ends, each bounded in time so that a small budget holds several. */
import type { FleetSpec } from '../fleet/fleet.ts';
import type { StoppedBy } from '../results/schema.ts';
import type { ExperimentContext, RunningFork } from './experiment.ts';

export interface ForkPlan {
  /** The budget is laid out for so many, at least. */
  readonly minForks: number;
  readonly maxForks: number;
  /** Of a fork's time, after which it should have started and warmed up. */
  readonly warmUpShare: number;
}

/** Another fork is begun where at least this share of the last one's time is left. */
const FITS = 0.85;

/** How much of the budget a fork may take; measured from the start of its processes. */
export interface ForkTime {
  /** What is left for the warm-up, in ms: at least enough for the compiler's first pass. */
  readonly warmUpMs: () => number;
  readonly over: () => boolean;
}

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
    const time: ForkTime = {
      warmUpMs: () => Math.max(500, 1000 * (plan.warmUpShare * share - spent())),
      over: () => context.signal.aborted || spent() >= share,
    };
    await context.withFork(fork, specs, (running) => body(running, time));
    if (context.signal.aborted) return 'interrupted';
    done++;
    const left = context.secondsLeft();
    if (done >= plan.maxForks) return 'plan';
    if (left < FITS * (start - left)) return 'budget';
  }
}
