/**
 * Where do the microseconds go? Primitives timed alone, and their sum against the measured toll; in full also what the
 * ones that a scheme cannot do without cost in a server, and CPU profiles of whole requests, by package.
 */

import type { Slice, StoppedBy } from '../../../core/results/schema.ts';
import { formatSignificant } from '../../../core/text/format.ts';
import { armsByProfile, representativeArms } from '../../measuring/arms.ts';
import type { Experiment, ExperimentContext, Profile } from '../../measuring/experiment.ts';
import { runMicro } from '../../micro/client.ts';
import type { MicroSample } from '../../micro/protocol.ts';
import { MICRO_TASKS } from '../../micro/registry.ts';
import { measureProfiles } from '../../profiler/measure.ts';
import { analyseHotPath } from './analyse.ts';
import { measureInPlace } from './in-place.ts';

export const HOT_PATH = 'hot-path';

interface Plan {
  readonly forks: number;
  readonly roundsPerFork: number;
  /** Seconds per task and round, at most; a small budget takes less. */
  readonly mostSecondsPerTask: number;
}

const PLANS: Readonly<Record<Profile, Plan>> = {
  quick: { forks: 4, roundsPerFork: 1, mostSecondsPerTask: 0.1 },
  full: { forks: 6, roundsPerFork: 4, mostSecondsPerTask: 0.5 },
};

/** What a task takes beside its measured time: warm-up and the process's start. */
const OVERHEAD = 1.6;
const LEAST_SECONDS_PER_TASK = 0.01;

/** @returns measured seconds for each task in each round */
export function secondsPerTask(plan: Plan, budgetSeconds: number): number {
  const fitting = budgetSeconds / (plan.forks * plan.roundsPerFork * MICRO_TASKS.length * OVERHEAD);
  return Math.min(plan.mostSecondsPerTask, Math.max(LEAST_SECONDS_PER_TASK, fitting));
}

function sliceOfSample(sample: MicroSample, fork: number): Omit<Slice, 'kind' | 'experiment'> {
  return {
    fork,
    block: sample.round,
    order: sample.order,
    arm: null,
    factors: { primitive: sample.task },
    mode: 'micro',
    durationMs: sample.durationMs,
    requests: sample.operations,
    unexpected: 0,
    failed: 0,
    statuses: {},
    measures: {
      wall_us_per_operation: sample.wallUsPerOp,
      cpu_us_per_operation: sample.cpuUsPerOp,
      p50_us: sample.p50Us,
      p90_us: sample.p90Us,
      p99_us: sample.p99Us,
    },
    flags: [],
  };
}

/** Of the time, in full. */
const IN_PLACE_SHARE = 0.35;
const PROFILES_SHARE = 0.3;

async function run(context: ExperimentContext): Promise<StoppedBy> {
  const isFull = context.config.profile === 'full' && context.arms.length > 0;
  const total = context.secondsLeft();
  const plan = PLANS[context.config.profile];
  const nextFork = (): number => Math.max(context.firstFork, ...taken.map(({ fork }) => fork + 1));
  const taken = [...context.prior];
  const recording: ExperimentContext = {
    ...context,
    record: (slice) => {
      context.record(slice);
      taken.push({ kind: 'slice', experiment: HOT_PATH, ...slice });
    },
  };
  const primitives = context.prior.filter(({ mode }) => mode === 'micro');
  const done = new Set(primitives.map(({ fork }) => fork)).size;
  const secondsKept = isFull ? total * (IN_PLACE_SHARE + PROFILES_SHARE) : 0;
  const stoppedBy = await timePrimitives(recording, plan, { done, firstFork: nextFork(), secondsKept });
  if (!isFull || context.signal.aborted) return stoppedBy;
  const inPlace = await measureInPlace({
    ...recording,
    firstFork: nextFork(),
    secondsLeft: () => context.secondsLeft() - total * PROFILES_SHARE,
  });
  if (context.signal.aborted) return 'interrupted';
  const profiled = await measureProfiles(recording, nextFork());
  return [stoppedBy, inPlace, profiled].find((by) => by !== null && by !== 'plan') ?? 'plan';
}

interface Place {
  /** Forks that an earlier part of the run left. */
  readonly done: number;
  /** Number of the first fork not used yet. */
  readonly firstFork: number;
  /** Of the time that is left, for what comes after. */
  readonly secondsKept: number;
}

async function timePrimitives(context: ExperimentContext, plan: Plan, place: Place): Promise<StoppedBy> {
  const { done, firstFork } = place;
  const secondsLeft = () => context.secondsLeft() - place.secondsKept;
  const redis = await context.startRedis();
  const seconds = secondsPerTask(plan, secondsLeft());
  for (let i = done; i < plan.forks; i++) {
    const fork = firstFork + i - done;
    if (i > done && secondsLeft() <= 0) return 'budget';
    await runMicro(
      {
        redisUrl: redis.url,
        keyPrefix: redis.keyPrefix,
        secondsPerTask: seconds,
        rounds: plan.roundsPerFork,
        seed: context.random.derive(`fork ${fork}`).integer(2 ** 31),
        signal: context.signal,
        onSpawn: context.watch,
      },
      (sample) => {
        context.record(sliceOfSample(sample, fork));
        context.progress({
          step: `fork ${i + 1} of ${plan.forks}, round ${sample.round + 1} of ${plan.roundsPerFork}`,
          live: `${sample.task} ${formatSignificant(sample.wallUsPerOp)} µs`,
        });
      },
    );
  }
  return 'plan';
}

export const hotPath: Experiment = {
  name: HOT_PATH,
  question: 'Where do the microseconds go?',
  inQuick: true,
  usesRedis: true,
  seconds: { quick: 8, full: 320 },
  // In quick it explains the toll of the arms that were measured, and loads none itself. In full each arm that is profiled
  // has to be warmed up in every fork: one of each kind fits.
  defaultArms: armsByProfile({ quick: () => [], full: representativeArms }),
  run,
  analyse: analyseHotPath,
};
