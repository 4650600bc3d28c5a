/** Thread entry: makes a run and its report from a journal, and writes nothing. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Rebuilt, rebuilt } from '../../bench/run/rebuild.ts';
import { type ExitCode, TollgateError, UsageError } from '../../core/errors.ts';
import { readGate } from '../../core/results/gate-file.ts';
import type { Report } from '../../reports/write.ts';
import { openRun } from '../run-folder.ts';
import { keepHeapSmall } from './small-heap.ts';

/** What it is given. */
export interface ReportTask {
  readonly directory: string;
  /** Named where the journal is at fault. */
  readonly command: string;
  /** For a journal of any length, unless the process does so for all of its threads already. */
  readonly keepsHeapSmall?: true;
}

/** An error of the user's making, since a message between threads keeps no class. */
export interface Fault {
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly hint: string;
  /** All faults of a wrong usage; null for any other. */
  readonly faults: readonly string[] | null;
}

/** What it says: first the run, then its report; or else what went wrong. */
export type Said = { readonly rebuilt: Rebuilt } | { readonly report: Report } | { readonly fault: Fault };

const say = (said: Said) => parentPort?.postMessage(said);

/** A large journal takes much memory: it is let go before the report is made. */
const fromJournal = ({ directory, command }: ReportTask): Rebuilt => rebuilt(openRun(directory, command));

async function make(task: ReportTask): Promise<void> {
  const made = fromJournal(task);
  say({ rebuilt: made });
  // Charts need much code.
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
