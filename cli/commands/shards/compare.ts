/** Compares the figures of shards in a thread, while their slices are copied: a hundred shards have hundreds of thousands. */
import { join } from 'node:path';
import type { ShardsDiffer } from '../../../core/results/recorded/shards.ts';
import type { Header } from '../../../core/results/schema.ts';
import { type Asked, askThread } from '../../report/answer.ts';

/** What the thread is given. */
export interface CompareTask {
  /** Where `shards.csv` is written. */
  readonly tablePath: string;
  readonly shards: readonly ({ readonly index: number; readonly directory: string } & Pick<
    Header,
    'runId' | 'startedAt'
  >)[];
}

/** What it says when it ends. */
export interface Compared {
  /** How many figures at least two shards have. */
  readonly compared: number;
  readonly differences: readonly ShardsDiffer[];
}

export const tablePath = (directory: string) => join(directory, 'shards.csv');

/** The result rejects with a TollgateError if `shards.csv` cannot be written. */
export function compareShards(task: CompareTask): Asked<Compared> {
  return askThread(new URL('./compare-thread.ts', import.meta.url), task, 'compares shards');
}
