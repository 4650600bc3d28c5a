/**
 * A journal of any length with realistic content: the slices of a recorded run, repeated in later blocks of its fresh
 * starts. CPU times and durations vary as if measured anew, so that no two slices are equal. Pure.
 */
import type { MeasuresDraft, NumberMeasure } from '../../core/results/measures.ts';
import { copyOf } from '../../core/results/recorded/packed-slices.ts';
import type { JournalLine, Slice } from '../../core/results/schema.ts';
import { createRandom, type Random } from '../../core/stats/random.ts';

/** The relative spread of one block's CPU time. */
const SPREAD = 0.03;

/**
 * @param recorded the lines of a run, with at least one slice
 * @param slices the number of slices to make
 * @param seed another one varies them in another way
 */
export function* repeated(recorded: readonly JournalLine[], slices: number, seed = 1): Generator<JournalLine> {
  const starts = Map.groupBy(
    recorded.filter((line) => line.kind === 'slice'),
    ({ experiment, fork }) => JSON.stringify([experiment, fork]),
  );
  const total = [...starts.values()].reduce((sum, own) => sum + own.length, 0);
  const random = createRandom(seed);
  let [seen, made] = [0, 0];
  for (const line of recorded) {
    if (line.kind !== 'slice') {
      yield line;
      continue;
    }
    const key = JSON.stringify([line.experiment, line.fork]);
    const own = starts.get(key) ?? [];
    starts.delete(key);
    seen += own.length;
    const wanted = Math.round((slices * seen) / total) - made;
    made += wanted;
    yield* inLaterBlocks(own, wanted, random);
  }
}

/** @param own slices of one fresh start */
function* inLaterBlocks(own: readonly Slice[], wanted: number, random: Random): Generator<Slice> {
  const blocks = 1 + own.reduce((most, { block }) => Math.max(most, block), 0);
  for (let i = 0; i < wanted; i++) {
    const slice = copyOf(own[i % own.length] as Slice);
    yield varied({ ...slice, block: slice.block + blocks * Math.floor(i / own.length) }, random);
  }
}

function varied(slice: Slice, random: Random): Slice {
  const factor = () => Math.exp(SPREAD * random.normal());
  const measures: MeasuresDraft = { ...slice.measures };
  for (const name of Object.keys(measures).filter((one) => one.endsWith('_ns')) as NumberMeasure[]) {
    measures[name] = Math.round((measures[name] ?? 0) * factor());
  }
  return { ...slice, durationMs: slice.durationMs * factor(), measures };
}
