/** Results of the search for the highest load that meets an objective. */
import type { MetricInfo } from './metric-info.ts';

export const CAPACITY_METRICS = {
  peak_rps: {
    unit: 'req/s',
    better: 'bigger',
    meaning: 'highest rate at which the objective was met (the peak), with no headroom',
  },
  recommended_rps: {
    unit: 'req/s',
    better: 'bigger',
    meaning: 'four fifths of the peak, which leaves a fifth as headroom',
  },
  peak_per_core_rps: {
    unit: 'req/s per core',
    better: 'bigger',
    meaning: 'the peak divided by the number of cores that its replicas used',
  },
  peak_of_saturated_pct: {
    unit: '%',
    better: 'bigger',
    meaning: 'the peak as a share of the closed-loop throughput of the same servers',
  },
  peak_model_rps: {
    unit: 'req/s',
    better: 'bigger',
    meaning:
      'the peak predicted by a queueing model from the CPU time of requests at low load; the factor `model` names it',
  },
  objective_met_pct: {
    unit: '%',
    better: 'bigger',
    meaning: 'share of fresh starts in which some load met the objective',
  },
  never_missed_pct: {
    unit: '%',
    better: 'bigger',
    meaning: 'share of fresh starts in which no load missed the objective',
  },
  recovered_pct: {
    unit: '%',
    better: 'bigger',
    meaning: 'share of fresh starts in which the objective was met again after an overload, of those that show it',
  },
  broke_first_pct: {
    unit: '%',
    better: 'smaller',
    meaning:
      'share of fresh starts in which this was the bottleneck when the objective was missed; the factor `broke` names it',
  },
} as const satisfies Record<string, MetricInfo>;
