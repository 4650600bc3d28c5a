/** A comparison as figures, which limits are applied to. Pure. */
import { METRICS, type Metric } from '../../core/results/metrics.ts';
import type { Figure } from '../../core/results/schema.ts';
import type { Estimate } from '../../core/stats/interval.ts';
import type { ArmComparison } from './compare.ts';
import type { CostMetric } from './costs/costs.ts';
import { INSTRUCTIONS } from './regressions.ts';

const RATIOS: Readonly<Record<CostMetric, Metric>> = {
  cpu_us_per_request: 'cpu_ratio_to_base',
  redis_cpu_us_per_request: 'redis_cpu_ratio_to_base',
  total_cpu_us_per_request: 'total_cpu_ratio_to_base',
};

/**
 * The head's figures, for limits: counts, and the ratio of CPU time to the base. CPU µs are excluded, because code
 * that was optimised sooner costs something else than when deployed: `npm run bench` measures that.
 */
export function figuresOf(arms: readonly ArmComparison[]): Figure[] {
  return arms.flatMap(({ arm, guards, instructions, costs }) => {
    const figure = (metric: Metric, estimate: Estimate): Figure => ({
      experiment: 'compare',
      arm,
      factors: {},
      metric,
      unit: METRICS[metric].unit,
      ...estimate,
      source: 'measured',
      flags: [],
    });
    return [
      ...guards.flatMap(({ metric, head, error }) => (head === null ? [] : [figure(metric, counted(head, error))])),
      ...(instructions === null ? [] : [figure(INSTRUCTIONS, counted(instructions.head))]),
      ...costs
        .filter(({ judged }) => Number.isFinite(judged.ratio.high))
        .map(({ metric, judged }) => figure(RATIOS[metric], judged.ratio)),
    ];
  });
}

/** @param error the standard error of a mean; 0 if it is the same for every login */
function counted(value: number, error = 0): Estimate {
  if (error === 0) return { value, low: value, high: value, confidence: 1, blocks: 1, forks: 1 };
  const half = STANDARD_ERRORS * error;
  return { value, low: value - half, high: value + half, confidence: 0.99, blocks: 1, forks: 1 };
}

/** For a 99 % interval of a normal distribution. */
const STANDARD_ERRORS = 2.576;
