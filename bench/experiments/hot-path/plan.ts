/** How long `hot-path` times each primitive in each profile, and how its time is divided. */
import type { ExperimentContext, Profile } from '../../measuring/experiment.ts';
import type { ForkSchedule } from '../../measuring/run-forks.ts';
import { MICRO_TASKS } from '../../micro/registry.ts';

export interface PrimitivesPlan extends ForkSchedule {
  readonly roundsPerFork: number;
  /** Seconds per task and round, at most; a small budget takes less. */
  readonly mostSecondsPerTask: number;
}

/** The time per task is chosen so that all forks fit; the last one may take this much longer than estimated. */
const MAY_EXCEED = 1;

export const PRIMITIVES_PLANS: Readonly<Record<Profile, PrimitivesPlan>> = {
  quick: {
    minForks: 3,
    maxForks: 3,
    insistsOnMinimum: true,
    mayExceed: MAY_EXCEED,
    roundsPerFork: 1,
    mostSecondsPerTask: 0.1,
  },
  full: { minForks: 6, maxForks: 6, mayExceed: MAY_EXCEED, roundsPerFork: 4, mostSecondsPerTask: 0.5 },
};

/** Total time of a task as a multiple of its measured time: process start and repeated warm-up. */
const OVERHEAD = 1.3;
/** Average warm-up time of a task in a new process. */
const WARM_UP_SECONDS = 0.1;
const LEAST_SECONDS_PER_TASK = 0.01;

/** The experiment that the primitives explain. */
const EXPLAINED = 'toll';

/**
 * The tasks: in quick, together with the experiment that it explains, those of the arms measured there; otherwise
 * all.
 */
export function tasksOf({ config, armsOf }: Pick<ExperimentContext, 'config' | 'armsOf'>): string[] {
  const all = MICRO_TASKS.map(({ name }) => name);
  if (config.profile === 'full') return all;
  const used = new Set(armsOf(EXPLAINED).flatMap(({ hotPath = [] }) => hotPath));
  return used.size === 0 ? all : all.filter((name) => used.has(name));
}

/** @returns the seconds for which each task is measured in each round */
export function secondsPerTask(plan: PrimitivesPlan, budgetSeconds: number, tasks: number): number {
  const perTask = budgetSeconds / (plan.maxForks * tasks) - WARM_UP_SECONDS;
  const fitting = perTask / (plan.roundsPerFork * OVERHEAD);
  return Math.min(plan.mostSecondsPerTask, Math.max(LEAST_SECONDS_PER_TASK, fitting));
}

/** Shares of the time, in the full profile. */
export const IN_PLACE_SHARE = 0.35;
export const PROFILES_SHARE = 0.3;
