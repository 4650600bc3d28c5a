import { describe, expect, it } from 'vitest';
import { costAt } from '../../../../core/model/batch-cost.ts';
import { solveFleet } from '../../../../core/model/fleet-model.ts';
import { uslThroughput } from '../../../../core/model/usl.ts';
import type { Factors, Figure, Slice } from '../../../../core/results/schema.ts';
import { createRandom } from '../../../../core/stats/random.ts';
import { testContext, testSlice } from '../../../testing/slices.ts';
import { seriesOf, split } from '../series.ts';
import { modelFigures } from './models.ts';

const REPLICAS = [1, 2, 3, 4, 6, 8];
const SHARE = 0.07;

interface Made {
  readonly arm?: string;
  readonly factors?: Factors;
  readonly replicas?: readonly number[];
  readonly throughput: (n: number) => number;
  readonly replicaUs?: number;
  readonly redisUs?: (n: number) => number;
  /** Relative noise of each slice. */
  readonly noise?: number;
  readonly forks?: number;
}

/** One-second slices, three blocks in each fork. */
function made({ arm = 'session-redis', factors = {}, replicas = REPLICAS, throughput, ...rest }: Made): Slice[] {
  const { replicaUs = 200, redisUs = () => 0, noise = 0, forks = 3 } = rest;
  const random = createRandom(11);
  return Array.from({ length: forks * 3 }, (_, i) =>
    replicas.map((n) => {
      const requests = Math.round(throughput(n) * (1 + noise * random.normal()));
      return testSlice({
        experiment: 'scale',
        arm,
        fork: Math.floor(i / 3),
        block: i % 3,
        mode: 'closed',
        factors: { replicas: n, ...factors },
        durationMs: 1_000,
        requests,
        measures: {
          replica_share_cores: SHARE,
          connections: 20 * n,
          replica_cpu_ns: requests * replicaUs * 1000 * (1 + 0.3 * noise * random.normal()),
          redis_cpu_ns: requests * redisUs(n) * 1000,
          generator_cpu_ns: requests * 30_000,
        },
      });
    }),
  ).flat();
}

const find = (figures: readonly Figure[], metric: string, factors: Factors = {}) =>
  figures.filter(
    (figure) =>
      figure.metric === metric && Object.entries(factors).every(([name, level]) => figure.factors[name] === level),
  );
const one = (figures: readonly Figure[], metric: string, factors: Factors = {}): Figure => {
  const [first, ...others] = find(figures, metric, factors);
  if (first === undefined || others.length > 0) throw new Error(`${others.length + 1} figures ${metric}`);
  return first;
};

