/** Coverage of the intervals of the law's coefficients, on throughputs simulated from known ones. */
import { describe, expect, it } from 'vitest';
import { type Usl, uslThroughput } from '../../../../core/model/usl.ts';
import { createRandom, type Random } from '../../../../core/stats/random.ts';
import { testContext, testSlice } from '../../../testing/slices.ts';
import { seriesOf } from '../series.ts';
import { SeriesModel } from './resample.ts';
import { uslFigures } from './usl.ts';

/** Throughputs of one-second slices, with noise per fork and fleet, and per slice. */
function figuresOf(truth: Usl, replicas: readonly number[], random: Random) {
  const slices = [0, 1, 2, 3].flatMap((fork) => {
    const fleets = new Map(replicas.map((n) => [n, Math.exp(0.02 * random.normal())]));
    return [0, 1].flatMap((block) =>
      replicas.map((n) =>
        testSlice({
          experiment: 'scale',
          arm: 'none',
          fork,
          block,
          mode: 'closed',
          factors: { replicas: n },
          durationMs: 1_000,
          requests: Math.round(uslThroughput(truth, n) * (fleets.get(n) ?? 1) * Math.exp(0.02 * random.normal())),
          measures: {
            replica_share_cores: 0.07,
            connections: 20 * n,
            replica_cpu_ns: 1e9,
            redis_cpu_ns: 0,
            generator_cpu_ns: 1e8,
          },
        }),
      ),
    );
  });
  const [series] = seriesOf(slices);
  if (series === undefined) throw new Error('no series');
  return uslFigures(new SeriesModel(series, testContext));
}

describe.each([
  { lambda: 4000, sigma: 0.05, kappa: 0.004 },
  { lambda: 4000, sigma: 0, kappa: 0 },
])('with σ $sigma and κ $kappa, 95 % intervals', (truth) => {
  it('contain both about as often as they should, and always have a width', () => {
    const random = createRandom(31);
    const trials = 40;
    const held = { usl_sigma: 0, usl_kappa: 0 };
    for (let trial = 0; trial < trials; trial++) {
      const figures = figuresOf(truth, [1, 2, 4, 8], random);
      for (const [metric, value] of [
        ['usl_sigma', truth.sigma],
        ['usl_kappa', truth.kappa],
      ] as const) {
        const found = figures.find((figure) => figure.metric === metric && figure.factors.model === undefined);
        if (found === undefined) continue;
        expect(found.high).toBeGreaterThan(found.low);
        if (found.low <= value && value <= found.high) held[metric]++;
      }
    }
    // Of 40 trials at 95 %, fewer than 34 come once in a hundred times.
    expect(held.usl_sigma).toBeGreaterThanOrEqual(34);
    expect(held.usl_kappa).toBeGreaterThanOrEqual(34);
  });
});

it('shows only Amdahl’s law for three numbers of replicas', () => {
  const figures = figuresOf({ lambda: 4000, sigma: 0.05, kappa: 0 }, [1, 2, 4], createRandom(2));
  expect(figures.filter(({ metric }) => metric === 'usl_kappa')).toEqual([]);
  const sigmas = figures.filter(({ metric }) => metric === 'usl_sigma');
  expect(sigmas.map(({ factors }) => factors.model)).toEqual(['amdahl']);
  expect(sigmas[0]?.high).toBeGreaterThan(sigmas[0]?.low ?? 0);
});

it('shows no coefficient as 0 if throughput certainly grows faster than linearly', () => {
  const figures = figuresOf({ lambda: 4000, sigma: -0.1, kappa: 0 }, [1, 2, 4], createRandom(2));
  expect(figures.filter(({ metric }) => metric === 'usl_lambda_rps')).toHaveLength(1);
  expect(figures.filter(({ metric }) => metric === 'usl_sigma')).toEqual([]);
});
