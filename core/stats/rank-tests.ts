/**
 * Rank tests, with the definitions of R's `wilcox.test`: the rank sum test of two samples (Wilcoxon 1945; Mann & Whitney
 * 1947) and the signed rank test of one sample or of pairs. Equal values get the mean of their ranks. The p-value is
 * exact, or that of the normal distribution with the correction of its variance for ties.
 *
 * R before 4.6 uses the normal distribution wherever values are equal, and so does `exact: 'without-ties'`, the default.
 * From R 4.6 on, the exact distribution given the ties is used (Streitberg & Röhmel 1986), as `exact: true` does here. It
 * is that of the ranks that were seen, so it needs no tables. `P(W ≥ w)` includes `w` itself and nothing below it.
 */
import { normalCdf } from './distributions.ts';
import type { Bounds } from './interval.ts';
import { type Alternative, checkSample, StatisticalTestError } from './tests.ts';

export interface RankTestOptions {
  /** Default `two-sided`: twice the smaller of both tails, at most 1. */
  readonly alternative?: Alternative;
  /**
   * Default `without-ties`: exact below 50 values (in each sample) that all differ, and none of which is zero for signed
   * ranks. `true` is exact whatever the ties, `false` always normal.
   */
  readonly exact?: boolean | 'without-ties';
  /** Whether the normal distribution is moved by half a rank towards the mean, as ranks are whole; default true. */
  readonly correct?: boolean;
  /** The shift, or location, under the hypothesis; default 0. In the unit of the samples. */
  readonly hypothesis?: number;
}

export interface RankTest {
  /**
   * Of the rank sum test W, the number of pairs in which the value of the first sample is the larger one, equal ones
   * counted half (Mann and Whitney's U of that sample). Of the signed rank test V, the sum of the ranks of positive values.
   */
  readonly statistic: number;
  readonly p: number;
  readonly exact: boolean;
}

/**
 * Whether values of the first sample tend to be larger (`greater`) or smaller (`less`) than those of the second.
 * @throws {StatisticalTestError} for an empty sample, numbers that are not finite, a sample too large for `exact: true`, or
 * equal numbers only
 */
export function mannWhitney(
  first: readonly number[],
  second: readonly number[],
  options: RankTestOptions = {},
): RankTest {
  checkSample(first, 1);
  checkSample(second, 1);
  const [n, m] = [first.length, second.length];
  const shift = shiftOf(options);
  const { ranks, ties } = rank([...first.map((value) => value - shift), ...second]);
  const statistic = sum(ranks.slice(0, n)) - (n * (n + 1)) / 2;
  if (isExact(options, Math.max(n, m) < MOST_EXACT && ties.length === 0)) {
    const tails = rankSumTails(ranks, n, m, statistic);
    return { statistic, p: exactP(tails, options), exact: true };
  }
  const all = n + m;
  const tied = ties.reduce((total, count) => total + count ** 3 - count, 0);
  const spread = Math.sqrt(((n * m) / 12) * (all + 1 - (all > 1 ? tied / (all * (all - 1)) : 0)));
  return { statistic, p: normalP(statistic - (n * m) / 2, spread, options), exact: false };
}

/**
 * Whether values tend to lie above (`greater`) or below (`less`) the hypothesis, if they are symmetric about their median.
 * For pairs, take `differences(first, second)` of `tests`. Values at the hypothesis are left out, as Wilcoxon did.
 * @throws {StatisticalTestError} as `mannWhitney` does
 */
export function signedRank(values: readonly number[], options: RankTestOptions = {}): RankTest {
  checkSample(values, 1);
  const shift = shiftOf(options);
  const apart = values.map((value) => value - shift).filter((value) => value !== 0);
  const n = apart.length;
  if (n === 0) throw new StatisticalTestError('All numbers equal the hypothesis.');
  const { ranks, ties } = rank(apart.map(Math.abs));
  const statistic = sum(ranks.filter((_, i) => (apart[i] as number) > 0));
  if (isExact(options, values.length < MOST_EXACT && ties.length === 0 && n === values.length)) {
    return { statistic, p: exactP(signedRankTails(ranks, statistic), options), exact: true };
  }
  const tied = ties.reduce((total, count) => total + count ** 3 - count, 0);
  const spread = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24 - tied / 48);
  return { statistic, p: normalP(statistic - (n * (n + 1)) / 4, spread, options), exact: false };
}

