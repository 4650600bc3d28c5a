/**
 * Shards of any number in the form of real ones: each has the slices of a recorded run, varied as if measured anew. Pure.
 */
import type { Figure, Header, JournalLine } from '../../core/results/schema.ts';
import { createRandom, type Random } from '../../core/stats/random.ts';
import { varied } from './repeated.ts';

/** The relative spread of a figure from machine to machine. */
const SPREAD = 0.01;

const randomOf = (index: number, label: string): Random => createRandom(index).derive(label);

/**
 * The lines of the journal of shard `index` of `count`.
 * @param recorded the lines of a whole run, its header first
 * @throws RangeError if the first line is no header
 */
export function* shardLines(recorded: readonly JournalLine[], index: number, count: number): Generator<JournalLine> {
  const [header, ...rest] = recorded;
  if (header?.kind !== 'run') throw new RangeError('A recorded run begins with its header.');
  const random = randomOf(index, 'slices');
  const named = shardHeader(header, index, count);
  yield named;
  yield { kind: 'shard-began', at: named.startedAt, lateMs: null };
  for (const line of rest) yield line.kind === 'slice' ? varied(line, random) : line;
}

function shardHeader(header: Header, index: number, count: number): Header {
  const version = '1.0.0';
  return {
    ...header,
    runId: `${header.runId}-shard-${index}-of-${count}`,
    config: { ...header.config, shard: { index, count, startAt: null, version } },
  };
}

/** The figures of a shard: those of the recorded run, moved as a whole by what machines differ. */
export function shardFigures(figures: readonly Figure[], index: number): Figure[] {
  const random = randomOf(index, 'figures');
  return figures.map((figure) => {
    const factor = Math.exp(SPREAD * random.normal());
    return { ...figure, value: figure.value * factor, low: figure.low * factor, high: figure.high * factor };
  });
}
