/** Makes figures: the unit from the metric, the flags that follow from the estimate itself. */

import type { Flag } from '../../core/results/flags.ts';
import { METRICS, type Metric } from '../../core/results/metrics.ts';
import type { Factors, Figure } from '../../core/results/schema.ts';
import type { Estimate } from '../../core/stats/interval.ts';
import { relativeHalfWidth } from '../../core/stats/stop.ts';

/** Figures whose interval reaches further than this from their value, as a ratio, are flagged as wide. */
export const WIDE = {
  /** CPU times and their ratios are paired, or independent of who else runs: they can be known closely. */
  cost: 0.05,
  /** Throughput at saturation holds all that the machine does besides. */
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
  /** Flag the figure where its interval reaches further than this from its value, as a ratio. */
  readonly targetHalfWidth?: number;
  /** True if everything was counted, so that one start of the processes is enough. */
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
