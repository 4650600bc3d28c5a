/** Resamples of a hierarchical bootstrap: forks with replacement, then within each as many blocks as it has. */
import { createRandom, type Random } from '../random.ts';

/**
 * `columns[c]` holds column c of the sample in its first `count` entries; entry i of every column came from the same
 * block. It must not keep the arrays, which are reused.
 */
export type Statistic = (columns: readonly Float64Array[], count: number) => number;

/**
 * A statistic that depends only on the sum of each column and on the number of entries. It is computed without a copy of
 * the drawn values, in less than half of the time.
 */
export interface StatisticOfSums {
  readonly ofSums: (sums: Float64Array, count: number) => number;
  /**
   * The statistic as an increasing function of one quotient: the sum of the first column over that of the second, whose
   * entries are all positive, or over the count if there is only one column. Absent if it is not such a function.
   */
  readonly ofQuotient?: { readonly of: (quotient: number) => number; readonly slope: (quotient: number) => number };
}

/** The data by column; fork f has the blocks from `starts[f]` to before `starts[f + 1]`. */
export interface Sample {
  readonly columns: readonly Float64Array[];
  readonly starts: Int32Array;
  readonly blocks: number;
  readonly forks: number;
}

export function isConstant({ columns, blocks }: Sample): boolean {
  return columns.every((column) => {
    for (let index = 1; index < blocks; index++) if (column[index] !== column[0]) return false;
    return true;
  });
}

export function ofWhole(sample: Sample, statistic: Statistic | StatisticOfSums): number {
  const { columns, blocks } = sample;
  if (typeof statistic === 'function') return statistic(columns, blocks);
  const sums = new Float64Array(columns.length);
  addRange(sums, columns, 0, blocks);
  return statistic.ofSums(sums, blocks);
}

/** Adds blocks to the sums of all columns. */
function addRange(sums: Float64Array, columns: readonly Float64Array[], from: number, to: number): void {
  for (let c = 0; c < columns.length; c++) {
    const column = columns[c] as Float64Array;
    let sum = sums[c] as number;
    for (let block = from; block < to; block++) sum += column[block] as number;
    sums[c] = sum;
  }
}

/** The statistic of each resample, sorted: with the same draws, and the same order of addition, as `resample`. */
export function resampleSums(
  sample: Sample,
  { ofSums }: StatisticOfSums,
  resamples: number,
  seed: number,
): Float64Array {
  const random = createRandom(seed);
  const draw = sample.columns.length > 2 ? drawSums : drawTwoSums;
  const sums = new Float64Array(sample.columns.length);
  const replicates = new Float64Array(resamples);
  for (let replicate = 0; replicate < resamples; replicate++) {
    const count = draw(sample, random, sums);
    replicates[replicate] = ofSums(sums, count);
  }
  return replicates.sort();
}

/** Overwrites `sums` with those of one resample. @returns how many blocks were drawn */
function drawSums({ columns, starts, forks }: Sample, random: Random, sums: Float64Array): number {
  let count = 0;
  sums.fill(0);
  for (let pick = 0; pick < forks; pick++) {
    const fork = forks === 1 ? 0 : random.integer(forks);
    const start = starts[fork] as number;
    const size = (starts[fork + 1] as number) - start;
    for (let block = 0; block < size; block++) {
      const from = start + random.integer(size);
      for (let c = 0; c < sums.length; c++)
        sums[c] = (sums[c] as number) + ((columns[c] as Float64Array)[from] as number);
    }
    count += size;
  }
  return count;
}

/** As `drawSums`, for at most two columns, which most statistics have: keeping the sums in variables is faster. */
function drawTwoSums({ columns, starts, forks }: Sample, random: Random, sums: Float64Array): number {
  const [first = new Float64Array(0), second = first] = columns;
  let [one, other, count] = [0, 0, 0];
  for (let pick = 0; pick < forks; pick++) {
    const fork = forks === 1 ? 0 : random.integer(forks);
    const start = starts[fork] as number;
    const size = (starts[fork + 1] as number) - start;
    for (let block = 0; block < size; block++) {
      const from = start + random.integer(size);
      one += first[from] as number;
      other += second[from] as number;
    }
    count += size;
  }
  sums[0] = one;
  if (sums.length > 1) sums[1] = other;
  return count;
}

/** The jackknife values: the statistic without each fork, or without each block if there is only one fork. */
export function leaveOneOutOfSums(sample: Sample, { ofSums }: StatisticOfSums): Float64Array {
  const { columns, starts, blocks, forks } = sample;
  const units = forks > 1 ? forks : blocks;
  const sums = new Float64Array(columns.length);
  const all = new Float64Array(columns.length);
  const isMany = units > MOST_ADDED_ANEW;
  if (isMany) addRange(all, columns, 0, blocks);
  return Float64Array.from({ length: units }, (_, unit) => {
    const from = forks > 1 ? (starts[unit] as number) : unit;
    const to = forks > 1 ? (starts[unit + 1] as number) : unit + 1;
    sums.fill(0);
    if (isMany) {
      addRange(sums, columns, from, to);
      for (let c = 0; c < sums.length; c++) sums[c] = (all[c] as number) - (sums[c] as number);
    } else {
      addRange(sums, columns, 0, from);
      addRange(sums, columns, to, blocks);
    }
    return ofSums(sums, blocks - (to - from));
  });
}

/** With more units than this, a sum without one unit is the total minus that unit: adding the others takes quadratic time. */
const MOST_ADDED_ANEW = 1000;

/** The statistic of each resample, sorted. */
export function resample(sample: Sample, statistic: Statistic, resamples: number, seed: number): Float64Array {
  const { columns, starts, forks } = sample;
  const random = createRandom(seed);
  const largest = starts.reduce((most, start, index) => Math.max(most, start - (starts[index - 1] ?? 0)), 0);
  const drawn = columns.map(() => new Float64Array(forks * largest));
  const replicates = new Float64Array(resamples);
  for (let replicate = 0; replicate < resamples; replicate++) {
    let count = 0;
    for (let pick = 0; pick < forks; pick++) {
      const fork = forks === 1 ? 0 : random.integer(forks);
      const start = starts[fork] as number;
      const size = (starts[fork + 1] as number) - start;
      for (let block = 0; block < size; block++) {
        const from = start + random.integer(size);
        for (let c = 0; c < columns.length; c++)
          (drawn[c] as Float64Array)[count] = (columns[c] as Float64Array)[from] as number;
        count++;
      }
    }
    replicates[replicate] = statistic(drawn, count);
  }
  return replicates.sort();
}

/** The jackknife values: the statistic without each fork, or without each block if there is only one fork. */
export function leaveOneOut(sample: Sample, statistic: Statistic): Float64Array {
  const { columns, starts, blocks, forks } = sample;
  const units = forks > 1 ? forks : blocks;
  const rest = columns.map(() => new Float64Array(blocks));
  return Float64Array.from({ length: units }, (_, unit) => {
    const from = forks > 1 ? (starts[unit] as number) : unit;
    const to = forks > 1 ? (starts[unit + 1] as number) : unit + 1;
    for (const [c, column] of columns.entries()) {
      const target = rest[c] as Float64Array;
      target.set(column.subarray(0, from));
      target.set(column.subarray(to), from);
    }
    return statistic(rest, blocks - (to - from));
  });
}
