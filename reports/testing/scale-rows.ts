/**
 * Figures of `scale`'s models, its limit and its ways of spreading, and of stored sessions, for tests of the report.
 */
import { uslThroughput } from '../../core/model/usl.ts';
import type { Metric } from '../../core/results/metrics.ts';
import type { Factors, Figure } from '../../core/results/schema.ts';
import { figure } from './figure.ts';

const REPLICAS = [1, 2, 4] as const;

/** name, requests per second of one replica, σ, κ, Redis CPU per request. */
const MODELLED = [
  ['none', 9_800, 0.015, 0, 0],
  ['session-redis', 3_900, 0.04, 0.012, 6.9],
  ['session-redis-lean', 5_700, 0.04, 0.01, 6.8],
  ['jwt-hs256', 5_900, 0.015, 0, 0],
] as const;

function model(arm: string, metric: Metric, value: number, factors: Factors, spread: number): Figure {
  return { ...figure(arm, metric, value, { experiment: 'scale', factors, spread }), source: 'model' };
}

/** CPU time of one arm over another's in fleets of one size. */
const FLEET_PAIRS = [
  ['session-redis', 'jwt-hs256', 1.7],
  ['session-redis-lean', 'jwt-hs256', 1.09],
  ['session-redis', 'session-redis-lean', 1.56],
] as const;

const fleetPairRows = (): Figure[] =>
  FLEET_PAIRS.flatMap(([arm, against, times]) =>
    REPLICAS.map((replicas) =>
      figure(arm, 'total_cpu_ratio_to_arm', times, {
        experiment: 'scale',
        factors: { replicas, against },
        spread: 0.03,
      }),
    ),
  );

export function modelRows(): Figure[] {
  const models = MODELLED.flatMap(([arm, lambda, sigma, kappa, redisUs]) => {
    const usl = { lambda, sigma, kappa };
    return [
      model(arm, 'usl_lambda_rps', lambda, {}, 0.03),
      model(arm, 'usl_sigma', sigma, {}, 0.4),
      model(arm, 'usl_kappa', kappa, {}, 0.6),
      ...(kappa === 0 ? [] : [model(arm, 'usl_peak_replicas', Math.sqrt((1 - sigma) / kappa), {}, 0.3)]),
      ...REPLICAS.map((replicas) =>
        model(arm, 'model_throughput_rps', lambda * replicas, { model: 'mva', replicas }, 0.04),
      ),
      ...[8, 16, 32].map((replicas) =>
        model(arm, 'model_throughput_rps', lambda * replicas, { model: 'bounds', replicas }, 0.06),
      ),
      model(arm, 'model_throughput_rps', uslThroughput(usl, 4), { model: 'usl', replicas: 4 }, 0.1),
      model(arm, 'prediction_error_pct', 6.4 + 100 * sigma, { model: 'usl', replicas: 4 }, 0.4),
      model(arm, 'prediction_error_pct', 3.1 + 100 * kappa, { model: 'mva', replicas: 4 }, 0.5),
      model(arm, 'simulation_gap_pct', -0.4, { replicas: 4 }, 1.5),
      ...(redisUs === 0
        ? []
        : [
            model(arm, 'redis_wall_rps', 1e6 / redisUs, {}, 0.08),
            model(arm, 'redis_wall_replicas', 90 / redisUs, {}, 0.1),
          ]),
    ];
  });
  return [...models, ...fleetPairRows()];
}

/** name, other factors, requests per second of one replica, those at the wall. */
const WALLS = [
  ['session-redis', {}, 700, 2_100],
  ['session-redis', { autopipelining: 'off' }, 640, 900],
  ['session-redis', { redis: 'cluster' }, 690, 5_900],
  ['jwt-denylist', {}, 880, 2_700],
  ['hybrid', { critical_fraction: 0.1 }, 1_150, 9_600],
  ['jwt-hs256', {}, 1_200, 1e9],
] as const;

export function wallRows(): Figure[] {
  return WALLS.flatMap(([arm, others, rps, wall]) => {
    const setting: Factors = { redis_share: 0.03, ...others };
    const at = (replicas: number) => Math.min(rps * replicas, wall * 0.97);
    const seen = at(8) < rps * 8;
    return [
      ...[1, 2, 4, 8].flatMap((replicas) => [
        figure(arm, 'throughput_rps', at(replicas), {
          experiment: 'scale',
          factors: { replicas, ...setting },
          spread: 0.04,
        }),
        model(
          arm,
          'model_throughput_rps',
          Math.min(rps * replicas, wall),
          { ...setting, model: 'mva', replicas },
          0.06,
        ),
      ]),
      ...[16, 32].map((replicas) =>
        model(
          arm,
          'model_throughput_rps',
          Math.min(rps * replicas, wall),
          { ...setting, model: 'bounds', replicas },
          0.1,
        ),
      ),
      model(arm, 'prediction_error_pct', seen ? 3.1 : 0.8, { ...setting, model: 'mva', replicas: 8 }, 0.5),
      ...(seen
        ? [
            model(arm, 'redis_wall_rps', wall, setting, 0.1),
            model(arm, 'redis_wall_replicas', (wall / rps) * (0.07 / 0.03), setting, 0.1),
            figure(arm, 'redis_wall_rps', wall * 0.97, {
              experiment: 'scale',
              factors: { ...setting, replicas: 8 },
              spread: 0.04,
            }),
            model(arm, 'prediction_error_pct', 3.1, { ...setting, model: 'wall', replicas: 8 }, 0.8),
          ]
        : []),
    ];
  });
}

/** In-process sessions: a request to another replica than the one that knows the user is refused. */
export function spreadingRows(): Figure[] {
  return REPLICAS.flatMap((replicas) =>
    (['connection', 'request', 'sticky'] as const).map((spreading) => {
      const refused = spreading === 'sticky' ? 0 : 100 * (1 - 1 / replicas);
      const factors: Factors = spreading === 'connection' ? { replicas } : { replicas, spreading };
      return figure('session-memory', 'refused_pct', refused, { experiment: 'scale', factors, spread: 0.02 });
    }),
  );
}
