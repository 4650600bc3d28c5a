/** A recorded run as one shard of many: the same plan, with CPU times that vary as if measured anew. Pure. */
import type { JournalLine } from '../../core/results/schema.ts';
import { repeated } from './repeated.ts';

/** All shards have the same one; it is compared only. */
const RECORDED_VERSION = 'recorded';

/** @param recorded the lines of a whole run @param index from 1 to `count` */
export function* shardOf(
  recorded: readonly JournalLine[],
  { index, count }: { readonly index: number; readonly count: number },
): Generator<JournalLine> {
  const slices = recorded.filter(({ kind }) => kind === 'slice').length;
  for (const line of repeated(recorded, slices, index)) {
    if (line.kind !== 'run') {
      yield line;
      continue;
    }
    const { runId, startedAt, config } = line;
    const shard = { index, count, startAt: null, version: RECORDED_VERSION };
    yield { ...line, runId: `${runId}-shard-${index}-of-${count}`, config: { ...config, shard } };
    yield { kind: 'shard-began', at: startedAt, lateMs: null };
  }
}
