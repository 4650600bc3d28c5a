/** Results of the search for the highest load that meets an objective. */
import type { MetricInfo } from './metric-info.ts';

export const CAPACITY_METRICS = {
  peak_rps: {
    unit: 'req/s',
    better: 'bigger',
    meaning: 'highest rate at which the objective was met: its peak, with nothing to spare',
  },
  recommended_rps: {
    unit: 'req/s',
    better: 'bigger',
    meaning: 'four fifths of the peak, so that a fifth is left for what nobody foresaw',
  },
  peak_per_core_rps: {
    unit: 'req/s per core',
    better: 'bigger',
    meaning: 'the peak divided by the cores that its replicas kept busy there',
  },
  peak_of_saturated_pct: {
    unit: '%',
    better: 'bigger',
    meaning: 'the peak as a share of what a closed loop gets out of the same servers',
  },
  peak_model_rps: {
    unit: 'req/s',
    better: 'bigger',
    meaning:
      'the peak that a queueing model gives, from the CPU time of requests at low load; the factor `model` names it',
  },
  objective_met_pct: {
    unit: '%',
    better: 'bigger',
    meaning: 'fresh starts in which some load met the objective',
  },
  never_missed_pct: {
    unit: '%',
    better: 'bigger',
    meaning: 'fresh starts in which no load missed the objective, however high',
  },
  recovered_pct: {
    unit: '%',
    better: 'bigger',
    meaning: 'fresh starts in which the last good rate was good again after a load that missed the objective',
  },
  broke_first_pct: {
    unit: '%',
    better: 'smaller',
    meaning: 'fresh starts in which this was at its limit when the objective was missed; the factor `broke` names it',
  },
} as const satisfies Record<string, MetricInfo>;