describe('the scalability law', () => {
  it('recovers the coefficients behind the throughputs, within their intervals', () => {
    const truth = { lambda: 400, sigma: 0.06, kappa: 0.005 };
    const figures = modelFigures(made({ throughput: (n) => uslThroughput(truth, n), noise: 0.01 }), testContext);
    for (const [metric, value] of [
      ['usl_lambda_rps', truth.lambda],
      ['usl_kappa', truth.kappa],
      ['usl_peak_replicas', Math.sqrt(0.94 / 0.005)],
    ] as const) {
      const figure = one(figures, metric);
      expect(figure.source).toBe('model');
      expect(figure.low, metric).toBeLessThan(value);
      expect(figure.high, metric).toBeGreaterThan(value);
    }
  });

  it('is judged only on the largest fleets, which were held out', () => {
    const truth = { lambda: 400, sigma: 0.06, kappa: 0.005 };
    const figures = modelFigures(made({ throughput: (n) => uslThroughput(truth, n) }), testContext);
    const errors = find(figures, 'prediction_error_pct', { model: 'usl' });
    expect(errors.map(({ factors }) => factors.replicas)).toEqual([6, 8]);
    for (const { value } of errors) expect(Math.abs(value)).toBeLessThan(0.5);
    // If the held-out data violate the law, the error shows by how much, and in which direction.
    const broken = modelFigures(
      made({ throughput: (n) => uslThroughput(truth, n) * (n === 8 ? 0.5 : 1) }),
      testContext,
    );
    expect(one(broken, 'prediction_error_pct', { model: 'usl', replicas: 8 }).value).toBeCloseTo(100, -1);
  });

  it('does not extrapolate a term that may be noise', () => {
    // Noise in four points makes the full law deviate by a third or more at eight replicas.
    const errors = [2, 3, 4].flatMap((forks) =>
      find(modelFigures(made({ throughput: (n) => 400 * n, noise: 0.2, forks }), testContext), 'prediction_error_pct', {
        model: 'usl',
      }),
    );
    expect(errors).toHaveLength(6);
    for (const { value } of errors) expect(Math.abs(value)).toBeLessThan(20);
  });

  it('keeps the terms that are significant', () => {
    // Without them, eight replicas would be predicted at 70 % too much.
    const truth = { lambda: 400, sigma: 0.06, kappa: 0.005 };
    const figures = modelFigures(made({ throughput: (n) => uslThroughput(truth, n), noise: 0.01 }), testContext);
    expect(Math.abs(one(figures, 'prediction_error_pct', { model: 'usl', replicas: 8 }).value)).toBeLessThan(20);
  });

  it('gives no peak if throughput does not fall', () => {
    const figures = modelFigures(made({ throughput: (n) => 400 * n, noise: 0.02 }), testContext);
    expect(find(figures, 'usl_peak_replicas')).toEqual([]);
  });

  it('gives no peak from a single block, which has no interval to separate κ from 0', () => {
    const truth = { lambda: 400, sigma: 0.06, kappa: 0.005 };
    const single = made({ throughput: (n) => uslThroughput(truth, n), forks: 1 }).filter(({ block }) => block === 0);
    const figures = modelFigures(single, testContext);
    expect(one(figures, 'usl_kappa')).toMatchObject({ blocks: 1 });
    expect(find(figures, 'usl_peak_replicas')).toEqual([]);
  });

  it('works with three numbers of replicas, and with two', () => {
    const quick = modelFigures(made({ replicas: [1, 2, 4], throughput: (n) => 400 * n }), testContext);
    expect(one(quick, 'prediction_error_pct', { model: 'usl' })).toMatchObject({ factors: { replicas: 4 } });
    expect(one(quick, 'prediction_error_pct', { model: 'usl' }).value).toBeCloseTo(0, 6);
    const two = modelFigures(made({ replicas: [1, 4], throughput: (n) => 400 * n }), testContext);
    expect(find(two, 'usl_kappa')).toEqual([]);
    expect(one(two, 'prediction_error_pct', { model: 'usl' }).value).toBeCloseTo(0, 6);
    expect(modelFigures(made({ replicas: [2], throughput: (n) => 400 * n }), testContext)).toEqual([]);
  });
});

describe('the queueing network', () => {
  const cost = { wakeUs: 20, requestUs: 6 };
  const cores = 0.012;
  const demands = { replicaCpuUs: 200, redis: cost, generatorCpuUs: 30 };
  const truth = (n: number) =>
    solveFleet(demands, {
      replicas: n,
      replicaCores: SHARE,
      redisCores: cores,
      redisNodes: 1,
      users: 20 * n,
      redisRttMs: 0.05,
      routing: 'bound',
    }).throughput;
  /** The cost of a request depends on utilisation, which depends on that cost, so it is found by bisection. */
  const redisUs = (n: number) => {
    let [low, high] = [0, 1];
    for (let step = 0; step < 50; step++) {
      const middle = (low + high) / 2;
      if ((truth(n) * costAt(cost, middle)) / 1e6 / cores > middle) low = middle;
      else high = middle;
    }
    return costAt(cost, low);
  };
  const wall = { redis_share: cores };

  it('predicts an unseen limit of Redis from smaller fleets, and the throughput there', () => {
    const figures = modelFigures(made({ factors: wall, throughput: truth, redisUs, noise: 0.01 }), testContext);
    const predicted = find(figures, 'redis_wall_rps', wall).find(({ source }) => source === 'model');
    expect(Math.abs((predicted?.value ?? 0) / ((cores * 1e6) / 6) - 1)).toBeLessThan(0.15);
    for (const { value } of find(figures, 'prediction_error_pct', { model: 'mva' })) {
      expect(Math.abs(value)).toBeLessThan(10);
    }
  });

  it('compares the predicted limit with the measured one, if Redis was saturated', () => {
    const full = (n: number) => Math.min(350 * n, 1_500);
    const figures = modelFigures(made({ factors: wall, throughput: full, redisUs: () => 8 }), testContext);
    const seen = find(figures, 'redis_wall_rps').find(({ source }) => source === 'measured');
    expect(seen?.value).toBeCloseTo(1_500, 6);
    expect(seen?.factors.replicas).toBe(6);
    const error = one(figures, 'prediction_error_pct', { model: 'wall' });
    expect(error.value).toBeCloseTo(0, 6);
    // Replicas of 200 µs a request, and a Redis of 8: 25 of its size fill it, whatever the shares.
    expect(one(figures, 'redis_wall_replicas').value).toBeCloseTo(25, 6);
  });

  it('learns only from fleets that are not held out: a wrong demand there is an error here', () => {
    const slices = made({ throughput: (n) => 350 * n });
    const dearer = slices.map((slice) => ({
      ...slice,
      measures: { ...slice.measures, replica_cpu_ns: (slice.measures.replica_cpu_ns ?? 0) * 1.25 },
    }));
    const error = (own: readonly Slice[]) =>
      one(modelFigures(own, testContext), 'prediction_error_pct', { model: 'mva', replicas: 8 }).value;
    expect(error(slices)).toBeCloseTo(0, 0);
    expect(error(dearer)).toBeCloseTo(-20, 0);
  });

  it('agrees with the simulation within 3 %, and has ordered percentiles', () => {
    const figures = modelFigures(made({ throughput: (n) => 350 * n, redisUs: () => 9 }), testContext);
    const gap = one(figures, 'simulation_gap_pct');
    expect(Math.abs(gap.value)).toBeLessThan(3);
    const [p50, p99] = ['p50', 'p99'].map((quantile) => one(figures, 'model_latency_us', { quantile }).value);
    expect(p50).toBeGreaterThan(200 / SHARE / 2);
    expect(p99).toBeGreaterThan(p50 ?? 0);
  });

  it('is not judged if replicas ran without limits, and predicts for a core each', () => {
    const free = made({ throughput: (n) => 350 * n }).map((slice) => {
      const { replica_share_cores: _, ...measures } = slice.measures;
      return { ...slice, measures };
    });
    const figures = modelFigures(free, testContext);
    expect(find(figures, 'prediction_error_pct', { model: 'mva' })).toEqual([]);
    expect(one(figures, 'model_throughput_rps', { model: 'bounds', replicas: 16 }).value).toBeCloseTo(16 * 5_000, 0);
  });
});

