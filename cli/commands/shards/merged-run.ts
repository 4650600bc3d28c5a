/** Merges shards in a thread, and says what it does: a hundred of them take many seconds. */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { unwritable } from '../../../core/atomic-file.ts';
import { writeGate } from '../../../core/results/gate-file.ts';
import type { Run } from '../../../core/results/schema.ts';
import { printNote } from '../../output.ts';
import { StepLine } from '../../progress.ts';
import { writeSaid } from '../../report/make-report.ts';
import { journalPath, shownFolder } from '../../run-folder.ts';
import { typedCommand } from '../../typed-command.ts';
import { tablePath } from './compare.ts';
import type { MergeTask, Step } from './merge-thread.ts';

/**
 * Writes the merged journal, `shards.csv`, `gate.json`, and the run with its report. The journal and the table are
 * complete, or not there.
 *
 * @param directory of the merged run; it exists @returns the run
 * @throws TollgateError or the system's error if a file cannot be read or written; the signal's reason if it was aborted
 */
export async function mergedRun(directory: string, task: Omit<MergeTask, 'drafts'>, signal: AbortSignal): Promise<Run> {
  const drafts = join(directory, 'merging.tmp');
  const line = new StepLine();
  let isMerged = false;
  const keep = () => {
    if (task.gate !== null) writeGate(directory, task.gate);
    for (const path of [tablePath, journalPath]) {
      try {
        renameSync(path(drafts), path(directory));
      } catch (error) {
        throw unwritable(path(directory), error);
      }
    }
    isMerged = true;
  };
  const onMore = (said: Step) => {
    line.update(stepText(said, task.shards.length));
    if (said.step === 'merged') keep();
  };
  rmSync(drafts, { recursive: true, force: true });
  try {
    mkdirSync(drafts);
    const entry = new URL('./merge-thread.ts', import.meta.url);
    return await writeSaid(directory, { entry, task: { ...task, drafts } satisfies MergeTask, signal, onMore });
  } catch (error) {
    line.clear();
    if (isMerged) {
      printNote(`The journals are merged, without a report: ${typedCommand('report', [shownFolder(directory)])}`);
    }
    throw error;
  } finally {
    line.clear();
    rmSync(drafts, { recursive: true, force: true });
  }
}

function stepText(said: Step, shards: number): string {
  if (said.step === 'copy') return `Merging shard ${said.copied + 1} of ${shards}`;
  if (said.step === 'analyse') return `Computing the figures of ${said.experiment}`;
  return said.step === 'merged' ? 'Computing figures' : 'Drawing the report';
}
