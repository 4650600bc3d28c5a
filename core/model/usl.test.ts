import { describe, expect, it } from 'vitest';
import { fitUsl, UslError, uslKindFor, uslPeak, uslThroughput } from './usl.ts';

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
