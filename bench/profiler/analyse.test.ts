import { describe, expect, test } from 'vitest';
import type { Figure, Slice } from '../../core/results/schema.ts';
import type { AnalysisContext } from '../measuring/experiment.ts';
import { analyseProfiles, size } from './analyse.ts';
import { NATIVE, OTHER_THREADS } from './bucket.ts';
import { EVERYTHING_ELSE, foldSmall, forkCosts } from './costs.ts';
import { measuresOf } from './measures.ts';

interface Made {
  readonly mode?: Slice['mode'];
  readonly profiler?: 'on' | 'off';
  readonly fork?: number;
  readonly block?: number;
  readonly sampled?: Record<string, number>;
  readonly mainShare?: number;
}

/** A slice of 100 requests, each with `us` of CPU time. */
function slice(arm: string, us: number, made: Made = {}): Slice {
  const { mode = 'paired', fork = 0, block = 0, sampled, mainShare } = made;
  return {
    kind: 'slice',
    experiment: 'hot-path',
    fork,
    block,
    order: 0,
    arm,
    factors: { in_flight: 10, ...(made.profiler ? { profiler: made.profiler } : {}) },
    mode,
    durationMs: 10,
    requests: 100,
    unexpected: 0,
    failed: 0,
    statuses: { 200: 100 },
    measures: {
      replica_cpu_ns: us * 100 * 1000,
      ...(mainShare === undefined ? {} : { main_thread_ratio: mainShare }),
      ...(sampled
        ? measuresOf({
            busyMicros: new Map(Object.entries(sampled)),
            idleMicros: 1e6,
            profilerMicros: 5,
            cutMicros: 2,
            samples: 9,
          })
        : {}),
    },
    flags: [],
  };
}

/** One fork: the arm in pairs at `us` (80 % of it in the main thread), alone at the same, and 25 % more with the profiler. */
function forkOf(arm: string, us: number, sampled: Record<string, number>, fork = 0): Slice[] {
  return [
    slice(arm, us, { fork, block: 0, mainShare: 0.8 }),
    slice(arm, us, { fork, block: 1, mode: 'profile', profiler: 'off' }),
    slice(arm, us * 1.25, { fork, block: 2, mode: 'profile', profiler: 'on', sampled }),
    slice(arm, us, { fork, block: 3, mode: 'profile', profiler: 'off' }),
    slice(arm, us, { fork, block: 4, mainShare: 0.8 }),
  ];
}

const context: AnalysisContext = {
  config: {
    profile: 'full',
    experiments: ['hot-path'],
    arms: null,
    replicas: null,
    budgetSeconds: null,
    seed: 3,
    aa: false,
    argon2: { memoryKiB: 1024, passes: 1, cheap: true },
  },
  environment: {
    cpuModel: 'any',
    cores: 2,
    memoryBytes: 1,
    platform: 'any',
    kernel: 'any',
    node: 'any',
    v8: 'any',
    redis: null,
    packages: {},
    gitCommit: null,
    gitDirty: null,
    cpuShares: 'none',
  },
  arms: [],
  baseline: 'none',
  earlier: [],
};

const amount = (figures: readonly Figure[], metric: string, arm: string, factors: Record<string, string> = {}) =>
  figures.find(
    (figure) =>
      figure.metric === metric &&
      figure.arm === arm &&
      Object.entries(factors).every(([name, value]) => figure.factors[name] === value),
  )?.value;

const three = (arm: string, us: number, sampled: Record<string, number>) =>
  [0, 1, 2].flatMap((fork) => forkOf(arm, us, sampled, fork));

test('the slice’s measures store the sampled times unchanged', () => {
  const busyMicros = new Map([['node:net', 3.5]]);
  const measures = measuresOf({ busyMicros, idleMicros: 7, profilerMicros: 1, cutMicros: 0, samples: 2 });
  expect(measures).toEqual({ sampled_us: { 'node:net': 3.5 }, samples: 2, sampled_idle_us: 7, sampled_cut_us: 0 });
});

