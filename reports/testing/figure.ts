/** A figure of a hand-made run. */
import type { Flag } from '../../core/results/flags.ts';
import { METRICS, type Metric } from '../../core/results/metrics.ts';
import type { Factors, Figure } from '../../core/results/schema.ts';

interface FigureOptions {
  readonly experiment?: string;
  readonly factors?: Factors;
  /** The half-width of the interval relative to the value; 0 for a counted figure. */
  readonly spread?: number;
  readonly flags?: Flag[];
}

/** A figure with an interval of ±1 % by default. */
export function figure(arm: string | null, metric: Metric, value: number, options: FigureOptions = {}): Figure {
  const { experiment = 'toll', factors = {}, spread = 0.01, flags = [] } = options;
  const half = Math.abs(value) * spread;
  return {
    experiment,
    arm,
    factors,
    metric,
    unit: METRICS[metric].unit,
    value,
    low: value - half,
    high: value + half,
    confidence: 0.95,
    blocks: 24,
    forks: 3,
    source: 'measured',
    flags,
  };
}
