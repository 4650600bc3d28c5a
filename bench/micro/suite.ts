/** Times tasks with tinybench, in a fresh random order each round. */
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { Bench } from 'tinybench';
import { thenEnding } from '../../core/errors.ts';
import { quantiles } from '../../core/stats/location.ts';
import { createRandom } from '../../core/stats/random.ts';
import { stopInOrder } from '../../core/stop-in-order.ts';
import { ownThreadCpu } from '../processes/threads/own-threads.ts';
import type { MicroSample } from './protocol.ts';
import { MicroTaskError } from './registry.ts';
import type { MicroTask, ReadyTask, TaskContext } from './task.ts';
import { type WarmedTask, warmUpTask } from './warm-up.ts';

export interface SuiteOptions {
  readonly secondsPerTask: number;
  readonly rounds: number;
  readonly seed: number;
}

/** The names in the order of one round: the same for the same seed and round. */
export function roundOrder(names: readonly string[], seed: number, round: number): string[] {
  return createRandom(seed).derive(`micro round ${round}`).shuffle(names);
}

/**
 * Sets all tasks up, runs the proof of those that verify, runs each once per round, and tears them down. @throws
 * {MicroTaskError} naming the task that failed
 */
export async function runSuite(
  tasks: readonly MicroTask[],
  context: TaskContext,
  options: SuiteOptions,
  onSample: (sample: MicroSample) => void,
): Promise<void> {
  const ready = new Map<string, ReadyTask>();
  await thenEnding(
    async () => {
      for (const task of tasks) ready.set(task.name, await blaming(task.name, async () => task.setup(context)));
      for (const [name, task] of ready) await blaming(name, async () => task.prove?.());
      const warmed = new Map<string, number>();
      for (let round = 0; round < options.rounds; round++) {
        const names = roundOrder([...ready.keys()], options.seed, round);
        for (const [order, name] of names.entries()) {
          const task = ready.get(name) as ReadyTask;
          const sample = await blaming(name, async () => {
            const { isWarm, operations } = await warmUp(task, warmed.get(name) ?? 0, options.secondsPerTask);
            const warmUpOperations = (warmed.get(name) ?? 0) + operations;
            warmed.set(name, warmUpOperations);
            return { ...(await time(name, task, options.secondsPerTask)), warmUpOperations, isWarm };
          });
          onSample({ round, order, task: name, ...sample });
        }
      }
    },
    () => stopInOrder([...ready.values()].map((task) => [{ stop: async () => task.teardown?.() }])),
  );
}

type Timing = Omit<MicroSample, 'round' | 'order' | 'task' | 'warmUpOperations' | 'isWarm'>;

/** The least warm-up, even if little time is measured; it is longer if more is. */
const LEAST_WARM_UP_MS = 150;
const WARM_UP_PART = 2;

/** The functions were warm in the last round; this warms the caches again. */
function warmUp(task: ReadyTask, before: number, seconds: number): Promise<WarmedTask> {
  const leastMs = Math.max(LEAST_WARM_UP_MS, WARM_UP_PART * seconds * 1000);
  return warmUpTask(task, before, leastMs, async () => void (await eventLoopTurn()));
}

async function time(name: string, task: ReadyTask, seconds: number): Promise<Timing> {
  let before = { cpuNs: 0, atMs: 0 };
  let busy = 0;
  let lastTurn = performance.now();
  const bench = new Bench({
    time: seconds * 1000,
    warmup: false,
    iterations: 16,
    retainSamples: true,
    throws: true,
  });
  bench.add(name, task.run, {
    beforeAll: (mode) => {
      if (mode === 'run') before = readMainThread();
    },
    // Read before tinybench sorts and summarises, since that CPU time is not the task's.
    afterAll: (mode) => {
      if (mode !== 'run') return;
      const after = readMainThread();
      busy = (after.cpuNs - before.cpuNs) / ((after.atMs - before.atMs) * 1e6);
    },
    // Synchronous tasks would starve the event loop, which must notice the exit of the parent.
    afterEach: async () => {
      if (performance.now() - lastTurn < 50) return;
      await eventLoopTurn();
      lastTurn = performance.now();
    },
  });
  await bench.run();
  const result = bench.getTask(name)?.result;
  if (result?.state !== 'completed') throw new Error(`tinybench ended it as "${result?.state ?? 'unknown'}".`);
  return summarise(result.latency.samples ?? [], task.operationsPerRun, busy);
}

/** CPU time of the thread that runs tasks: V8's helper threads compile, which is not part of the operation. */
function readMainThread(): { readonly cpuNs: number; readonly atMs: number } {
  return { cpuNs: ownThreadCpu().mainNs, atMs: performance.now() };
}

/**
 * @param runsMs the duration of each run, in ms @param busy the share of time, including time between runs, in which
 * the thread had a core; tinybench's work between runs is not the task's
 */
export function summarise(runsMs: readonly number[], operationsPerRun: number, busy: number): Timing {
  const operations = runsMs.length * operationsPerRun;
  const durationMs = runsMs.reduce((sum, run) => sum + run, 0);
  const [p50Us = 0, p90Us = 0, p99Us = 0] = quantiles(runsMs, [0.5, 0.9, 0.99]).map(
    (run) => (run * 1000) / operationsPerRun,
  );
  return {
    operations,
    durationMs,
    wallUsPerOp: (durationMs * 1000) / operations,
    cpuUsPerOp: (busy * durationMs * 1000) / operations,
    p50Us,
    p90Us,
    p99Us,
  };
}

async function blaming<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MicroTaskError(`The micro task "${name}" failed: ${reason}`, { cause: error });
  }
}
