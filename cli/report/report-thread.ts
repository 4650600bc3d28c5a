/** Thread entry: makes a run and its report from a journal, and writes nothing. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Rebuilt, rebuilt } from '../../bench/run/rebuild.ts';
import { readGate } from '../../core/results/gate-file.ts';
import type { Report } from '../../reports/write.ts';
import { openRun } from '../run-folder.ts';
import { type Fault, faultOf } from './fault.ts';
import { keepHeapSmall } from './small-heap.ts';

/** The thread's input. */
export interface ReportTask {
  readonly directory: string;
  /** Named in errors about the journal. */
  readonly command: string;
  /** For a journal of any length, unless the process already does so for all its threads. */
  readonly keepsHeapSmall?: true;
}

/** What it says: first the run, then its report; or else what went wrong. */
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
  say({ fault: faultOf(error) });
}
