import { expect, it } from 'vitest';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { armSummary } from '../../../core/results/testing/arm-summary.ts';
import { drifted } from '../../analysis/costs.ts';
import { testContext, testSlice } from '../../testing/slices.ts';
import { analyseToll, liveRatios, ratioEstimates } from './analyse.ts';

/**
 * Five forks of four blocks. The machine slows down by a factor that differs between blocks and is the same for both
 * arms.
 */
function machine(costUs: Record<string, number>, noise: (fork: number, block: number) => number): Slice[] {
  const slices: Slice[] = [];
  for (let fork = 0; fork < 5; fork++) {
    for (let block = 0; block < 4; block++) {
      for (const [arm, us] of Object.entries(costUs)) {
        const measures = {
          replica_cpu_ns: us * 1000 * 100 * noise(fork, block),
          redis_cpu_ns: arm === 'none' ? 0 : 500_000,
          redis_commands: arm === 'none' ? 0 : 100,
          request_bytes: 13_300,
          response_bytes: 25_300,
          rss_bytes: 60e6,
        };
        slices.push(testSlice({ experiment: 'toll', arm, fork, block, factors: { in_flight: 10 }, measures }));
      }
    }
  }
  return slices;
}
const find = (figures: readonly Figure[], metric: string, arm: string) =>
  figures.find((figure) => figure.metric === metric && figure.arm === arm);
const drifting = (fork: number, block: number) => 1 + ((fork * 7 + block * 3) % 5) / 5;

it('finds the ratio exactly, whatever the machine does to both arms in a block', () => {
  const figures = analyseToll(machine({ none: 30, 'jwt-hs256': 45 }, drifting), testContext);
  const ratio = find(figures, 'cpu_ratio_to_baseline', 'jwt-hs256');
  expect(ratio?.value).toBeCloseTo(1.5, 9);
  expect(ratio?.high).toBeCloseTo(1.5, 9);
  expect(ratio).toMatchObject({ unit: '×', blocks: 20, forks: 5, factors: { in_flight: 10 }, flags: [] });
});

it('flags absolute values if the machine drifted, but not the ratio', () => {
  const figures = analyseToll(machine({ none: 30, 'jwt-hs256': 45 }, drifting), testContext);
  expect(find(figures, 'cpu_us_per_request', 'jwt-hs256')?.flags).toContain('machine-drift');
  const steady = analyseToll(
    machine({ none: 30, 'jwt-hs256': 45 }, () => 1),
    testContext,
  );
  expect(find(steady, 'cpu_us_per_request', 'jwt-hs256')).toMatchObject({ flags: [] });
  expect(find(steady, 'cpu_us_per_request', 'jwt-hs256')?.value).toBeCloseTo(45, 9);
  expect(find(steady, 'cpu_toll_us', 'jwt-hs256')?.value).toBeCloseTo(15, 9);
});

it('reports bytes, commands and Redis time per request', () => {
  const figures = analyseToll(
    machine({ none: 30, 'session-redis': 90 }, () => 1),
    testContext,
  );
  expect(find(figures, 'request_bytes', 'session-redis')?.value).toBe(133);
  expect(find(figures, 'response_bytes', 'session-redis')?.value).toBe(253);
  expect(find(figures, 'redis_commands_per_request', 'session-redis')?.value).toBeCloseTo(1, 12);
  expect(find(figures, 'redis_cpu_us_per_request', 'session-redis')?.value).toBeCloseTo(5, 9);
  expect(find(figures, 'total_cpu_us_per_request', 'session-redis')?.value).toBeCloseTo(95, 9);
  expect(find(figures, 'redis_commands_per_request', 'none')?.value).toBe(0);
});

it('has no ratio without a baseline in the same blocks, and flags its figures as unpaired', () => {
  const figures = analyseToll(
    machine({ 'jwt-hs256': 45 }, () => 1),
    testContext,
  );
  expect(find(figures, 'cpu_ratio_to_baseline', 'jwt-hs256')).toBeUndefined();
  expect(find(figures, 'cpu_us_per_request', 'jwt-hs256')?.flags).toContain('unpaired');
});

