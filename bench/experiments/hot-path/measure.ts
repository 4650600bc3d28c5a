/** Measures the hot path: isolated primitives, then primitives in a server, then CPU profiles of whole requests. */
import type { StoppedBy } from '../../../core/results/schema.ts';
import { formatSignificant } from '../../../core/text/format.ts';
import type { ExperimentContext } from '../../measuring/experiment.ts';
import { eachFork } from '../../measuring/run-forks.ts';
import type { NewSlice } from '../../measuring/slices.ts';
import { runMicro } from '../../micro/client.ts';
import type { MicroSample } from '../../micro/protocol.ts';
import { measureProfiles } from '../../profiler/measure.ts';
import { withDatabase } from './database.ts';
import { measureInPlace } from './in-place.ts';
import { IN_PLACE_SHARE, PRIMITIVES_PLANS, PROFILES_SHARE, secondsPerTask, tasksOf } from './plan.ts';

export async function measureHotPath(context: ExperimentContext): Promise<StoppedBy> {
  const isFull = context.config.profile === 'full' && context.arms.length > 0;
  const total = context.secondsLeft();
  const keeping = (part: number): ExperimentContext => ({
    ...context,
    secondsLeft: () => context.secondsLeft() - total * part,
  });
  const primitives = await timePrimitives(keeping(isFull ? IN_PLACE_SHARE + PROFILES_SHARE : 0));
  if (!isFull || context.signal.aborted) return primitives;
  const inPlace = await measureInPlace(keeping(PROFILES_SHARE));
  if (context.signal.aborted) return 'interrupted';
  const profiled = await measureProfiles(context);
  return [primitives, inPlace, profiled].find((by) => by !== null && by !== 'plan') ?? 'plan';
}

async function timePrimitives(context: ExperimentContext): Promise<StoppedBy> {
  const plan = PRIMITIVES_PLANS[context.config.profile];
  const redis = await context.startRedis();
  const { tasks, postgresUrl } = await withDatabase(context, tasksOf(context));
  const seconds = secondsPerTask(plan, context.secondsLeft(), tasks.length);
  return eachFork(context, { ...plan, left: ({ mode }) => mode === 'micro' }, async (fork) => {
    const options = {
      redisUrl: redis.url,
      postgresUrl,
      keyPrefix: redis.keyPrefix,
      secondsPerTask: seconds,
      rounds: plan.roundsPerFork,
      tasks: [...tasks],
      seed: context.random.derive(`fork ${fork}`).integer(2 ** 31),
      signal: context.signal,
      watch: context.watch,
    };
    await runMicro(options, (sample) => {
      context.record(sliceOfSample(sample, fork));
      context.progress({
        step: `start ${fork + 1}, round ${sample.round + 1} of ${plan.roundsPerFork}`,
        live: `${sample.task} ${formatSignificant(sample.wallUsPerOp)} µs`,
      });
    });
  });
}

function sliceOfSample(sample: MicroSample, fork: number): NewSlice {
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
      warm_up_requests: sample.warmUpOperations,
    },
    flags: sample.isWarm ? [] : ['not-warm'],
  };
}
