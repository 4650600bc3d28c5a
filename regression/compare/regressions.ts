/** Finds the changes for the worse in a comparison, and describes them. Pure. */
import { formatFixed, formatUpTo } from '../../core/text/format.ts';
import type { InstructionChange } from '../instructions/count.ts';
import type { ArmComparison, CostComparison } from './compare.ts';
import type { CostMetric } from './costs/costs.ts';
import type { Judgement } from './verdict.ts';

/** A change for the worse, which fails the comparison. */
export interface Regression {
  readonly arm: string;
  readonly metric: string;
  readonly text: string;
}

export function regressionsOf(arms: readonly ArmComparison[]): Regression[] {
  return arms.flatMap(({ arm, guards, instructions, costs }) => [
    ...guards
      .filter(({ verdict }) => verdict === 'more')
      .map(({ metric, base, head }) => ({ arm, metric, text: `${metric} rose from ${round(base)} to ${round(head)}` })),
    ...(instructions?.verdict === 'more'
      ? [{ arm, metric: INSTRUCTIONS, text: `${INSTRUCTIONS} rose by ${instructionWords(instructions)}` }]
      : []),
    ...costs.flatMap((cost) => costRegressions(arm, cost)),
  ]);
}

/**
 * Whether a cost fails the comparison: by its whole, or by its garbage collection alone. More of that is no regression
 * if the whole cost is known not to have risen. @param gc null if the terms cannot be separated
 */
export function isRedByCost(whole: Pick<Judgement, 'verdict'>, gc: Pick<Judgement, 'verdict'> | null): boolean {
  return whole.verdict === 'slower' || (whole.verdict === 'cannot-tell' && gc?.verdict === 'slower');
}

function costRegressions(arm: string, { metric, judged, parts }: CostComparison): Regression[] {
  const between = ({ value, low, high }: Judgement['ratio']) =>
    `${formatFixed(value, 3)} × the base’s, 99 % interval ${formatFixed(low, 3)} to ${formatFixed(high, 3)}`;
  if (judged.verdict === 'slower') return [{ arm, metric, text: `${metric} is ${between(judged.ratio)}` }];
  if (parts === null || !isRedByCost(judged, parts.gc)) return [];
  const { value, low, high } = parts.gc.ratio;
  const pct = (ratio: number) => formatFixed(100 * (ratio - 1), 1);
  const text = `garbage collection adds ${pct(value)} % to ${metric}, 99 % interval ${pct(low)} to ${pct(high)} %`;
  return [{ arm, metric: gcName(metric), text }];
}

export const INSTRUCTIONS = 'instructions_per_request';

/** `1.20 %, from 400,000 to 404,800`. */
export function instructionWords({ base, head }: InstructionChange): string {
  return `${formatFixed(100 * (head / base - 1), 2)} %, from ${round(base)} to ${round(head)}`;
}

/** The name of a cost’s garbage-collection term where questions have names. */
export const gcName = (metric: CostMetric) => `${metric}: garbage collection`;

export function round(value: number | null): string {
  if (value === null) return 'not counted';
  return formatUpTo(value, value >= 100 ? 0 : 2);
}
