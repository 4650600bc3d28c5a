/** One run of the open loop, during which the machine and the servers are observed. */
import type { HiccupReading } from '../hiccup/meter.ts';
import type { OpenOptions, OpenResult } from '../load/open/schema.ts';
import type { Processes } from '../load/protocol.ts';
import type { RunningFork } from './experiment.ts';
import { type CpuWatched, watchCpu } from './watch-cpu.ts';

export interface WatchedOpenRun {
  readonly result: OpenResult;
  readonly machine: HiccupReading;
  /** CPU time of the servers, without warm-up; null if it cannot be read. */
  readonly cpu: CpuWatched | null;
}

/** @param processes the servers that `options` loads */
export async function watchedOpenRun(
  running: Pick<RunningFork, 'meter' | 'open' | 'watchCpu'>,
  options: OpenOptions,
  processes: Processes,
  signal: AbortSignal,
): Promise<WatchedOpenRun> {
  const { warmupMs, durationMs } = options;
  const watch = running.watchCpu ?? watchCpu;
  const meter = await running.meter();
  const open = await running.open();
  let watching: Promise<CpuWatched | null> = Promise.resolve(null);
  await meter.mark();
  const result = await open.run(options, signal, (startAtMs) => {
    watching = watch(processes, startAtMs + warmupMs, startAtMs + warmupMs + durationMs);
    // If the load fails, that error is thrown.
    watching.catch(() => {});
  });
  return { result, machine: await meter.mark(), cpu: await watching };
}
