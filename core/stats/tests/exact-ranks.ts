/** Ranks and their exact distributions, by counting the choices of ranks that give each sum. */
import type { Bounds } from '../interval.ts';
import { StatisticalTestError } from './sample.ts';

/** The most additions of an exact distribution: about half a second. */
const MOST_STEPS = 5e8;

export const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Ranks from 1, equal values sharing the mean of theirs, and how often each value that is not unique occurs. */
export function rank(values: readonly number[]): { readonly ranks: number[]; readonly ties: number[] } {
  const order = [...values.keys()].sort((a, b) => (values[a] as number) - (values[b] as number));
  const ranks = new Array<number>(values.length);
  const ties: number[] = [];
  for (let from = 0; from < order.length; ) {
    const value = values[order[from] as number];
    let to = from + 1;
    while (to < order.length && values[order[to] as number] === value) to++;
    for (let i = from; i < to; i++) ranks[order[i] as number] = (from + 1 + to) / 2;
    if (to - from > 1) ties.push(to - from);
    from = to;
  }
  return { ranks, ties };
}

/** The probabilities of a statistic as low, or as high, as that seen. */
export interface Tails {
  readonly lower: number;
  readonly upper: number;
}

/** Mean ranks may be halves, which are doubled. */
function wholeRanks(ranks: readonly number[]): { readonly whole: readonly number[]; readonly scale: number } {
  const scale = ranks.every(Number.isInteger) ? 1 : 2;
  return { whole: ranks.map((each) => each * scale), scale };
}

export function rankSumTails(ranks: readonly number[], n: number, m: number, statistic: number): Tails {
  const { whole, scale } = wholeRanks(ranks);
  // The smaller sample has fewer sums; a low sum of one is a high sum of the other.
  const ofFirst = n <= m;
  const sumOfFirst = scale * (statistic + (n * (n + 1)) / 2);
  const seen = ofFirst ? sumOfFirst : sum(whole) - sumOfFirst;
  const { lower, upper } = tailsAt(countsOfSums(whole, Math.min(n, m)), Math.round(seen));
  return ofFirst ? { lower, upper } : { lower: upper, upper: lower };
}

export function signedRankTails(ranks: readonly number[], statistic: number): Tails {
  const { whole, scale } = wholeRanks(ranks);
  return tailsAt(countsOfAnySums(whole), Math.round(scale * statistic));
}

function tailsAt(counts: Float64Array, seen: number): Tails {
  let [lower, upper, all] = [0, 0, 0];
  for (const [total, count] of counts.entries()) {
    all += count;
    if (total <= seen) lower += count;
    if (total >= seen) upper += count;
  }
  return { lower: lower / all, upper: upper / all };
}

/** How many choices of `size` ranks have each sum, by the sum. */
export function countsOfSums(ranks: readonly number[], size: number): Float64Array {
  const width = sum(ranks.toSorted((a, b) => b - a).slice(0, size)) + 1;
  checkSteps(ranks.length * size * width);
  const table = new Float64Array((size + 1) * width);
  table[0] = 1;
  for (const [i, each] of ranks.entries()) {
    for (let chosen = Math.min(i + 1, size); chosen >= 1; chosen--) {
      const [to, from] = [chosen * width, (chosen - 1) * width - each];
      for (let total = width - 1; total >= each; total--) {
        table[to + total] = (table[to + total] as number) + (table[from + total] as number);
      }
    }
  }
  return table.subarray(size * width);
}

/** How many choices of any number of ranks have each sum, by the sum. */
export function countsOfAnySums(ranks: readonly number[]): Float64Array {
  const width = sum(ranks) + 1;
  checkSteps(ranks.length * width);
  const counts = new Float64Array(width);
  counts[0] = 1;
  for (const each of ranks) {
    for (let total = width - 1; total >= each; total--) {
      counts[total] = (counts[total] as number) + (counts[total - each] as number);
    }
  }
  return counts;
}

function checkSteps(steps: number): void {
  if (steps > MOST_STEPS) {
    throw new StatisticalTestError('The samples are too large for an exact distribution: take exact: false.');
  }
}

/** The sorted values at the quantiles of the statistic at either end of the interval. */
export function between(sorted: Float64Array, counts: Float64Array, confidence: number): Bounds {
  if (!(confidence > 0 && confidence < 1)) {
    throw new StatisticalTestError(`A confidence lies in (0, 1), not at ${confidence}.`);
  }
  const all = counts.reduce((total, count) => total + count, 0);
  // The smallest sum is that of the lowest ranks, at which the statistic is 0.
  const least = counts.findIndex((count) => count > 0);
  // Rounding must not leave out a sum whose probability is just the tail.
  const tail = (1 - confidence) / 2 - 10 * Number.EPSILON;
  let [below, left] = [0, -1];
  while (below / all < tail) {
    left += 1;
    below += counts[least + left] as number;
  }
  const outside = Math.max(1, left);
  return { low: sorted[outside - 1] as number, high: sorted[sorted.length - outside] as number };
}
