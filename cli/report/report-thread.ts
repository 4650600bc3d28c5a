/** Thread entry: makes a run and its report from a journal, and writes nothing. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Rebuilt, rebuilt } from '../../bench/run/rebuild.ts';
import { type ExitCode, TollgateError, UsageError } from '../../core/errors.ts';
import { readGate } from '../../core/results/gate-file.ts';
import type { Report } from '../../reports/write.ts';
import { openRun } from '../run-folder.ts';
import { keepHeapSmall } from './small-heap.ts';

/** The thread's input. */
export interface ReportTask {
  readonly directory: string;
  /** Named in errors about the journal. */
  readonly command: string;
  /** For a journal of any length, unless the process already does so for all its threads. */
  readonly keepsHeapSmall?: true;
}

/** An error caused by the user; messages between threads do not preserve classes. */
export interface Fault {
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly hint: string;
  /** All faults of wrong usage; null for other errors. */
  readonly faults: readonly string[] | null;
}

/** The thread's messages: first the run, then its report; or an error. */
export type Said = { readonly rebuilt: Rebuilt } | { readonly report: Report } | { readonly fault: Fault };

const say = (said: Said) => parentPort?.postMessage(said);

/** A large journal takes much memory: it is released before the report is made. */
const fromJournal = ({ directory, command }: ReportTask): Rebuilt => rebuilt(openRun(directory, command));

async function make(task: ReportTask): Promise<void> {
  const made = fromJournal(task);
  say({ rebuilt: made });
  // Loaded lazily, because charts need much code.
  const { renderReport } = await import('../../reports/build.ts');
  say({ report: await renderReport(made.run, readGate(task.directory)) });
}

try {
  const task = workerData.given as ReportTask;
  if (task.keepsHeapSmall === true) keepHeapSmall();
  await make(task);
} catch (error) {
  if (!(error instanceof TollgateError)) throw error;
  const { exitCode, message, hint } = error;
  say({ fault: { exitCode, message, hint, faults: error instanceof UsageError ? error.faults : null } });
}
