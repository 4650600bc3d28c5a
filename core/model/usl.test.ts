import { describe, expect, it } from 'vitest';
import {
  fitUsl,
  fitUslByParabola,
  UslError,
  uslIntervals,
  uslKindFor,
  uslPeak,
  uslStandardErrors,
  uslThroughput,
} from './usl.ts';

/** A Cisco test of 1 to 32 clients, from Schwartz, Practical Scalability Analysis (2015), with its published fit. */
const PUBLISHED = [
  955.16, 1878.91, 2688.01, 3548.68, 4315.54, 5130.43, 5931.37, 6531.08, 7219.8, 7867.61, 8278.71, 8646.7, 9047.84,
  9426.55, 9645.37, 9897.24, 10097.6, 10240.5, 10532.39, 10798.52, 11151.43, 11518.63, 11806, 12089.37, 12075.41,
  12177.29, 12211.41, 12158.93, 12155.27, 12118.04, 12140.4, 12074.39,
].map((throughput, index) => ({ n: index + 1, throughput }));

const curve = (lambda: number, sigma: number, kappa: number, ns: readonly number[]) =>
  ns.map((n) => ({ n, throughput: uslThroughput({ lambda, sigma, kappa }, n) }));

describe('the fit', () => {
  it('gives the published coefficients, peak and predictions', () => {
    const usl = fitUsl(PUBLISHED, 'usl', 'absolute');
    expect(usl.sigma).toBeCloseTo(0.02671591, 6);
    expect(usl.kappa).toBeCloseTo(7.690945e-4, 8);
    expect(usl.lambda).toBeCloseTo(995.6486, 2);
    expect(Math.floor(uslPeak(usl))).toBe(35);
    expect(uslThroughput(usl, 1)).toBeCloseTo(995.64877, 2);
    expect(uslThroughput(usl, 20)).toBeCloseTo(11_063.633, 1);
    expect(uslThroughput(usl, 35)).toBeCloseTo(12_341.746, 1);
  });

  it('recovers the coefficients of exact data, in any unit', () => {
    for (const scale of [1e-3, 1, 1e6]) {
      const usl = fitUsl(curve(40 * scale, 0.06, 0.004, [1, 2, 3, 4, 6, 8]));
      expect(usl.lambda / scale).toBeCloseTo(40, 6);
      expect(usl.sigma).toBeCloseTo(0.06, 8);
      expect(usl.kappa).toBeCloseTo(0.004, 9);
    }
  });

  it('finds them whether N counts replicas or a hundred thousand clients', () => {
    const ns = [1, 10, 100, 1000, 1e4, 5e4, 1e5, 2e5];
    for (const errors of ['relative', 'absolute'] as const) {
      const usl = fitUsl(curve(10, 1e-5, 1e-10, ns), 'usl', errors);
      expect(usl.lambda).toBeCloseTo(10, 6);
      expect(usl.sigma / 1e-5).toBeCloseTo(1, 6);
      expect(usl.kappa / 1e-10).toBeCloseTo(1, 6);
      expect(uslPeak(usl) / Math.sqrt((1 - 1e-5) / 1e-10)).toBeCloseTo(1, 6);
    }
  });

  it('has Amdahl’s law as a special case: one processor in twenty serial is a speed-up of 20 at most', () => {
    const usl = fitUsl(curve(1, 0.05, 0, [1, 2, 4, 8, 16]), 'amdahl');
    expect(usl).toMatchObject({ kappa: 0 });
    expect(usl.sigma).toBeCloseTo(0.05, 9);
    expect(uslThroughput(usl, 1e9)).toBeCloseTo(20, 5);
    expect(uslPeak(usl)).toBe(Number.POSITIVE_INFINITY);
  });

  it('goes below 0 if throughput grows faster than linearly', () => {
    const usl = fitUsl(curve(100, -0.02, 0.01, [1, 2, 3, 4, 6, 8]));
    expect(usl.sigma).toBeCloseTo(-0.02, 8);
    expect(usl.kappa).toBeCloseTo(0.01, 9);
    expect(fitUsl(curve(100, 0.01, -0.0005, [1, 2, 3, 4, 6, 8])).kappa).toBeCloseTo(-0.0005, 9);
  });

  it('takes the geometric mean per replica for a straight line', () => {
    const faster = [1, 2, 3, 4].map((n) => ({ n, throughput: 100 * n * (1 + 0.02 * n) }));
    const mean = Math.exp(faster.reduce((sum, { n, throughput }) => sum + Math.log(throughput / n), 0) / 4);
    expect(fitUsl(faster, 'linear').lambda).toBeCloseTo(mean, 6);
  });

  it('weighs errors relative to the throughput', () => {
    const [first, ...others] = curve(100, 0.05, 0.002, [1, 2, 3, 4, 6, 8]);
    if (first === undefined) throw new Error('no point');
    const usl = fitUsl([{ ...first, throughput: 1.1 * first.throughput }, ...others]);
    const absolute = fitUsl([{ ...first, throughput: 1.1 * first.throughput }, ...others], 'usl', 'absolute');
    expect(Math.abs(usl.lambda - 100)).toBeGreaterThan(Math.abs(absolute.lambda - 100));
  });

  it('fits points for which the linearised law is not positive everywhere', () => {
    const points = [1, 2, 3, 4].map((n, i) => ({ n, throughput: [1, 1e-3, 1e-3, 1][i] as number }));
    for (const kind of ['amdahl', 'usl'] as const) {
      const usl = fitUsl(points, kind);
      for (const { n } of points) expect(uslThroughput(usl, n)).toBeGreaterThan(0);
    }
  });

  it('refuses invalid points', () => {
    expect(() => fitUsl(curve(1, 0, 0, [1, 2]))).toThrow(UslError);
    expect(() => fitUsl([{ n: 1, throughput: 0 }], 'linear')).toThrow(UslError);
    expect([1, 2, 3, 4, 9].map(uslKindFor)).toEqual(['linear', 'amdahl', 'amdahl', 'usl', 'usl']);
  });
});

