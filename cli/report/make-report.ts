/**
 * Makes the run and the report of a journal. Computing for seconds would block signals, so a thread computes, and
 * this one listens and writes: Ctrl-C ends it at once, or between two files.
 */
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Rebuilt } from '../../bench/run/rebuild.ts';
import { writeAtomically } from '../../core/atomic-file.ts';
import { thenEnding } from '../../core/errors.ts';
import { makeFolders } from '../../core/folders.ts';
import { writeRun } from '../../core/results/run-file.ts';
import type { Run } from '../../core/results/schema.ts';
import { startThread } from '../../core/thread.ts';
import type { Report } from '../../reports/write.ts';
import { errorOf } from './fault.ts';
import type { ReportTask, Said } from './report-thread.ts';

/** The run is written as soon as it is ready: charts take longest. */
async function writeRebuilt(directory: string, { run, histograms }: Rebuilt, signal?: AbortSignal): Promise<void> {
  writeRun(directory, run);
  for (const { path, content } of histograms) {
    await setImmediate();
    signal?.throwIfAborted();
    makeFolders(dirname(join(directory, path)));
    writeAtomically(join(directory, path), content);
  }
}

/**
 * Rebuilds `run.json`, its histograms and its report. @param task the folder with the journal @returns the run
 * @throws TollgateError (usage) if there is no readable journal, or a file cannot be written; the signal's reason if
 * it was aborted: each file is written atomically
 */
export async function makeReport(task: ReportTask, signal?: AbortSignal): Promise<Run> {
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
  const thread = startThread(new URL('./report-thread.ts', import.meta.url), task);
  thread.on('message', (said: Said) => {
    if ('rebuilt' in said) rebuilt.resolve(said.rebuilt);
    else if ('report' in said) report.resolve(said.report);
    else fail(errorOf(said.fault));
  });
  thread.once('error', fail);
  thread.once('exit', () => fail(new Error('the thread that makes the report ended without it')));
  return thenEnding(
    async () => {
      const made = await rebuilt.promise;
      await writeRebuilt(task.directory, made, signal);
      // The report's code is not loaded while a run measures.
      const { writeFiles } = await import('../../reports/write.ts');
      writeFiles(task.directory, await report.promise);
      return made.run;
    },
    () => signal?.removeEventListener('abort', abort),
    () => thread.terminate(),
  );
}