it('has the flags of its slices, and one for a single start', () => {
  const [first, ...rest] = machine({ none: 30, 'jwt-hs256': 45 }, () => 1).filter(({ fork }) => fork === 0);
  const bad: Slice = { ...(first as Slice), arm: 'jwt-hs256', unexpected: 1, flags: ['unexpected-responses'] };
  const figures = analyseToll([bad, ...rest], testContext);
  expect(find(figures, 'cpu_us_per_request', 'jwt-hs256')?.flags).toEqual(
    expect.arrayContaining(['one-fork', 'unexpected-responses']),
  );
});

it('has the flags of the baseline on every ratio and toll, and on no comparison of two others', () => {
  const costs = { none: 30, 'jwt-hs256': 45, 'session-redis': 90 };
  const slices = machine(costs, () => 1).map(
    (slice): Slice => (slice.arm === 'none' ? { ...slice, flags: ['not-warm'] } : slice),
  );
  const figures = analyseToll(slices, testContext);
  for (const metric of ['cpu_ratio_to_baseline', 'total_cpu_ratio_to_baseline', 'cpu_toll_us'] as const)
    expect(find(figures, metric, 'jwt-hs256')?.flags).toContain('not-warm');
  expect(find(figures, 'cpu_us_per_request', 'jwt-hs256')?.flags).not.toContain('not-warm');
  const pairs = figures.filter(({ metric }) => metric === 'cpu_ratio_to_arm');
  expect(pairs.map(({ flags }) => flags.includes('not-warm'))).toEqual([false]);
});

it('counts only expected responses as throughput', () => {
  const slice = testSlice({
    experiment: 'toll',
    arm: 'none',
    mode: 'closed',
    requests: 500,
    unexpected: 100,
    durationMs: 200,
  });
  expect(find(analyseToll([slice], testContext), 'throughput_rps', 'none')?.value).toBeCloseTo(2000, 9);
});

it('takes the figures of a shared Redis from slices that served only one arm', () => {
  const paired = testSlice({
    experiment: 'toll',
    arm: 'session-redis',
    factors: { in_flight: 10 },
    measures: { replica_cpu_ns: 1e6 },
  });
  const counted = {
    ...paired,
    mode: 'count' as const,
    block: 9,
    measures: { replica_cpu_ns: 9e6, redis_cpu_ns: 2e6, redis_commands: 100 },
    flags: ['redis-shared' as const],
  };
  const figures = analyseToll([paired, counted], testContext);
  expect(find(figures, 'redis_cpu_us_per_request', 'session-redis')).toMatchObject({
    value: 20,
    flags: expect.arrayContaining(['redis-shared']),
  });
  expect(find(figures, 'cpu_us_per_request', 'session-redis')?.value).toBe(10);
});

it('omits slices without responses', () => {
  const slices = machine({ none: 30, 'jwt-hs256': 45 }, () => 1);
  const empty = { ...(slices[0] as Slice), fork: 9, requests: 0, measures: { replica_cpu_ns: 1e9 } };
  expect(find(analyseToll([...slices, empty], testContext), 'cpu_us_per_request', 'none')?.value).toBeCloseTo(30, 9);
});

it('estimates every ratio during sampling, and none without a baseline', () => {
  const exact = machine({ none: 30, 'jwt-hs256': 45 }, drifting);
  expect(ratioEstimates(exact, 'none', 1)).toMatchObject([{ value: expect.closeTo(1.5, 9), forks: 5, blocks: 20 }]);
  const noisy = exact.map((slice) =>
    slice.arm === 'none'
      ? slice
      : { ...slice, measures: { ...slice.measures, replica_cpu_ns: 3e6 * (1 + slice.fork) } },
  );
  const [estimate] = ratioEstimates(noisy, 'none', 1);
  expect((estimate?.high ?? 0) - (estimate?.low ?? 0)).toBeGreaterThan(1);
  expect(ratioEstimates(machine({ 'jwt-hs256': 45 }, drifting), 'none', 1)).toEqual([]);
  expect(liveRatios(exact, 'none')).toBe('CPU ÷ baseline: jwt-hs256 1.50×');
  expect(liveRatios([], 'none')).toBe('');
});

