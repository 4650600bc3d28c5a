import { expect, it } from 'vitest';
import type { Slice } from '../../../core/results/schema.ts';
import { armSummary } from '../../../core/results/testing/arm-summary.ts';
import { testContext, testSlice } from '../../testing/slices.ts';
import { analyseToll } from './analyse.ts';

const ARMS = {
  none: { variant: null, tags: [], replica: () => 30, redis: () => 0 },
  plain: { variant: null, tags: ['reference'], replica: () => 60, redis: (inFlight: number) => 6 + 20 / inFlight },
  other: { variant: 'client', tags: [], replica: () => 90, redis: () => 26 },
  cached: { variant: 'cached', tags: [], replica: () => 40, redis: () => 1 },
} as const;
const context = {
  ...testContext,
  arms: Object.entries(ARMS).map(([name, { variant, tags }]) =>
    armSummary(name, {
      role: name === 'none' ? 'baseline' : 'guarded',
      family: name === 'none' ? 'none' : 'session',
      serverState: name === 'none' ? 'none' : 'redis',
      variant,
      tags: [...tags],
    }),
  ),
};

/** Four forks of three blocks at two loads; the machine's pace differs from block to block. */
function measured(names: readonly (keyof typeof ARMS)[], hasRedisTime = true): Slice[] {
  const places = Array.from({ length: 24 }, (_, i) => ({
    fork: Math.floor(i / 6),
    block: i % 6,
    inFlight: i % 2 === 0 ? 1 : 50,
    pace: 1 + ((3 * i) % 5) / 5,
  }));
  return places.flatMap(({ fork, block, inFlight, pace }) =>
    names.map((arm) => {
      const measures = {
        replica_cpu_ns: ARMS[arm].replica() * 1000 * 100 * pace,
        ...(hasRedisTime ? { redis_cpu_ns: ARMS[arm].redis(inFlight) * 1000 * 100 * pace } : {}),
      };
      return testSlice({ experiment: 'toll', arm, fork, block, factors: { in_flight: inFlight }, measures });
    }),
  );
}
const ratios = (slices: readonly Slice[]) =>
  analyseToll(slices, context)
    .filter(({ metric }) => metric.startsWith('client_'))
    .map(({ metric, arm, factors, value, high }) => [
      metric,
      arm,
      factors.in_flight,
      value.toFixed(6),
      high.toFixed(6),
    ]);

it('compares an arm with another client with the plain one, at every load, whatever the machine’s drift', () => {
  expect(ratios(measured(['none', 'plain', 'other', 'cached']))).toEqual([
    ['client_cpu_ratio', 'other', 1, '1.500000', '1.500000'],
    ['client_redis_cpu_ratio', 'other', 1, '1.000000', '1.000000'],
    ['client_cpu_ratio', 'other', 50, '1.500000', '1.500000'],
    ['client_redis_cpu_ratio', 'other', 50, '4.062500', '4.062500'],
  ]);
});

it('compares nothing without the plain arm, and not the time of a shared Redis', () => {
  expect(ratios(measured(['none', 'other', 'cached']))).toEqual([]);
  const shared = ratios(measured(['none', 'plain', 'other'], false));
  expect(shared.map(([metric, , inFlight]) => [metric, inFlight])).toEqual([
    ['client_cpu_ratio', 1],
    ['client_cpu_ratio', 50],
  ]);
});
