/** The samples of tests of hypotheses, and what is asked of them. */

/** What is asserted of the difference if the hypothesis of no difference is rejected. */
export type Alternative = 'two-sided' | 'less' | 'greater';

/** The samples cannot be tested. */
export class StatisticalTestError extends Error {
  override readonly name = 'StatisticalTestError';
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
