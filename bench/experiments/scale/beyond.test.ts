import { expect, it } from 'vitest';
import type { Flag } from '../../../core/results/flags.ts';
import type { Metric } from '../../../core/results/metrics.ts';
import type { Figure } from '../../../core/results/schema.ts';
import { armSummary } from '../../../core/results/testing/arm-summary.ts';
import { figure } from '../../analysis/figure.ts';
import { beyondFigures } from './beyond.ts';

const arm = (name: string, family: string, serverState: string) =>
  armSummary(name, { family, serverState, role: name === 'none' ? 'baseline' : 'guarded' });
const ARMS = [arm('none', 'none', 'none'), arm('session-redis', 'session', 'redis'), arm('jwt-hs256', 'token', 'none')];

const measured = (experiment: string, name: string, metric: Metric, value: number, factors = {}) =>
  figure({ experiment, arm: name, factors }, metric, {
    value,
    low: value * 0.9,
    high: value * 1.1,
    confidence: 0.95,
    blocks: 8,
    forks: 4,
  });

const FIGURES = [
  measured('toll', 'session-redis', 'cpu_us_per_request', 70),
  measured('toll', 'session-redis', 'redis_cpu_us_per_request', 6.9),
  measured('toll', 'session-redis', 'request_bytes', 400),
  measured('toll', 'session-redis', 'response_bytes', 300),
  measured('toll', 'jwt-hs256', 'cpu_us_per_request', 35),
  measured('store', 'session-redis', 'bytes_per_session', 500, { kind: 'session', sessions: 1_000 }),
];
const found = beyondFigures(FIGURES, ARMS);
const one = (name: string, metric: string, rps?: number) =>
  found.find(
    (each) => each.arm === name && each.metric === metric && (!rps || each.factors.requests_per_second === rps),
  );

it('gives the resources for a load, with the interval of the costs, labelled as a model', () => {
  // 1 million requests of 70 µs, cores used by 70 %.
  const replicas = one('session-redis', 'needed_replicas', 1_000_000);
  expect(replicas?.value).toBeCloseTo(100, 9);
  expect(replicas?.low).toBeCloseTo(90, 9);
  expect(replicas).toMatchObject({ experiment: 'scale', source: 'model', unit: 'cores', forks: 4 });
  expect(one('session-redis', 'needed_redis_cores', 1_000_000)?.value).toBeCloseTo(6.9 / 0.7, 9);
  expect(one('session-redis', 'wire_bytes_per_second', 10_000)?.value).toBeCloseTo(7e6, 6);
  // Ten cores of CPU time; 25 GB of 50 million sessions would take but two.
  expect(one('session-redis', 'needed_redis_nodes', 1_000_000)).toMatchObject({ value: 10, low: 9, high: 11 });
  expect(one('session-redis', 'needed_redis_bytes', 1_000_000)?.value).toBeCloseTo(25e9, 0);
  expect(one('session-redis', 'one_redis_rps')?.value).toBeCloseTo(0.7e6 / 6.9, 6);
});

it('gives the load at which the more expensive arm needs one more core, for that arm only', () => {
  // 41.9 µs more a request: 0.7 of a core at 16,706 requests a second.
  expect(one('session-redis', 'core_over_token_rps')?.value).toBeCloseTo(0.7e6 / 41.9, 6);
  expect(one('session-redis', 'core_over_token_rps')?.factors.against).toBe('jwt-hs256');
  expect(one('jwt-hs256', 'core_over_token_rps')).toBeUndefined();
});

it('decides by the ratio of the same blocks, where the toll has it', () => {
  const pair = (value: number, by: number): Figure => ({
    ...measured('toll', 'session-redis', 'total_cpu_ratio_to_arm', value, { against: 'jwt-hs256' }),
    low: value - by,
    high: value + by,
    pNoDifference: by < value - 1 ? 1e-6 : 0.5,
  });
  const withPair = (value: number, by: number) =>
    beyondFigures([...FIGURES, pair(value, by)], ARMS).find(({ metric }) => metric === 'core_over_token_rps');
  expect(withPair(2.2, 0.05)?.value).toBeCloseTo(0.7e6 / (35 * 1.2), 6);
  expect(withPair(2.2, 1.5)).toBeUndefined();
});

it('has exactly the flags of the figures that a number is derived from', () => {
  const flag = {
    cpu_us_per_request: 'not-warm',
    redis_cpu_us_per_request: 'redis-shared',
    bytes_per_session: 'one-fork',
  };
  const flagged = FIGURES.map((each): Figure => {
    const own = Object.entries(flag).find(([metric]) => metric === each.metric && each.arm === 'session-redis');
    return own === undefined ? each : { ...each, flags: [own[1] as Flag] };
  });
  const flagsOf = (metric: Metric) =>
    beyondFigures(flagged, ARMS).find((each) => each.arm === 'session-redis' && each.metric === metric)?.flags;
  expect(flagsOf('needed_replicas')).toEqual(['not-warm']);
  expect(flagsOf('needed_redis_cores')).toEqual(['not-warm', 'redis-shared']);
  expect(flagsOf('needed_redis_nodes')).toEqual(['not-warm', 'one-fork', 'redis-shared']);
  expect(flagsOf('needed_redis_bytes')).toEqual(['one-fork']);
  expect(flagsOf('wire_bytes_per_second')).toEqual([]);
  expect(flagsOf('core_over_token_rps')).toEqual(['not-warm', 'redis-shared']);
});

it('omits what was not measured', () => {
  expect(one('none', 'needed_replicas')).toBeUndefined();
  expect(one('jwt-hs256', 'needed_redis_cores')).toBeUndefined();
  expect(one('jwt-hs256', 'wire_bytes_per_second')).toBeUndefined();
});

it('charges no arm for an idle Redis: a demand that may be zero limits nothing', () => {
  const idle = { value: 0.02, low: -0.01, high: 0.05, confidence: 0.95, blocks: 8, forks: 4 };
  const figures = [
    ...FIGURES,
    figure({ experiment: 'toll', arm: 'jwt-hs256', factors: {} }, 'redis_cpu_us_per_request', idle),
  ];
  const metrics = beyondFigures(figures, ARMS).filter((each) => each.arm === 'jwt-hs256');
  expect(metrics.filter(({ metric }) => metric.includes('redis'))).toEqual([]);
  expect(metrics.every(({ low, high }) => Number.isFinite(low) && Number.isFinite(high))).toBe(true);
});
