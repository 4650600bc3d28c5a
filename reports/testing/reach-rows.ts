/** Figures of `distance` and `store`, for tests of the report. */
import type { Figure } from '../../core/results/schema.ts';
import { figure } from './figure.ts';

/** name, round trips to Redis per request, µs of a single request, requests per second with 16 in flight. */
const DISTANT = [
  ['session-redis', 1, 310, 5_400],
  ['session-redis-lean', 1, 250, 7_900],
  ['jwt-hs256', 0, 190, 8_800],
] as const;

export function distanceRows(): Figure[] {
  const experiment = 'distance';
  return DISTANT.flatMap(([arm, trips, us, rps]) => [
    ...[0, 0.2, 0.5, 1.5].flatMap((rtt_ms) => {
      const alone = { rtt_ms, in_flight: 1 };
      const many = { rtt_ms, in_flight: 16 };
      const each = us + trips * 1000 * rtt_ms;
      const most = Math.min(rps, 16e6 / each);
      const model = { experiment, factors: { ...many, model: 'mva' } };
      return [
        figure(arm, 'latency_us', each, { experiment, factors: { ...alone, quantile: 'mean' } }),
        figure(arm, 'latency_us', 2.6 * each, { experiment, factors: { ...alone, quantile: 'p99' }, spread: 0.1 }),
        figure(arm, 'throughput_rps', 1e6 / each, { experiment, factors: alone }),
        figure(arm, 'throughput_rps', most, { experiment, factors: many }),
        { ...figure(arm, 'model_throughput_rps', most * 1.04, model), source: 'model' as const },
        { ...figure(arm, 'prediction_error_pct', 4, { ...model, spread: 0.5 }), source: 'model' as const },
        ...(trips === 0 ? [] : [figure(arm, 'rtt_us', 1000 * rtt_ms + 90, { experiment, factors: { rtt_ms } })]),
      ];
    }),
    ...(trips === 0 ? [] : [figure(arm, 'round_trips_per_request', trips, { experiment })]),
  ]);
}

/** name, kind, bytes each. */
const KEPT = [
  ['session-redis', 'session', 790],
  ['jwt-denylist', 'denylist', 165],
  ['jwt-refresh', 'refresh-family', 640],
] as const;

export function storeRows(): Figure[] {
  const experiment = 'store';
  return KEPT.flatMap(([arm, kind, bytes]) => [
    ...[1e3, 1e4, 1e5, 1e6].flatMap((sessions) => {
      const factors = { kind, sessions };
      return [
        figure(arm, 'bytes_per_session', bytes, { experiment, factors, spread: 0.02 }),
        figure(arm, 'bytes_per_session', bytes * 0.82, { experiment, factors: { ...factors, method: 'memory-usage' } }),
        figure(arm, 'redis_cpu_us_per_command', 0.8 + Math.log10(sessions) / 10, { experiment, factors, spread: 0.05 }),
        figure(arm, 'lookup_us', 61, { experiment, factors: { ...factors, quantile: 'p50' } }),
      ];
    }),
    figure(arm, 'expiry_ms', 840, { experiment, factors: { kind, sessions: 1e5 }, spread: 0.1 }),
    ...(['calm', 'storm'] as const).map((phase) =>
      figure(arm, 'lookup_us', phase === 'calm' ? 180 : 2_900, {
        experiment,
        factors: { kind, sessions: 1e5, phase, quantile: 'p99' },
        spread: 0.1,
      }),
    ),
  ]);
}
