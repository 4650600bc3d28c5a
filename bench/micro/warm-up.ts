/** Warms a task up until V8's helper threads are idle and the cost of an operation no longer falls. */
import { ownThreadCpu } from '../processes/threads/own-threads.ts';
import type { ThreadCpu } from '../processes/threads/thread-cpu.ts';
import { type Stretch, warmthOf } from '../processes/warmth.ts';
import type { ReadyTask } from './task.ts';

/** V8 optimises a function with its top-tier compiler after 3,000 calls. */
export const LEAST_OPERATIONS = 5_000;
/**
 * CPU time of the task's thread. It is long compared with one tick, by which the kernel's account of a helper thread
 * may be out of date.
 */
const STRETCH_CPU_MS = 3;
/** CPU time is read no more often than this. */
const READ_EVERY_MS = 5;
/** A task that mostly waits uses little CPU time. */
const MOST_STRETCH_MS = 50;
/**
 * A task that is not warm after this many times the minimum CPU time, or this many times as long in wall time, is
 * given up.
 */
const MOST_TIMES = { cpu: 4, wall: 8 } as const;

export interface WarmedTask {
  readonly operations: number;
  readonly isWarm: boolean;
}

/**
 * @param before operations of earlier rounds
 *
 * @param leastMs CPU time after which the minimum number of operations no longer applies: a slow operation spends
 * most of its time in compiled libraries, not in code that V8 optimises
 *
 * @param pause is awaited now and then
 *
 * @param readCpu the accounts of the calling thread and of its helpers
 */
export async function warmUpTask(
  task: ReadyTask,
  before: number,
  leastMs: number,
  pause: () => Promise<void>,
  readCpu: () => ThreadCpu = ownThreadCpu,
): Promise<WarmedTask> {
  const start = performance.now();
  const stretches: Stretch[] = [];
  let operations = 0;
  let cpuMs = 0;
  for (;;) {
    const { done, mainNs, helpersNs } = await work(task, readCpu);
    operations += done;
    cpuMs += mainNs / 1e6;
    // Per operation, because a stretch contains more of them as they get cheaper.
    stretches.push({ mainNs: mainNs / done, helpersNs: helpersNs / done });
    await pause();
    const isEnough = before + operations >= LEAST_OPERATIONS || cpuMs >= leastMs;
    if (isEnough && warmthOf(stretches).isWarm) return { operations, isWarm: true };
    const isOver = cpuMs >= MOST_TIMES.cpu * leastMs || performance.now() - start >= MOST_TIMES.wall * leastMs;
    if (isOver) return { operations, isWarm: false };
  }
}

async function work(task: ReadyTask, readCpu: () => ThreadCpu): Promise<Stretch & { readonly done: number }> {
  const before = readCpu();
  const giveUp = performance.now() + MOST_STRETCH_MS;
  let done = 0;
  for (;;) {
    for (const until = performance.now() + READ_EVERY_MS; performance.now() < until; done += task.operationsPerRun) {
      const running = task.run();
      if (running !== undefined) await running;
    }
    const after = readCpu();
    const mainNs = after.mainNs - before.mainNs;
    const helpersNs = Math.max(0, after.helpersNs - before.helpersNs);
    if (mainNs >= STRETCH_CPU_MS * 1e6 || performance.now() >= giveUp) return { done, mainNs, helpersNs };
  }
}
