/** The reasons why a comparison fails that can be measured again: a change for the worse, or a limit. Pure. */
import { isBroken, resultLine, type ThresholdResult } from '../../core/thresholds/judge.ts';
import type { ArmComparison } from '../compare/compare.ts';
import { COST_METRICS, type CostMetric } from '../compare/costs/costs.ts';
import { INSTRUCTIONS, type Regression, regressionsOf, round } from '../compare/regressions.ts';

/** One reason for failing. A lost security check is not included, because it cannot be measured again. */
export interface Red {
  /** Null for a limit without measurements, which cannot be measured again. */
  readonly arm: string | null;
  /** The metric, or the limit as the configuration writes it. The same in both measurements. */
  readonly question: string;
  readonly kind: 'cost' | 'count' | 'limit';
  /** What is measured: the metric of a limit is only a part of its question. */
  readonly metric: string;
  /** Whether counting answers it, which takes seconds. */
  readonly isCounted: boolean;
  /** The result in words. */
  readonly text: string;
}

/** The reasons for failing of a measurement: one for each arm and question. */
export function redOf(arms: readonly ArmComparison[], limits: readonly ThresholdResult[]): Red[] {
  return [...regressionsOf(arms).map(redRegression), ...limits.filter(isBroken).map(redLimit)];
}

/** Whether a second measurement has to count instructions too, for a regression or for a limit. */
export const needsInstructions = (red: readonly Pick<Red, 'metric'>[]): boolean =>
  red.some(({ metric }) => metric === INSTRUCTIONS);

/** The whole cost and its garbage collection are one question: the former rises if the latter does. */
function redRegression({ arm, metric, text }: Regression): Red {
  const cost = costIn(metric);
  const isCounted = cost === null;
  const question = cost ?? metric;
  return { arm, question, kind: isCounted ? 'count' : 'cost', metric: question, isCounted, text };
}

/** @param metric may name the cost's term of garbage collection */
function costIn(metric: string): CostMetric | null {
  return COST_METRICS.find((cost) => metric === cost || metric.startsWith(`${cost}:`)) ?? null;
}

function redLimit(result: ThresholdResult): Red {
  const { threshold, figure } = result;
  const { text, metric } = threshold.expression;
  const isCounted = !/_ratio_to_base$/.test(metric);
  return { arm: figure?.arm ?? null, question: text, kind: 'limit', metric, isCounted, text: resultLine(result) };
}

/** The result of a passing measurement for a question, in words; null if it has no answer. */
export function answerTo(
  { arm, question, kind }: Pick<Red, 'arm' | 'question' | 'kind'>,
  arms: readonly ArmComparison[],
  limits: readonly ThresholdResult[],
): string | null {
  if (kind === 'limit') {
    const found = limits.find(({ threshold, figure }) => threshold.expression.text === question && figure?.arm === arm);
    return found === undefined ? null : resultLine(found);
  }
  const own = arms.find((one) => one.arm === arm);
  if (kind === 'cost') {
    const cost = own?.costs.find(({ metric }) => metric === question);
    return cost === undefined || !Number.isFinite(cost.judged.ratio.high) ? null : VERDICTS[cost.judged.verdict];
  }
  const guard = own?.guards.find(({ metric }) => metric === question);
  if (guard !== undefined) return guard.head === null ? null : `${round(guard.base)} and ${round(guard.head)}`;
  const counted = own?.instructions;
  return counted ? `${round(counted.base)} and ${round(counted.head)}` : null;
}

const VERDICTS = { slower: 'slower', faster: 'faster', same: 'same', 'cannot-tell': 'inconclusive' } as const;