/**
 * The interval of the shift from `second` to `first` that belongs to the exact rank sum test of values that all differ
 * (Bauer 1972): two of the sorted differences. Its estimate is `hodgesLehmannShift(second, first)`. @throws
 * {StatisticalTestError} as `mannWhitney` does
 */
export function shiftInterval(first: readonly number[], second: readonly number[], confidence = 0.95): Bounds {
  checkSample(first, 1);
  checkSample(second, 1);
  const [n, m] = [first.length, second.length];
  const sorted = Float64Array.from(first.flatMap((one) => second.map((other) => one - other))).sort();
  const ranks = Array.from({ length: n + m }, (_, i) => i + 1);
  return between(sorted, countsOfSums(ranks, Math.min(n, m)), confidence);
}

/**
 * The interval of the pseudomedian that belongs to the exact signed rank test of values whose absolutes all differ: two of
 * the sorted means of pairs. Its estimate is `hodgesLehmann(values)`. @throws {StatisticalTestError} as `signedRank` does
 */
export function pseudomedianInterval(values: readonly number[], confidence = 0.95): Bounds {
  checkSample(values, 1);
  const means = values.flatMap((one, i) => values.slice(i).map((other) => (one + other) / 2));
  const ranks = Array.from({ length: values.length }, (_, i) => i + 1);
  return between(Float64Array.from(means).sort(), countsOfAnySums(ranks), confidence);
}

/** R's limit for exact p-values. */
const MOST_EXACT = 50;
/** The most additions of an exact distribution: about half a second. */
const MOST_STEPS = 5e8;

function shiftOf({ hypothesis = 0 }: RankTestOptions): number {
  if (Number.isFinite(hypothesis)) return hypothesis;
  throw new StatisticalTestError(`A hypothesis is a number, not ${hypothesis}.`);
}

const isExact = ({ exact = 'without-ties' }: RankTestOptions, suits: boolean) =>
  exact === 'without-ties' ? suits : exact;

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Ranks from 1, equal values sharing the mean of theirs, and how often each value that is not unique occurs. */
function rank(values: readonly number[]): { readonly ranks: number[]; readonly ties: number[] } {
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
interface Tails {
  readonly lower: number;
  readonly upper: number;
}

function exactP({ lower, upper }: Tails, { alternative = 'two-sided' }: RankTestOptions): number {
  if (alternative === 'less') return lower;
  return alternative === 'greater' ? upper : Math.min(1, 2 * Math.min(lower, upper));
}

/** @param above the statistic less its mean */
function normalP(
  above: number,
  spread: number,
  { alternative = 'two-sided', correct = true }: RankTestOptions,
): number {
  if (!(spread > 0)) throw new StatisticalTestError('All numbers are equal.');
  const towards = { less: -0.5, greater: 0.5, 'two-sided': 0.5 * Math.sign(above) }[alternative];
  const z = (above - (correct ? towards : 0)) / spread;
  if (alternative === 'less') return normalCdf(z);
  return alternative === 'greater' ? normalCdf(-z) : Math.min(1, 2 * normalCdf(-Math.abs(z)));
}

/** Mean ranks may be halves, which are doubled. */
function wholeRanks(ranks: readonly number[]): { readonly whole: readonly number[]; readonly scale: number } {
  const scale = ranks.every(Number.isInteger) ? 1 : 2;
  return { whole: ranks.map((each) => each * scale), scale };
}

function rankSumTails(ranks: readonly number[], n: number, m: number, statistic: number): Tails {
  const { whole, scale } = wholeRanks(ranks);
  // The smaller sample has fewer sums; a low sum of one is a high sum of the other.
  const ofFirst = n <= m;
  const sumOfFirst = scale * (statistic + (n * (n + 1)) / 2);
  const seen = ofFirst ? sumOfFirst : sum(whole) - sumOfFirst;
  const { lower, upper } = tailsAt(countsOfSums(whole, Math.min(n, m)), Math.round(seen));
  return ofFirst ? { lower, upper } : { lower: upper, upper: lower };
}

function signedRankTails(ranks: readonly number[], statistic: number): Tails {
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
function countsOfSums(ranks: readonly number[], size: number): Float64Array {
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
function countsOfAnySums(ranks: readonly number[]): Float64Array {
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
function between(sorted: Float64Array, counts: Float64Array, confidence: number): Bounds {
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
