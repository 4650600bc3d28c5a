/**
 * Tests of hypotheses. Of means: Student's t (1908) for one sample, for pairs and for two samples of equal variance, and
 * Welch's (1947) for two samples of any variances, with the definitions and defaults of R's `t.test`. Of ranks: Wilcoxon's,
 * and Mann and Whitney's.
 */
import { normalCdf, studentCdf, studentQuantile } from './distributions.ts';
import type { Bounds, Interval } from './interval.ts';
import { mean, variance } from './location.ts';
import {
  between,
  countsOfAnySums,
  countsOfSums,
  rank,
  rankSumTails,
  signedRankTails,
  sum,
  type Tails,
} from './tests/exact-ranks.ts';
import { type Alternative, checkSample, differences, StatisticalTestError } from './tests/sample.ts';

export interface MeanTestOptions {
  /** Default `two-sided`. */
  readonly alternative?: Alternative;
  /** Of the interval, between 0 and 1; default 0.95. */
  readonly confidence?: number;
  /** The mean, or difference of means, under the hypothesis; default 0. In the unit of the samples. */
  readonly hypothesis?: number;
}

/** The tested mean or difference, its interval (with an infinite end for a one-sided alternative), and the test. */
export interface MeanTest extends Interval {
  readonly standardError: number;
  /** The distance to the hypothesis in standard errors. */
  readonly t: number;
  /** Degrees of freedom; fractional for Welch's test. */
  readonly degrees: number;
  /** The probability of a `t` at least as extreme under the hypothesis. */
  readonly p: number;
}

/**
 * Student's test of a mean. @param values two or more, in any unit @throws {StatisticalTestError} for too few values,
 * values that are not finite, or (nearly) equal ones
 */
export function oneSampleTest(values: readonly number[], options: MeanTestOptions = {}): MeanTest {
  checkSample(values, 2);
  const value = mean(values);
  return judged(value, Math.sqrt(variance(values) / values.length), values.length - 1, Math.abs(value), options);
}

/**
 * Student's test of the mean of `first − second`, pair by pair. @throws {StatisticalTestError} for samples of different
 * lengths, and as `oneSampleTest` does
 */
export function pairedTest(
  first: readonly number[],
  second: readonly number[],
  options: MeanTestOptions = {},
): MeanTest {
  return oneSampleTest(differences(first, second), options);
}

/**
 * Student's test of `mean(first) − mean(second)` for samples of equal variance, by the pooled variance.
 * @throws {StatisticalTestError} for an empty sample, fewer than three values in all, values that are not finite, or
 * (nearly) equal ones
 */
export function studentTest(
  first: readonly number[],
  second: readonly number[],
  options: MeanTestOptions = {},
): MeanTest {
  checkSample(first, 1);
  checkSample(second, 1);
  const [n, m] = [first.length, second.length];
  const degrees = n + m - 2;
  if (degrees < 1) throw new StatisticalTestError('A test of two means needs three numbers or more.');
  // The variance of a single number is 0 here, so it adds nothing.
  const pooled = ((n - 1) * variance(first) + (m - 1) * variance(second)) / degrees;
  return ofTwo(first, second, Math.sqrt(pooled * (1 / n + 1 / m)), degrees, options);
}

/**
 * Welch's test of `mean(first) − mean(second)`, for samples of any variances; its degrees of freedom are Satterthwaite's
 * (1946). @throws {StatisticalTestError} for a sample of fewer than two values, values that are not finite, or (nearly)
 * equal ones
 */
export function welchTest(
  first: readonly number[],
  second: readonly number[],
  options: MeanTestOptions = {},
): MeanTest {
  checkSample(first, 2);
  checkSample(second, 2);
  const [n, m] = [first.length, second.length];
  const [a, b] = [variance(first) / n, variance(second) / m];
  const degrees = (a + b) ** 2 / (a ** 2 / (n - 1) + b ** 2 / (m - 1));
  return ofTwo(first, second, Math.sqrt(a + b), degrees, options);
}

function ofTwo(
  first: readonly number[],
  second: readonly number[],
  standardError: number,
  degrees: number,
  options: MeanTestOptions,
): MeanTest {
  const [one, other] = [mean(first), mean(second)];
  return judged(one - other, standardError, degrees, Math.max(Math.abs(one), Math.abs(other)), options);
}

/** @param size the largest mean: an error far below its rounding error says nothing */
function judged(
  value: number,
  standardError: number,
  degrees: number,
  size: number,
  { alternative = 'two-sided', confidence = 0.95, hypothesis = 0 }: MeanTestOptions,
): MeanTest {
  if (!(confidence > 0 && confidence < 1)) {
    throw new StatisticalTestError(`A confidence lies in (0, 1), not at ${confidence}.`);
  }
  if (!Number.isFinite(hypothesis)) throw new StatisticalTestError(`A hypothesis is a number, not ${hypothesis}.`);
  if (!(standardError > 10 * Number.EPSILON * size)) throw new StatisticalTestError('The numbers hardly differ.');
  const t = (value - hypothesis) / standardError;
  const found = { value, standardError, t, degrees };
  const reach = (share: number) => studentQuantile(share, degrees) * standardError;
  if (alternative === 'less') {
    return { ...found, p: studentCdf(t, degrees), low: Number.NEGATIVE_INFINITY, high: value + reach(confidence) };
  }
  if (alternative === 'greater') {
    return { ...found, p: studentCdf(-t, degrees), low: value - reach(confidence), high: Number.POSITIVE_INFINITY };
  }
  const half = reach((1 + confidence) / 2);
  return { ...found, p: 2 * studentCdf(-Math.abs(t), degrees), low: value - half, high: value + half };
}

// Rank tests, with the definitions of R's `wilcox.test`: the rank sum test of two samples (Wilcoxon 1945; Mann & Whitney 1947)
// and the signed rank test of one sample or of pairs. Equal values get the mean of their ranks. The p-value is exact, or that
// of the normal distribution with the correction of its variance for ties. R before 4.6 uses the normal distribution wherever
// values are equal, and so does `exact: 'without-ties'`, the default. From R 4.6 on, the exact distribution given the ties is
// used (Streitberg & Röhmel 1986), as `exact: true` does here. `P(W ≥ w)` includes `w` itself and nothing below it.
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
 * For pairs, take `differences(first, second)` of `tests/sample`. Values at the hypothesis are left out, as Wilcoxon did.
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
function shiftOf({ hypothesis = 0 }: RankTestOptions): number {
  if (Number.isFinite(hypothesis)) return hypothesis;
  throw new StatisticalTestError(`A hypothesis is a number, not ${hypothesis}.`);
}

const isExact = ({ exact = 'without-ties' }: RankTestOptions, suits: boolean) =>
  exact === 'without-ties' ? suits : exact;

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