it('calls a difference of a quarter between blocks drift, and no less', () => {
  const at = (us: number) => testSlice({ experiment: 'toll', arm: 'none', measures: { replica_cpu_ns: us * 1e5 } });
  expect(drifted([at(30), at(37)])).toBe(false);
  expect(drifted([at(30), at(38)])).toBe(true);
  expect(drifted([at(30)])).toBe(false);
});

it('compares every pair of guarded arms at the ranked load, but neither the baseline nor its copy', () => {
  const slices = machine({ none: 30, 'none-aa': 30, a: 60, b: 45, c: 90 }, drifting);
  const figures = analyseToll(slices, testContext).filter(({ metric }) => metric === 'cpu_ratio_to_arm');
  const pairs = figures.map(({ arm, factors, value }) => [arm, factors.against, Number(value.toFixed(9))]);
  expect(pairs).toEqual([
    ['a', 'b', 1.333333333],
    ['a', 'c', 0.666666667],
    ['b', 'c', 0.5],
  ]);
});

it('compares arms by replica and Redis together, block by block', () => {
  const at = (arm: string, block: number, cpuUs: number, redisUs: number) =>
    testSlice({
      experiment: 'toll',
      arm,
      block,
      factors: { in_flight: 10 },
      // A Redis that ran no command is charged to no arm.
      measures: { replica_cpu_ns: cpuUs * 1e5, redis_cpu_ns: redisUs * 1e5, redis_commands: redisUs > 0 ? 100 : 0 },
    });
  const slices = [1, 2, 3].flatMap((pace, block) => [
    at('none', block, 20 * pace, 0),
    at('a', block, 50 * pace, 30 * pace),
    at('b', block, 40 * pace, 0),
  ]);
  const figures = analyseToll(slices, testContext).filter(({ metric }) => metric.startsWith('total_cpu_ratio'));
  expect(figures.map(({ arm, metric, factors, value }) => [arm, metric, factors.against, value])).toEqual([
    ['a', 'total_cpu_ratio_to_baseline', undefined, 4],
    ['b', 'total_cpu_ratio_to_baseline', undefined, 2],
    ['a', 'total_cpu_ratio_to_arm', 'b', 2],
  ]);
});

it('compares a service with an unguarded request of its own, which takes part in no other comparison', () => {
  const context = {
    ...testContext,
    arms: [
      ...testContext.arms,
      armSummary('shop'),
      armSummary('shop-public', { role: 'twin', family: 'none', twinOf: 'shop' }),
    ],
  };
  const costs = { none: 30, 'jwt-hs256': 45, shop: 80, 'shop-public': 50 };
  const figures = analyseToll(
    machine(costs, () => 1),
    context,
  );
  expect(find(figures, 'cpu_own_toll_us', 'shop')?.value).toBeCloseTo(30, 9);
  expect(find(figures, 'cpu_ratio_to_twin', 'shop')?.value).toBeCloseTo(1.6, 9);
  expect(find(figures, 'cpu_toll_us', 'shop')?.value).toBeCloseTo(50, 9);
  expect(find(figures, 'cpu_own_toll_us', 'jwt-hs256')).toBeUndefined();
  const pairs = figures
    .filter(({ metric }) => metric === 'cpu_ratio_to_arm')
    .map(({ arm, factors }) => [arm, factors.against]);
  expect(pairs).toEqual([['jwt-hs256', 'shop']]);
  // The machine's drift cancels in the ratio.
  const ratio = find(analyseToll(machine(costs, drifting), context), 'cpu_ratio_to_twin', 'shop');
  expect(ratio?.value).toBeCloseTo(1.6, 9);
});