describe('a bounded fit', () => {
  const NS = [1, 2, 4, 8, 16, 32];

  it('is the free one where that lies within the bounds', () => {
    const points = curve(40, 0.06, 0.004, NS);
    expect(fitUsl(points, 'usl', 'absolute', { bounded: true })).toEqual(fitUsl(points, 'usl', 'absolute'));
  });

  it('puts a coefficient that would be negative at 0, and fits the others again', () => {
    const upwards = curve(100, 0.03, -0.0004, NS);
    expect(fitUsl(upwards).kappa).toBeLessThan(0);
    for (const errors of ['relative', 'absolute'] as const) {
      const usl = fitUsl(upwards, 'usl', errors, { bounded: true });
      expect(usl.kappa).toBe(0);
      const amdahl = fitUsl(upwards, 'amdahl', errors);
      expect(usl.sigma).toBeCloseTo(amdahl.sigma, 9);
      expect(usl.lambda).toBeCloseTo(amdahl.lambda, 6);
    }
    const superlinear = fitUsl(curve(100, -0.02, 0.01, NS), 'usl', 'relative', { bounded: true });
    expect(superlinear.sigma).toBe(0);
    expect(superlinear.kappa).toBeGreaterThan(0);
  });

  it('goes no higher than 1', () => {
    const worse = [1, 2, 3, 4].map((n) => ({ n, throughput: 100 / n ** 1.5 }));
    const { sigma, kappa } = fitUsl(worse, 'usl', 'relative', { bounded: true });
    for (const each of [sigma, kappa]) {
      expect(each).toBeGreaterThanOrEqual(0);
      expect(each).toBeLessThanOrEqual(1);
    }
  });
});

