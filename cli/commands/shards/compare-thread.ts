/** Thread entry: reads the figures of shards, writes them by shard, and says in which the shards differ. */
import { replay } from '../../../bench/run/replay.ts';
import { ShardComparison } from '../../../bench/run/shards/differences.ts';
import { readJournalFile } from '../../../core/results/journal.ts';
import { JsonFileError } from '../../../core/results/json-file.ts';
import { readRun } from '../../../core/results/run-file.ts';
import type { Figure } from '../../../core/results/schema.ts';
import { answer } from '../../report/answer.ts';
import { journalPath } from '../../run-folder.ts';
import type { Compared, CompareTask } from './compare.ts';
import { ShardTable } from './table.ts';

/** The figures that the shard itself made; from its journal if it left none, or those of another run. */
function figuresOf({ directory, runId, startedAt }: CompareTask['shards'][number]): readonly Figure[] {
  try {
    const run = readRun(directory);
    if (run.runId === runId && run.startedAt === startedAt && run.endedAt !== null) return run.figures;
  } catch (error) {
    if (!(error instanceof JsonFileError)) throw error;
  }
  return replay(readJournalFile(journalPath(directory))).figures;
}

function compare({ tablePath, shards }: CompareTask): Compared {
  const comparison = new ShardComparison();
  const table = new ShardTable(tablePath);
  for (const shard of shards) {
    const figures = figuresOf(shard);
    comparison.add(shard.index, figures);
    table.add(shard.index, figures);
  }
  table.close();
  return { compared: comparison.compared, differences: comparison.differences() };
}

answer(compare);