describe('the series', () => {
  it('keeps arms and settings apart, and joins what differs only in replicas', () => {
    const slices = [
      ...made({ throughput: (n) => 300 * n }),
      ...made({ throughput: (n) => 300 * n, factors: { redis_share: 0.03 } }),
      ...made({ throughput: (n) => 300 * n, factors: { redis_share: 0.03, critical_fraction: 0.5 } }),
      ...made({ throughput: (n) => 300 * n, arm: 'none', replicas: [4, 1] }),
    ];
    const open = slices.map((slice) => ({ ...slice, mode: 'open' as const, factors: { replicas: 8, load_pct: 70 } }));
    const series = seriesOf([...slices, ...open]);
    expect(series.map(({ arm, factors }) => [arm, Object.keys(factors).length])).toEqual([
      ['session-redis', 0],
      ['session-redis', 1],
      ['session-redis', 2],
      ['none', 0],
    ]);
    expect(series.at(-1)?.replicas).toEqual([1, 4]);
    expect(series[0]).toMatchObject({ usersPerReplica: 20, replicaCores: SHARE });
  });

  it('uses whole blocks as bootstrap units; forks if no block is complete; and everything if no fork is', () => {
    const slices = made({ throughput: (n) => 300 * n, replicas: [1, 2], forks: 2 });
    expect(seriesOf(slices)[0]?.forks.map((fork) => fork.length)).toEqual([3, 3]);
    const scattered = slices.map((slice, i) => ({ ...slice, block: i }));
    expect(seriesOf(scattered)[0]?.forks.map((fork) => fork.length)).toEqual([1, 1]);
    const torn = slices.filter(({ fork, factors }) => (fork === 0) === (factors.replicas === 1));
    expect(seriesOf(torn)[0]?.forks.map((fork) => fork.length)).toEqual([1]);
    const figures = modelFigures(torn, testContext);
    expect(one(figures, 'prediction_error_pct', { model: 'usl' })).toMatchObject({ blocks: 1, flags: ['one-fork'] });
  });

  it('holds out the largest third', () => {
    expect(split([1, 2, 3, 4, 6, 8])).toEqual({ fit: [1, 2, 3, 4], held: [6, 8] });
    expect(split([1, 2, 4])).toEqual({ fit: [1, 2], held: [4] });
    expect(split([1, 4])).toEqual({ fit: [1], held: [4] });
    expect(split([3])).toEqual({ fit: [3], held: [] });
  });
});

it('gives the same figures for the same slices, and none for arms with refusals', () => {
  const slices = made({ throughput: (n) => 300 * n, noise: 0.02, replicas: [1, 2, 4] });
  expect(modelFigures(slices, testContext)).toEqual(modelFigures(slices, testContext));
  const refused = slices.map((slice) => ({ ...slice, flags: ['unexpected-responses' as const] }));
  expect(modelFigures(refused, testContext)).toEqual([]);
});