describe('a fit of a known λ', () => {
  it('keeps it, and recovers the others from two points', () => {
    const usl = fitUsl(curve(40, 0.06, 0.004, [1, 2, 4]), 'usl', 'relative', { lambda: 40 });
    expect(usl.lambda).toBe(40);
    expect(usl.sigma).toBeCloseTo(0.06, 9);
    expect(usl.kappa).toBeCloseTo(0.004, 9);
    expect(uslStandardErrors(curve(40, 0.06, 0.004, [1, 2, 4, 8]), 'usl', 'relative', { lambda: 40 })?.lambda).toBe(0);
  });

  it('is exact for exact data by the parabola too', () => {
    const usl = fitUslByParabola(curve(40, 0.06, 0.004, [1, 2, 4, 8, 16]));
    expect(usl.lambda).toBe(40);
    expect(usl.sigma).toBeCloseTo(0.06, 12);
    expect(usl.kappa).toBeCloseTo(0.004, 12);
  });

  it('refuses what cannot be fitted', () => {
    expect(() => fitUsl(curve(1, 0, 0, [1, 2]), 'usl', 'relative', { lambda: 1 })).toThrow(/2 different N besides 1/);
    expect(() => fitUsl(curve(1, 0, 0, [1, 2]), 'linear', 'relative', { lambda: 1 })).toThrow(/nothing to fit/);
    expect(() => fitUsl(curve(1, 0, 0, [1, 2, 3]), 'usl', 'relative', { lambda: 0 })).toThrow(UslError);
    expect(() => fitUslByParabola(curve(1, 0, 0, [2, 3]))).toThrow(/N = 1, or λ/);
    expect(() => fitUslByParabola(curve(1, 0, 0, [1, 2]))).toThrow(/two different N besides 1/);
  });
});

describe('the intervals', () => {
  it('calls 95 % what R’s package usl calls so only if asked', () => {
    // The data set raytracer; confint(usl(throughput ~ processors, raytracer)) prints 0.0337 to 0.0819.
    const [ns, rates] = [
      [1, 4, 8, 12, 16, 20, 24, 28, 32, 48, 64],
      [20, 78, 130, 170, 190, 200, 210, 230, 260, 280, 310],
    ];
    const points = ns.map((n, i) => ({ n, throughput: rates[i] as number }));
    const found = (reach: 'student' | 'r-usl') =>
      uslIntervals(points, 'usl', 'absolute', { bounded: true, reach })?.sigma;
    expect([found('r-usl')?.low, found('r-usl')?.high]).toEqual([expect.closeTo(0.0337, 4), expect.closeTo(0.0819, 4)]);
    const width = (of: ReturnType<typeof found>) => (of?.high ?? 0) - (of?.low ?? 0);
    // Student's quantiles: 2.306 at 0.975 and 8 degrees of freedom, 1.812 at 0.95 and 10.
    expect(width(found('student')) / width(found('r-usl'))).toBeCloseTo(2.306 / 1.8125, 3);
  });

  it('lie about the estimate, and widen with the confidence', () => {
    const points = curve(40, 0.06, 0.004, [1, 2, 3, 4, 6, 8]).map(({ n, throughput }, i) => ({
      n,
      throughput: throughput * (1 + 0.01 * (i % 2 === 0 ? 1 : -1)),
    }));
    const usl = fitUsl(points);
    const [narrow, wide] = [0.5, 0.99].map((confidence) => uslIntervals(points, 'usl', 'relative', { confidence }));
    for (const name of ['lambda', 'sigma', 'kappa'] as const) {
      expect(narrow?.[name].value).toBe(usl[name]);
      expect(wide?.[name].low).toBeLessThan(narrow?.[name].low ?? Number.NaN);
      expect(wide?.[name].high).toBeGreaterThan(narrow?.[name].high ?? Number.NaN);
    }
    expect(uslIntervals(points.slice(0, 3))).toBeNull();
    expect(() => uslIntervals(points, 'usl', 'relative', { confidence: 95 })).toThrow(UslError);
  });
});
