/**
 * Makes the run and the report of a journal. Computing for seconds would block signals, so a thread computes, and
 * this one listens and writes: Ctrl-C ends it at once, or between two files.
 */
import { setImmediate } from 'node:timers/promises';
import type { Rebuilt } from '../../bench/run/rebuild.ts';
import { thenEnding } from '../../core/errors.ts';
import { writeRun } from '../../core/results/run-file.ts';
import type { Run } from '../../core/results/schema.ts';
import { startThread } from '../../core/thread.ts';
import { writeWithin } from '../../core/within.ts';
import type { Report } from '../../reports/write.ts';
import { errorOf } from './fault.ts';
import type { ReportTask } from './report-thread.ts';
import type { Said } from './say-run.ts';

const isSaid = (said: unknown): said is Said =>
  typeof said === 'object' && said !== null && ('rebuilt' in said || 'report' in said || 'fault' in said);

/** The run is written as soon as it is ready: charts take longest. */
async function writeRebuilt(directory: string, { run, histograms }: Rebuilt, signal?: AbortSignal): Promise<void> {
  writeRun(directory, run);
  for (const { path, content } of histograms) {
    await setImmediate();
    signal?.throwIfAborted();
    writeWithin(directory, path, content);
  }
}

/**
 * Rebuilds `run.json`, its histograms and its report. @param task the folder with the journal @returns the run
 * @throws TollgateError (usage) if there is no readable journal, or a file cannot be written; the signal's reason if
 * it was aborted: each file is written atomically
 */
export async function makeReport(task: ReportTask, signal?: AbortSignal): Promise<Run> {
  return writeSaid(task.directory, { entry: new URL('./report-thread.ts', import.meta.url), task, signal });
}

export interface Making<More> {
  /** A module that calls `sayRun`. */
  readonly entry: URL;
  /** Given to the thread. */
  readonly task: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Called with whatever else the thread says. What it throws ends the thread. */
  readonly onMore?: (said: More) => void;
}

/**
 * Writes the run and the report that a thread makes. @param directory of the run @returns the run
 * @throws as `makeReport`; the thread has ended then
 */
export async function writeSaid<More>(directory: string, { entry, task, signal, onMore }: Making<More>): Promise<Run> {
  signal?.throwIfAborted();
  const rebuilt = Promise.withResolvers<Rebuilt>();
  const report = Promise.withResolvers<Report>();
  // A failure is reported by the first of the two promises that is awaited.
  report.promise.catch(() => {});
  const fail = (reason: unknown) => {
    rebuilt.reject(reason);
    report.reject(reason);
  };
  const abort = () => fail(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const thread = startThread(entry, task);
  const hear = (said: Said | More) => {
    if (!isSaid(said)) onMore?.(said);
    else if ('rebuilt' in said) rebuilt.resolve(said.rebuilt);
    else if ('report' in said) report.resolve(said.report);
    else fail(errorOf(said.fault));
  };
  thread.on('message', (said: Said | More) => {
    try {
      // It may have been said before the thread was stopped.
      if (signal?.aborted !== true) hear(said);
    } catch (error) {
      fail(error);
    }
  });
  thread.once('error', fail);
  thread.once('exit', () => fail(new Error('the thread ended without a report')));
  return thenEnding(
    async () => {
      const made = await rebuilt.promise;
      await writeRebuilt(directory, made, signal);
      // The report's code is not loaded while a run measures.
      const { writeFiles } = await import('../../reports/write.ts');
      writeFiles(directory, await report.promise);
      return made.run;
    },
    () => signal?.removeEventListener('abort', abort),
    () => thread.terminate(),
  );
}
