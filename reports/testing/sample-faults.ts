/** Figures and timelines of revocation and outages, for the hand-made run. */
import type { Metric } from '../../core/results/metrics.ts';
import type { Timeline } from '../../core/results/recorded/timeline.ts';
import type { Factors, Figure, Run } from '../../core/results/schema.ts';

type MakeFigure = (
  arm: string,
  metric: Metric,
  value: number,
  options: { readonly experiment: string; readonly factors: Factors; readonly spread?: number },
) => Figure;

/** arm, longest lag of reads and of critical operations as deployed, declared bound; in ms. */
const LAGS = [
  ['session-redis', 0, 0, 0],
  ['session-redis-lean', 0, 0, 0],
  ['session-memory', 870, 0, 1_000],
  ['jwt-hs256', 846_000, 812_000, 900_000],
  ['jwt-rs256', 790_000, 0, 900_000],
] as const;

export function revocationRows(figure: MakeFigure): Figure[] {
  return LAGS.flatMap(([arm, read, critical, bound]) =>
    ['logout', 'logout-all', 'disable'].flatMap((kind) => {
      const one = (metric: Metric, value: number, factors: Factors, spread = 0.05) => {
        const made = figure(arm, metric, value, {
          experiment: 'revocation',
          factors: { kind, settings: 'deployed', ...factors },
          spread,
        });
        // Until the first refusal.
        return metric === 'revocation_lag_ms' ? { ...made, low: value, high: value + 14 } : made;
      };
      return [
        one('revocation_lag_ms', read / 2, { operation: 'read', quantile: 'p50' }),
        one('revocation_lag_ms', read, { operation: 'read', quantile: 'max' }),
        one('revocation_lag_ms', critical, { operation: 'critical', quantile: 'max' }),
        one('revocation_bound_ms', bound, { operation: 'read' }, 0),
        one('revocation_within_bound_pct', 100, { operation: 'read' }, 0),
      ];
    }),
  );
}

/** arm, its factors, whether it continues while Redis is unavailable. */
const BROKEN: readonly (readonly [string, Factors, boolean])[] = [
  ['none', {}, true],
  ['session-redis', { redis_client: 'tuned' }, false],
  ['session-redis', { redis_client: 'defaults' }, false],
  ['jwt-hs256', {}, true],
];
const FAULTS = [
  'redis-frozen',
  'redis-killed',
  'redis-restarted-empty',
  'redis-restarted-with-data',
  'redis-gone-briefly',
  'companion-frozen',
  'companion-killed',
  'companion-restarted-empty',
  'replica-killed',
] as const;

export function outageRows(figure: MakeFigure): Figure[] {
  return BROKEN.flatMap(([arm, options, survives]) =>
    FAULTS.flatMap((fault) => {
      const one = (metric: Metric, value: number, factors: Factors = {}) =>
        figure(arm, metric, value, { experiment: 'outage', factors: { fault, ...options, ...factors } });
      return [
        one('outage_accepted_pct', survives ? 100 : 0, { route: 'me' }),
        one('outage_accepted_pct', 100, { route: 'public' }),
        one('fail_open_pct', 0, { phase: 'during' }),
        one('recovery_ms', survives ? 0 : 180),
        one('requests_lost', survives ? 0 : 412),
        one('requests_hung', 0),
        ...(survives ? [] : [one('time_to_fail_ms', 4)]),
      ];
    }),
  );
}

const BINS = 50;

function timeline(fault: string, survives: boolean): Timeline {
  const bins = Array.from({ length: BINS }, (_, i) => (i >= 10 && i < 30 && !survives ? 'away' : 'well'));
  const count = (state: string) => bins.map((bin) => (bin === state ? 10 : 0));
  const none = bins.map(() => 0);
  return {
    binMs: 100,
    faultFromMs: 1_000,
    faultToMs: fault.endsWith('-killed') && fault !== 'replica-killed' ? null : 3_000,
    accepted: count('well'),
    refused: none,
    forbidden: none,
    unavailable: count('away'),
    other: none,
    error: none,
    timedOut: none,
    p50Ms: bins.map(() => 2),
    maxMs: bins.map(() => 9),
  };
}

export function outageTimelines(): NonNullable<Run['timelines']> {
  return BROKEN.flatMap(([arm, options, survives]) =>
    FAULTS.map((fault) => ({
      experiment: 'outage',
      arm,
      factors: { fault, route: 'me', ...options },
      timeline: timeline(fault, survives),
    })),
  );
}
