/** Thread entry: makes a run and its report from a journal, and writes nothing. */
import { workerData } from 'node:worker_threads';
import { rebuilt } from '../../bench/run/rebuild.ts';
import { readGate } from '../../core/results/gate-file.ts';
import { openRun } from '../run-folder.ts';
import { sayRun } from './say-run.ts';
import { keepHeapSmall } from './small-heap.ts';

/** The thread's input. */
export interface ReportTask {
  readonly directory: string;
  /** Named in errors about the journal. */
  readonly command: string;
  /** For a journal of any length, unless the process already does so for all its threads. */
  readonly keepsHeapSmall?: true;
}

const { directory, command, keepsHeapSmall } = workerData.given as ReportTask;
if (keepsHeapSmall === true) keepHeapSmall();
await sayRun(
  () => rebuilt(openRun(directory, command)),
  () => readGate(directory),
);
