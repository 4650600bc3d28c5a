/** Figures of payload, lifecycle and layers, for the run that is made up by hand. */
import type { Metric } from '../../core/results/metrics.ts';
import type { Factors, Figure } from '../../core/results/schema.ts';

type MakeFigure = (
  arm: string | null,
  metric: Metric,
  value: number,
  options: { readonly experiment: string; readonly factors: Factors; readonly spread?: number },
) => Figure;

/** arm, CPU of replica and Redis without roles and for each role, bytes without roles and for each role, roles that fit. */
const PAYLOAD = [
  ['none', 33, 0.02, 43, 0, null],
  ['session-redis', 103, 0.04, 133, 0, null],
  ['jwt-hs256', 55, 0.31, 417, 25.3, 631],
] as const;

export function payloadRows(figure: MakeFigure): Figure[] {
  const one = (arm: string, metric: Metric, value: number, factors: Factors, spread = 0.02) =>
    figure(arm, metric, value, { experiment: 'payload', factors, spread });
  const cells = PAYLOAD.flatMap(([arm, cpu, cpuEach, bytes, bytesEach]) =>
    [0, 50, 100, 200].flatMap((roles) => [
      one(arm, 'total_cpu_us_per_request', cpu + cpuEach * roles, { roles }),
      one(arm, 'request_bytes', bytes + bytesEach * roles, { roles }, 0),
    ]),
  );
  const limits = PAYLOAD.flatMap(([arm, , cpuEach, , bytesEach, header]) =>
    header === null
      ? []
      : [
          one(arm, 'limit_roles', header, { limit: 'header' }, 0),
          one(arm, 'cpu_us_per_role', cpuEach - 0.02, {}),
          one(arm, 'request_bytes_per_role', bytesEach, {}, 0),
        ],
  );
  return [
    ...cells,
    ...limits,
    one('session-redis', 'bytes_per_session', 4336, { roles: 200, method: 'memory-usage' }, 0),
    one('session-redis', 'request_bytes_per_role', 0, {}, 0),
    one('jwt-hs256', 'cpu_gap_us', -48, { of: 'total', than: 'session-redis', roles: 0 }),
    one('jwt-hs256', 'cpu_gap_us', 6, { of: 'total', than: 'session-redis', roles: 200 }),
    one('jwt-hs256', 'crossing_roles', 178, { of: 'total', than: 'session-redis' }, 0.05),
  ];
}

/** arm, CPU of a login, refresh and logout in the replica, and of a login in Redis. */
const LIFECYCLE = [
  ['none', 210, null, 60, 0],
  ['session-redis', 520, null, 230, 42],
  ['jwt-hs256', 260, null, 85, 0],
  ['jwt-rs256', 1_450, null, 130, 0],
] as const;

export function lifecycleRows(figure: MakeFigure): Figure[] {
  const one = (arm: string | null, metric: Metric, value: number, factors: Factors) =>
    figure(arm, metric, value, { experiment: 'lifecycle', factors, spread: 0.03 });
  const operations = LIFECYCLE.flatMap(([arm, login, , logout, redis]) =>
    (
      [
        ['login', login],
        ['logout', logout],
      ] as const
    ).flatMap(([operation, cpu]) => {
      const factors = { operation, in_flight: 10 };
      return [
        one(arm, 'cpu_us_per_operation', cpu, factors),
        one(arm, 'redis_cpu_us_per_operation', operation === 'login' ? redis : redis / 2, factors),
        one(arm, 'operations_per_second', 700_000 / cpu, factors),
      ];
    }),
  );
  const storm = (route: string, during: string, quantile: string, value: number) =>
    one('session-redis', 'storm_latency_us', value, { route, during, quantile, in_flight: 32 });
  return [
    ...operations,
    one(null, 'password_hash_us', 96, { setting: 'cheap', memory_kib: 64, passes: 1 }),
    one(null, 'password_hash_us', 41_000, { setting: 'real', memory_kib: 19_456, passes: 2 }),
    one('session-redis', 'storm_logins_per_second', 38, { route: 'login', during: 'storm', in_flight: 32 }),
    storm('login', 'storm', 'p50', 830_000),
    storm('me', 'calm', 'p99', 1_900),
    storm('me', 'storm', 'p99', 24_000),
  ];
}

/** arm, CPU by itself. */
const LAYERED = [
  ['none', 33],
  ['session-redis', 96],
  ['jwt-hs256', 55],
] as const;
const TOLLS = [
  ['tls', 12],
  ['rate-limit-local', 9],
  ['rate-limit-redis', 31],
  ['headers', 3],
  ['all', 44],
] as const;

export function layersRows(figure: MakeFigure): Figure[] {
  const one = (arm: string, metric: Metric, value: number, factors: Factors) =>
    figure(arm, metric, value, { experiment: 'layers', factors, spread: 0.03 });
  return [
    ...LAYERED.flatMap(([arm, cpu]) => [
      one(arm, 'cpu_us_per_request', cpu, { layers: 'bare' }),
      ...TOLLS.flatMap(([layers, toll]) => [
        one(arm, 'cpu_us_per_request', cpu + toll, { layers }),
        one(arm, 'layer_toll_us', toll, { layers }),
      ]),
    ]),
    one('session-redis', 'scheme_ratio', 96 / 55, { layers: 'bare', than: 'jwt-hs256' }),
    one('session-redis', 'scheme_ratio', 140 / 99, { layers: 'all', than: 'jwt-hs256' }),
    one('none', 'handshake_cpu_us', 620, { handshake: 'full' }),
    one('none', 'handshake_cpu_us', 410, { handshake: 'resumed' }),
  ];
}