describe('forkCosts', () => {
  test('divides the main thread’s share by package, and assigns the rest to other threads', () => {
    const [cost] = forkCosts(forkOf('a', 50, { fastify: 300, [NATIVE]: 100 }), 'a');
    expect(cost?.byBucket.get('fastify')).toBeCloseTo(30, 9);
    expect(cost?.byBucket.get(NATIVE)).toBeCloseTo(10, 9);
    expect(cost?.byBucket.get(OTHER_THREADS)).toBeCloseTo(10, 9);
    expect(cost).toMatchObject({ pairedUs: 50, plainUs: 50, profiledUs: 62.5 });
  });

  test('omits a fork that failed before its profile, and one without CPU times', () => {
    const whole = forkOf('a', 50, { fastify: 1 });
    expect(
      forkCosts(
        whole.filter(({ factors }) => factors.profiler !== 'on'),
        'a',
      ),
    ).toEqual([]);
    const blind = whole.map((each) => {
      const { replica_cpu_ns: _, ...measures } = each.measures;
      return { ...each, measures };
    });
    expect(forkCosts(blind, 'a')).toEqual([]);
  });
});

test('small buckets are combined, and the total remains the cost of a request', () => {
  const cost = {
    fork: 0,
    byBucket: new Map([
      ['fastify', 99.5],
      ['tiny', 0.3],
      ['tinier', 0.2],
    ]),
    pairedUs: 100,
    plainUs: 100,
    profiledUs: 100,
  };
  const [folded] = foldSmall(new Map([['a', [cost]]])).get('a') ?? [];
  expect([...(folded?.byBucket.keys() ?? [])]).toEqual(['fastify', EVERYTHING_ELSE]);
  expect(folded?.byBucket.get(EVERYTHING_ELSE)).toBeCloseTo(0.5, 9);
});

describe('analyseProfiles', () => {
  const slices = [...three('none', 40, { fastify: 100 }), ...three('jwt', 100, { fastify: 100, 'fast-jwt': 300 })];

  test('gives µs per package, their difference from the baseline, and the cost of the profiler', () => {
    const figures = analyseProfiles(slices, context, 'hot-path');
    expect(amount(figures, 'profile_us', 'jwt', { package: 'fast-jwt' })).toBeCloseTo(60, 9);
    expect(amount(figures, 'profile_us', 'none', { package: 'fastify' })).toBeCloseTo(32, 9);
    expect(amount(figures, 'profile_toll_us', 'jwt', { package: 'fast-jwt' })).toBeCloseTo(60, 9);
    expect(amount(figures, 'profile_toll_us', 'jwt', { package: 'fastify' })).toBeCloseTo(-12, 9);
    expect(amount(figures, 'profile_toll_us', 'none')).toBeUndefined();
    expect(amount(figures, 'profiler_overhead_pct', 'jwt')).toBeCloseTo(25, 9);
  });

  test('packages add up to the cost of a request, and their tolls to the toll', () => {
    const figures = analyseProfiles(slices, context, 'hot-path');
    const sum = (metric: string) =>
      figures
        .filter((figure) => figure.metric === metric && figure.arm === 'jwt')
        .reduce((total, { value }) => total + value, 0);
    expect(sum('profile_us')).toBeCloseTo(100, 9);
    expect(sum('profile_toll_us')).toBeCloseTo(60, 9);
  });

  test('reports how far the profiled toll, and the sum of packages, are from the toll without the profiler', () => {
    const toll: Figure = {
      experiment: 'toll',
      arm: 'jwt',
      factors: { in_flight: 10 },
      metric: 'cpu_ratio_to_baseline',
      unit: '×',
      value: 2.25,
      low: 2.25,
      high: 2.25,
      confidence: 0.95,
      blocks: 9,
      forks: 3,
      source: 'measured',
      flags: ['interval-wide'],
    };
    const figures = analyseProfiles(slices, { ...context, earlier: [toll] }, 'hot-path');
    expect(amount(figures, 'profile_unexplained_pct', 'jwt', { against: 'unprofiled' })).toBeCloseTo(25, 9);
    expect(amount(figures, 'profile_unexplained_pct', 'jwt', { against: 'toll' })).toBeCloseTo(20, 9);
    const against = figures.find(({ factors }) => factors.against === 'toll');
    expect(against?.flags).toContain('interval-wide');
    // On a machine that is by then half as fast.
    const slower = [...three('none', 80, { fastify: 100 }), ...three('jwt', 200, { fastify: 100 })];
    const later = analyseProfiles(slower, { ...context, earlier: [toll] }, 'hot-path');
    expect(amount(later, 'profile_unexplained_pct', 'jwt', { against: 'toll' })).toBeCloseTo(20, 9);
  });

  test('without the baseline among the arms there are costs and no tolls', () => {
    const figures = analyseProfiles(three('jwt', 100, { fastify: 1 }), context, 'hot-path');
    expect(new Set(figures.map(({ metric }) => metric))).toEqual(new Set(['profile_us', 'profiler_overhead_pct']));
  });

  test('flags a baseline that drifted, and a single fork', () => {
    const drifting = [...three('none', 40, { fastify: 1 }), ...forkOf('none', 80, { fastify: 1 }, 3)];
    expect(analyseProfiles(drifting, context, 'hot-path')[0]?.flags).toContain('machine-drift');
    expect(analyseProfiles(forkOf('none', 40, { fastify: 1 }), context, 'hot-path')[0]?.flags).toContain('one-fork');
  });
});

