/** The caveats of a merged run about its shards: flags on figures and on the whole run. Pure. */
import type { Flag } from '../../../core/results/flags.ts';
import type { MergedShard, ShardsDiffer } from '../../../core/results/recorded/shards.ts';
import type { Figure, JournalLine } from '../../../core/results/schema.ts';
import { cellKey } from './differences.ts';

/** Figures in these units are times and rates: what a faster machine changes. Ratios within blocks and counts are not. */
const OF_THE_MACHINE: ReadonlySet<string> = new Set(['µs', 'ms', 'req/s', 'op/s', 'B/s']);

export interface ShardCaveats {
  /** Shards in their order; none if the run is not a merged one. */
  readonly shards: readonly MergedShard[];
  readonly isMissingSome: boolean;
  /** Flags of the whole run. */
  readonly flags: readonly Flag[];
  readonly flagged: (figure: Figure) => Figure;
}

export function shardCaveats(lines: readonly JournalLine[]): ShardCaveats {
  const shards = lines
    .filter((line): line is MergedShard => line.kind === 'shard')
    .toSorted((a, b) => a.index - b.index);
  const [first] = shards;
  if (first === undefined) return { shards, isMissingSome: false, flags: [], flagged: (figure) => figure };
  const isMissingSome = shards.length < first.count || shards.some(({ complete }) => !complete);
  const differ = new Set(lines.filter((line): line is ShardsDiffer => line.kind === 'shards-differ').map(cellKey));
  const areAlike = new Set(shards.map(({ machineClass }) => machineClass)).size === 1;
  return {
    shards,
    isMissingSome,
    flags: isMissingSome ? ['shards-missing'] : [],
    flagged(figure) {
      const isMixed = !areAlike && OF_THE_MACHINE.has(figure.unit);
      return isMixed || differ.has(cellKey(figure))
        ? { ...figure, flags: [...new Set<Flag>([...figure.flags, 'shards-differ'])].sort() }
        : figure;
    },
  };
}
