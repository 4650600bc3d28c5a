import { expect, it } from 'vitest';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { testContext, testSlice } from '../../testing/slices.ts';
import { analyseScale } from './analyse.ts';
import { replicaShare } from './plan.ts';

const SHARE = 0.2;

/** Four forks of two blocks; replicas use all of their share, and each request takes `us` µs. */
function fleet(us: number, perReplicaRps: Record<number, number>, drift: (fork: number) => number = () => 1): Slice[] {
  const slices: Slice[] = [];
  for (let fork = 0; fork < 4; fork++) {
    for (let block = 0; block < 2; block++) {
      for (const [replicas, rps] of Object.entries(perReplicaRps)) {
        const requests = Math.round(rps * Number(replicas) * 0.5 * drift(fork));
        slices.push(
          testSlice({
            experiment: 'scale',
            arm: 'none',
            fork,
            block,
            mode: 'closed',
            factors: { replicas: Number(replicas) },
            durationMs: 500,
            requests,
            measures: {
              replica_share_cores: SHARE,
              replica_cpu_ns: requests * us * 1000,
              redis_cpu_ns: 25e6,
              generator_cpu_ns: 100e6,
            },
          }),
        );
      }
    }
  }
  return slices;
}
const find = (figures: readonly Figure[], metric: string, replicas: number) =>
  figures.find((figure) => figure.metric === metric && figure.factors.replicas === replicas);

it('reports throughput, utilisation and the limit of the CPU shares', () => {
  const figures = analyseScale(fleet(50, { 1: 4000, 2: 4000 }), testContext);
  expect(find(figures, 'throughput_rps', 2)?.value).toBeCloseTo(8000, 6);
  expect(find(figures, 'capacity_rps', 2)?.value).toBeCloseTo(8000, 6);
  expect(find(figures, 'replica_utilisation', 2)?.value).toBeCloseTo(100, 6);
  expect(find(figures, 'redis_utilisation', 1)?.value).toBeCloseTo(5, 6);
  expect(find(figures, 'generator_utilisation', 1)?.value).toBeCloseTo(20, 6);
  expect(find(figures, 'throughput_rps', 2)?.flags).toEqual([]);
});

it('pairs N replicas with one in the same block, so that the machine’s drift cancels', () => {
  const figures = analyseScale(
    fleet(50, { 1: 4000, 4: 3600 }, (fork) => 1 + fork),
    testContext,
  );
  const efficiency = find(figures, 'scaling_efficiency', 4);
  expect(efficiency?.value).toBeCloseTo(0.9, 6);
  expect(efficiency?.high).toBeCloseTo(0.9, 6);
  expect(find(figures, 'scaling_efficiency', 1)?.value).toBeCloseTo(1, 9);
});

it('flags a throughput that the CPU time does not explain', () => {
  const figures = analyseScale(fleet(25, { 1: 4000 }), testContext);
  expect(find(figures, 'capacity_rps', 1)?.value).toBeCloseTo(8000, 6);
  expect(find(figures, 'throughput_rps', 1)?.flags).toContain('capacity-disagrees');
});

it('reports no capacity without CPU shares', () => {
  const slices = fleet(50, { 1: 4000 }).map((slice) => {
    const { replica_share_cores: _none, ...measures } = slice.measures;
    return { ...slice, measures, flags: ['no-cpu-shares' as const] };
  });
  const figures = analyseScale(slices, testContext);
  expect(find(figures, 'capacity_rps', 1)).toBeUndefined();
  expect(find(figures, 'throughput_rps', 1)).toMatchObject({ flags: ['no-cpu-shares'] });
});

it('leaves room for the generator and Redis on any machine', () => {
  expect(replicaShare(2, 4)).toBe(0.15);
  expect(replicaShare(2, 1)).toBe(0.5);
  for (const cores of [1, 2, 4, 16]) {
    for (const most of [1, 2, 4, 8, 64]) {
      expect(replicaShare(cores, most)).toBeGreaterThan(0);
      if (cores > 1 && most <= 8) expect(replicaShare(cores, most) * most).toBeLessThanOrEqual(cores - 1);
    }
  }
});

it('compares two arms at each size of fleet in the same blocks, so that the machine’s drift cancels', () => {
  const drift = (fork: number) => 1 + 3 * fork;
  const named = (arm: string, slices: readonly Slice[]) => slices.map((slice) => ({ ...slice, arm }));
  const arms = ['none', 'jwt-hs256', 'session-redis'].flatMap((arm, index) =>
    named(arm, fleet(50, { 1: 4000 / (index + 1), 4: 3000 / (index + 1) }, drift)),
  );
  const critical = named('jwt-hs256', fleet(50, { 4: 100 })).map((slice) => ({
    ...slice,
    factors: { ...slice.factors, critical_pct: 10 },
  }));
  const ratios = analyseScale([...arms, ...critical], testContext).filter(
    ({ metric }) => metric === 'throughput_ratio_to_arm',
  );
  expect(ratios.map(({ arm, factors }) => [arm, factors])).toEqual([
    ['jwt-hs256', { replicas: 1, against: 'session-redis' }],
    ['jwt-hs256', { replicas: 4, against: 'session-redis' }],
  ]);
  for (const { value, low, high, blocks, forks } of ratios) {
    expect(value).toBeCloseTo(1.5, 2);
    expect(high - low).toBeLessThan(0.01);
    expect([blocks, forks]).toEqual([8, 4]);
  }
});

it('compares the CPU time of two arms, Redis included, at each size of fleet in the same blocks', () => {
  const named = (arm: string, slices: readonly Slice[], redisUs: number | null) =>
    slices.map((slice, index) => {
      const pace = 1 + (index % 7);
      const { redis_cpu_ns: _none, ...measures } = slice.measures;
      const replica_cpu_ns = (slice.measures.replica_cpu_ns ?? 0) * pace;
      const redis = redisUs === null ? {} : { redis_cpu_ns: slice.requests * redisUs * 1000 * pace };
      return { ...slice, arm, measures: { ...measures, replica_cpu_ns, ...redis } };
    });
  const rates = { 1: 4000, 4: 3000 };
  const figures = analyseScale(
    [
      ...named('none', fleet(10, rates), 0),
      ...named('jwt-hs256', fleet(25, rates), 0),
      ...named('session-redis', fleet(40, rates), 10),
      ...named('unreadable', fleet(40, rates), null),
    ],
    testContext,
  );
  const ratios = figures.filter(({ metric }) => metric === 'total_cpu_ratio_to_arm');
  expect(ratios.map(({ arm, factors }) => [arm, factors])).toEqual([
    ['jwt-hs256', { replicas: 1, against: 'session-redis' }],
    ['jwt-hs256', { replicas: 4, against: 'session-redis' }],
  ]);
  for (const { value, low, high } of ratios) {
    expect(value).toBeCloseTo(0.5, 9);
    expect(high - low).toBeLessThan(1e-9);
  }
});