test('a size is never negative, and begins at zero if the interval contains zero', () => {
  const signed = { value: -3, low: -5, high: 1, confidence: 0.95, blocks: 3, forks: 3 };
  expect(size(signed)).toMatchObject({ value: 3, low: 0, high: 5 });
  expect(size({ ...signed, high: -2 })).toMatchObject({ value: 3, low: 2, high: 5 });
});

describe('an arm with an edge', () => {
  /** Of 100 µs the replica's main thread uses half, the edge's 30 µs, and other threads of both the rest. */
  const edged = (fork: number): Slice[] =>
    forkOf('edged', 100, { jose: 300, fastify: 100 }, fork).map((each) => ({
      ...each,
      measures: {
        ...each.measures,
        ...(each.mode === 'paired' ? { main_thread_ratio: 0.5, edge_main_thread_ratio: 0.3 } : {}),
        ...(each.factors.profiler === 'on' ? { edge_sampled_us: { fastify: 200, undici: 100 } } : {}),
      },
    }));
  const slices = [...three('none', 40, { fastify: 100 }), ...[0, 1, 2].flatMap(edged)];
  const figures = analyseProfiles(slices, context, 'hot-path');
  const of = (metric: string, arm: string, name: string, process?: string) =>
    figures
      .filter(
        (figure) =>
          figure.metric === metric &&
          figure.arm === arm &&
          figure.factors.package === name &&
          figure.factors.process === process,
      )
      .map(({ value }) => Math.round(value * 1e6) / 1e6);

  test('has separate packages for both processes, which add up to the cost of a request', () => {
    expect(of('profile_us', 'edged', 'jose')).toEqual([37.5]);
    expect(of('profile_us', 'edged', 'fastify')).toEqual([12.5]);
    expect(of('profile_us', 'edged', 'fastify', 'edge')).toEqual([20]);
    expect(of('profile_us', 'edged', 'undici', 'edge')).toEqual([10]);
    expect(of('profile_us', 'edged', OTHER_THREADS)).toEqual([20]);
    const own = figures.filter(({ metric, arm }) => metric === 'profile_us' && arm === 'edged');
    expect(own.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(100, 9);
  });

  test('adds the whole cost of its edge to the toll, because the baseline has none', () => {
    expect(of('profile_toll_us', 'edged', 'fastify', 'edge')).toEqual([20]);
    expect(of('profile_toll_us', 'edged', 'fastify')).toEqual([-19.5]);
    expect(of('profile_us', 'none', 'fastify', 'edge')).toEqual([]);
  });

  test('has no costs if the shares of its two processes are unknown', () => {
    const blind = edged(0).map(({ measures: { edge_main_thread_ratio: _, ...measures }, ...each }) => ({
      ...each,
      measures,
    }));
    expect(forkCosts(blind, 'edged')).toEqual([]);
  });
});
