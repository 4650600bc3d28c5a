/** Figures of `hot-path`, for tests of the report: operations alone and in a server, and CPU profiles. */
import type { Figure } from '../../core/results/schema.ts';
import { figure } from './figure.ts';

/** name, wall-clock µs, CPU µs. */
const PRIMITIVES = [
  ['json-parse-session', 0.84, 0.84],
  ['cookie-unsign', 3.6, 3.6],
  ['session-hash', 9.2, 9.3],
  ['hs256-verify', 16.4, 16.5],
  ['hs256-verify-cached', 3.1, 3.1],
  ['rs256-verify', 38.2, 38.3],
  ['es256-verify', 96.1, 96.4],
  ['eddsa-verify', 115.8, 116.1],
  ['redis-get', 61.5, 22.4],
  ['redis-get-pipelined', 8.9, 7.1],
] as const;

export function hotPathRows(): Figure[] {
  const experiment = 'hot-path';
  const explained = (arm: string, primitive: string, value: number) =>
    figure(arm, 'toll_explained_us', value, { experiment, factors: { primitive }, spread: 0.03 });
  return [
    ...PRIMITIVES.flatMap(([primitive, wall, cpu]) => [
      figure(null, 'primitive_us', wall, { experiment, factors: { primitive }, spread: 0.02 }),
      figure(null, 'primitive_cpu_us', cpu, { experiment, factors: { primitive }, spread: 0.02 }),
    ]),
    figure(null, 'primitive_in_place_us', 9.8, {
      experiment,
      factors: { primitive: 'redis-get-pipelined' },
      spread: 0.04,
    }),
    figure(null, 'primitive_in_place_us', 20.6, { experiment, factors: { primitive: 'hs256-verify' }, spread: 0.03 }),
    figure('session-redis', 'toll_to_primitive_in_place_ratio', 6.5, { experiment, spread: 0.08 }),
    figure('jwt-hs256', 'toll_to_primitive_in_place_ratio', 1.05, { experiment, spread: 0.05 }),
    figure('session-redis', 'parts_in_place_us', 52.4, { experiment, spread: 0.06 }),
    figure('session-redis', 'toll_to_parts_in_place_ratio', 1.21, { experiment, spread: 0.08 }),
    explained('session-redis', 'redis-get-pipelined', 7.1),
    explained('session-redis', 'cookie-unsign', 3.6),
    explained('session-redis', 'session-hash', 18.6),
    explained('session-redis', 'json-parse-session', 0.8),
    figure('session-redis', 'toll_unexplained_us', 33.2, { experiment, spread: 0.05 }),
    explained('jwt-hs256', 'hs256-verify', 16.5),
    figure('jwt-hs256', 'toll_unexplained_us', 5.2, { experiment, spread: 0.2 }),
    explained('jwt-eddsa', 'eddsa-verify', 116.1),
    figure('jwt-eddsa', 'toll_unexplained_us', 8.1, { experiment, spread: 0.3 }),
    // More than the whole is explained: the parts were slower in isolation than together.
    explained('session-redis-lean', 'redis-get-pipelined', 7.1),
    explained('session-redis-lean', 'cookie-unsign', 3.6),
    figure('session-redis-lean', 'toll_unexplained_us', -2.7, { experiment, spread: 0.5 }),
  ];
}

/** name, then µs per request in each of PACKAGES. */
const PROFILED = [
  ['none', 11.2, 6.1, 5.4, 0, 0, 0, 10.4],
  ['session-redis', 16.8, 6.9, 7.2, 21.7, 19.6, 0, 24.2],
  ['jwt-hs256', 11.9, 6.3, 5.8, 9.2, 0, 10.9, 10.7],
] as const;
const PACKAGES = ['node:net', 'node:http', 'fastify', 'node:crypto', 'ioredis', 'fast-jwt', 'native'] as const;

export function profileRows(): Figure[] {
  const experiment = 'hot-path';
  const [[, ...baseline]] = PROFILED;
  return PROFILED.flatMap(([arm, ...costs]) => [
    ...PACKAGES.flatMap((name, index) => {
      const [cost, base] = [costs[index] ?? 0, baseline[index] ?? 0];
      const options = { experiment, factors: { package: name }, spread: 0.08 };
      const own = figure(arm, 'profile_us', cost, options);
      return arm === 'none' ? [own] : [own, figure(arm, 'profile_toll_us', cost - base, options)];
    }),
    figure(arm, 'profiler_overhead_pct', 14.2, { experiment, spread: 0.3 }),
  ]);
}
