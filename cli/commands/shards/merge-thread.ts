/**
 * Thread entry: merges the journals of shards, and makes the run and its report of the lines that it read. Its files are
 * drafts, as it may be stopped at any time.
 */
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { type Rebuilt, rebuilt } from '../../../bench/run/rebuild.ts';
import { type JournalOfShard, mergeJournals } from '../../../bench/run/shards/merge.ts';
import { agreementNotes } from '../../../bench/run/shards/notes.ts';
import { thenEnding } from '../../../core/errors.ts';
import type { GateResult } from '../../../core/results/gate-schema.ts';
import { sayRun } from '../../report/say-run.ts';
import { journalPath } from '../../run-folder.ts';
import { compareShards, tablePath } from './compare.ts';

export interface MergeTask {
  /** An empty folder, for the merged journal and the table of shards. */
  readonly drafts: string;
  readonly shards: readonly JournalOfShard[];
  readonly commandLine: string;
  /** Remarks on shards that are missing. */
  readonly gapNotes: readonly string[];
  readonly gate: GateResult | null;
}

/** What the thread does, in the order of the steps. */
export type Step =
  | { readonly step: 'copy'; readonly copied: number }
  /** Both drafts are complete. */
  | { readonly step: 'merged' }
  | { readonly step: 'analyse'; readonly experiment: string }
  | { readonly step: 'report' };

const tell = (step: Step) => parentPort?.postMessage(step);

async function merge({ drafts, shards, commandLine, gapNotes }: MergeTask): Promise<Rebuilt> {
  const comparing = compareShards({
    tablePath: tablePath(drafts),
    shards: shards.map(({ journal, shard, header: { runId, startedAt } }) => {
      return { index: shard.index, directory: dirname(journal), runId, startedAt };
    }),
  });
  const merging = () =>
    mergeJournals({
      shards,
      journalPath: journalPath(drafts),
      commandLine,
      agreement: comparing.result.then(({ compared, differences }) => {
        return { differences, notes: [...gapNotes, ...agreementNotes(shards, compared, differences.length)] };
      }),
      onShard: (copied) => tell({ step: 'copy', copied }),
    });
  const journal = await thenEnding(merging, () => comparing.stop());
  tell({ step: 'merged' });
  const made = rebuilt(journal, (experiment) => tell({ step: 'analyse', experiment }));
  tell({ step: 'report' });
  return made;
}

const task = workerData.given as MergeTask;
await sayRun(
  () => merge(task),
  () => task.gate,
);
