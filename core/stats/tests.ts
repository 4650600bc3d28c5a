/**
 * Tests of means: Student's t (1908) for one sample, for pairs and for two samples of equal variance, and Welch's (1947)
 * for two samples of any variances. With the definitions and defaults of R's `t.test`.
 */
import { studentCdf, studentQuantile } from './distributions.ts';
import type { Interval } from './interval.ts';
import { mean, variance } from './location.ts';

/** What is asserted of the difference if the hypothesis of no difference is rejected. */
export type Alternative = 'two-sided' | 'less' | 'greater';

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

/** The samples cannot be tested. */
export class StatisticalTestError extends Error {
  override readonly name = 'StatisticalTestError';
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

/** `first − second`, pair by pair. @throws {StatisticalTestError} for samples of different lengths */
export function differences(first: readonly number[], second: readonly number[]): number[] {
  if (first.length !== second.length) {
    throw new StatisticalTestError(`${first.length} and ${second.length} numbers do not form pairs.`);
  }
  return first.map((value, i) => value - (second[i] as number));
}

/** @throws {StatisticalTestError} for fewer than `least` values, or values that are not finite */
export function checkSample(values: readonly number[], least: number): void {
  if (values.length < least) {
    throw new StatisticalTestError(`A test needs a sample of ${least} or more, not of ${values.length}.`);
  }
  if (!values.every(Number.isFinite)) throw new StatisticalTestError('A sample holds a number that is not finite.');
}
