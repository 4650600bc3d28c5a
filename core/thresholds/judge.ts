/** Compares figures with limits. If the limit lies within the interval, the result is inconclusive. Pure. */

import { isLoneSample } from '../results/sampled.ts';
import type { Factors, Figure } from '../results/schema.ts';
import { formatSignificant } from '../text/format.ts';
import type { Expression } from './expression.ts';

export type Outcome = 'kept' | 'broken' | 'cannot-tell' | 'not-measured';

export interface Threshold {
  /** Null for every arm. */
  readonly arm: string | null;
  readonly expression: Expression;
  /** Whether an inconclusive or missing result counts as a failure. */
  readonly strict: boolean;
}

export interface ThresholdResult {
  readonly threshold: Threshold;
  readonly outcome: Outcome;
  /** Null if nothing was measured. */
  readonly figure: Figure | null;
}

function matches({ arm, expression }: Threshold, figure: Figure): boolean {
  return (
    figure.metric === expression.metric &&
    (arm === null || figure.arm === arm) &&
    (expression.experiment === null || figure.experiment === expression.experiment) &&
    Object.entries(expression.factors).every(([name, value]) => String(figure.factors[name]) === String(value))
  );
}

/** A limit that only another command can judge: `compare` measures no experiment, and `bench` compares no builds. */
export const COMPARE_EXPERIMENT = 'compare';

export function isFor(command: 'bench' | 'compare', { expression: { experiment } }: Threshold): boolean {
  return experiment === null || (experiment === COMPARE_EXPERIMENT) === (command === 'compare');
}

/** @returns one judgement for each figure that a limit selects; one of `not-measured` if there is none */
export function judgeThresholds(thresholds: readonly Threshold[], figures: readonly Figure[]): ThresholdResult[] {
  return thresholds.flatMap((threshold): ThresholdResult[] => {
    const found = figures.filter((figure) => matches(threshold, figure));
    if (found.length === 0) return [{ threshold, outcome: 'not-measured', figure: null }];
    return found.map((figure) => ({
      threshold,
      // The error of a single sample is unknown.
      outcome: isLoneSample(figure) ? 'cannot-tell' : outcomeOf(threshold.expression, figure),
      figure,
    }));
  });
}

export function outcomeOf({ operator, limit }: Expression, { low, high }: Pick<Figure, 'low' | 'high'>): Outcome {
  const decide = (kept: boolean, broken: boolean): Outcome => (kept ? 'kept' : broken ? 'broken' : 'cannot-tell');
  switch (operator) {
    case '<':
      return decide(high < limit, low >= limit);
    case '<=':
      return decide(high <= limit, low > limit);
    case '>':
      return decide(low > limit, high <= limit);
    case '>=':
      return decide(low >= limit, high < limit);
    case '==':
      return decide(low === limit && high === limit, low > limit || high < limit);
    case '!=':
      return decide(low > limit || high < limit, low === limit && high === limit);
  }
}

/** The limits that fail a run: exceeded ones, and strict ones that are inconclusive or were not measured. */
export function brokenOf(results: readonly ThresholdResult[]): ThresholdResult[] {
  return results.filter(isBroken);
}

export function isBroken({ outcome, threshold }: ThresholdResult): boolean {
  return outcome === 'broken' || (threshold.strict && outcome !== 'kept');
}

const factorsText = (factors: Factors) => {
  const pairs = Object.entries(factors).map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? '' : ` {${pairs.join(',')}}`;
};

const digits = (value: number) => formatSignificant(value, 4);

/** One line, such as `broken: jwt-hs256 {in_flight=10}: cpu_toll_us < 60: 71.2 [68.1–74.0] µs`. */
export function resultLine({ threshold, outcome, figure }: ThresholdResult): string {
  const { text } = threshold.expression;
  if (figure === null) return `not checked: ${threshold.arm ?? 'any arm'}: ${text}: it was not measured`;
  const range = isLoneSample(figure) ? '(one sample)' : `[${digits(figure.low)}–${digits(figure.high)}]`;
  const value = `${digits(figure.value)} ${range} ${figure.unit}`;
  const word = outcome === 'cannot-tell' ? 'inconclusive' : outcome;
  return `${word}: ${figure.arm ?? 'no arm'}${factorsText(figure.factors)}: ${text}: ${value}`;
}

/** One line per result; those without measurements share a line, such as for arms that a comparison omits. */
export function resultLines(results: readonly ThresholdResult[]): string[] {
  const unmeasured = results.filter(({ figure, outcome }) => figure === null && outcome !== 'broken');
  if (unmeasured.length < 2 || unmeasured.some(isBroken)) return results.map(resultLine);
  const arms = [...new Set(unmeasured.map(({ threshold }) => threshold.arm ?? 'any arm'))];
  const rest = results.filter((result) => !unmeasured.includes(result)).map(resultLine);
  return [...rest, `not checked: ${unmeasured.length} limits of ${arms.join(', ')}: nothing of them was measured`];
}
