/** Compares the figures of shards in a thread, while their slices are copied: a hundred shards have hundreds of thousands. */
import type { ShardsDiffer } from '../../../core/results/recorded/shards.ts';
import type { Header } from '../../../core/results/schema.ts';
import { startThread } from '../../../core/thread.ts';
import { errorOf, type Fault } from '../../report/fault.ts';

/** What the thread is given. */
export interface CompareTask {
  /** Of the merged run: `shards.csv` is written there. */
  readonly directory: string;
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

export type Said = { readonly compared: Compared } | { readonly fault: Fault };

export interface Comparing {
  /** Rejects with the error of the thread, such as a TollgateError if `shards.csv` cannot be written, and if it was stopped. */
  readonly result: Promise<Compared>;
  readonly stop: () => Promise<void>;
}

export function compareShards(task: CompareTask): Comparing {
  const thread = startThread(new URL('./compare-thread.ts', import.meta.url), task);
  const { promise, resolve, reject } = Promise.withResolvers<Compared>();
  thread.once('message', (said: Said) => {
    if ('compared' in said) resolve(said.compared);
    else reject(errorOf(said.fault));
  });
  thread.once('error', reject);
  thread.once('exit', () => reject(new Error('the thread that compares shards ended without a result')));
  return {
    result: promise,
    stop: async () => {
      await thread.terminate();
    },
  };
}
