/** Makes figures: adds the unit of the metric, and flags that follow from the estimate. */

import type { Flag } from '../../core/results/flags.ts';
import { METRICS, type Metric } from '../../core/results/metrics.ts';
import type { Factors, Figure } from '../../core/results/schema.ts';
import type { Estimate } from '../../core/stats/interval.ts';
import { relativeHalfWidth } from '../../core/stats/stop.ts';

/** Figures are flagged as wide if their interval extends further than this ratio from their value. */
export const WIDE = {
  /** CPU times and their ratios are paired, or independent of other load, so they can be known precisely. */
  cost: 0.05,
  /** Throughput at saturation depends on everything else that the machine does. */
  throughput: 0.1,
} as const;

export interface Subject {
  readonly experiment: string;
  readonly arm: string | null;
  readonly factors: Factors;
}

export interface FigureOptions {
  readonly flags?: readonly Flag[];
  readonly source?: Figure['source'];
  /** Flag the figure if its interval extends further than this ratio from its value. */
  readonly targetHalfWidth?: number;
  /** True if everything was counted, so that one start is enough. */
  readonly isExact?: boolean;
}

export function figure(subject: Subject, metric: Metric, estimate: Estimate, options: FigureOptions = {}): Figure {
  const flags = new Set<Flag>(options.flags);
  if (estimate.forks <= 1 && options.isExact !== true) flags.add('one-fork');
  if (options.targetHalfWidth !== undefined && relativeHalfWidth(estimate) > options.targetHalfWidth) {
    flags.add('interval-wide');
  }
  return {
    experiment: subject.experiment,
    arm: subject.arm,
    factors: subject.factors,
    metric,
    unit: METRICS[metric].unit,
    value: estimate.value,
    low: estimate.low,
    high: estimate.high,
    confidence: estimate.confidence,
    blocks: estimate.blocks,
    forks: estimate.forks,
    source: options.source ?? 'measured',
    flags: [...flags].sort(),
    ...(estimate.pNoDifference === undefined ? {} : { pNoDifference: estimate.pNoDifference }),
  };
}
