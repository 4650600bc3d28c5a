import { describe, expect, it } from 'vitest';
import { type Usl, uslPeak, uslThroughput } from './usl.ts';
import { uslAtThroughput, uslLatency, uslMostWithinLatency, uslWithinLatency } from './usl-inverse.ts';

const LAWS: readonly Usl[] = [
  { lambda: 995.6486, sigma: 0.02671591, kappa: 7.690945e-4 },
  { lambda: 40, sigma: 0.06, kappa: 0.06 },
  { lambda: 1000, sigma: 0, kappa: 0.01 },
  { lambda: 0.5, sigma: 0.3, kappa: 1e-9 },
];

describe('a law that bends down', () => {
  it('recovers the concurrency behind a latency or a throughput', () => {
    for (const usl of LAWS) {
      for (const n of [1, 1.5, 2, 4, 0.9 * uslPeak(usl)]) {
        const [throughput, latency] = [uslThroughput(usl, n), uslLatency(usl, n)];
        expect(uslWithinLatency(usl, latency)?.throughput).toBeCloseTo(throughput, 6);
        if (n > uslPeak(usl)) continue;
        const point = uslAtThroughput(usl, throughput);
        expect((point?.concurrency ?? 0) / n).toBeCloseTo(1, 7);
        expect((point?.latency ?? 0) / latency).toBeCloseTo(1, 7);
      }
    }
  });

  it('answers before the peak, and not beyond it', () => {
    for (const usl of LAWS) {
      const peak = uslPeak(usl);
      const most = uslThroughput(usl, peak);
      expect(uslAtThroughput(usl, most * 1.001)).toBeNull();
      expect(uslAtThroughput(usl, most * 0.999)?.concurrency).toBeLessThan(peak);
      // Past the peak, more latency buys less throughput.
      expect(uslWithinLatency(usl, uslLatency(usl, 2 * peak))?.throughput).toBeLessThan(most);
    }
  });

  it('has no answer if a single request is too slow, or the target is not positive', () => {
    const [usl] = LAWS as [Usl];
    expect(uslWithinLatency(usl, 0.9 / usl.lambda)).toBeNull();
    expect(uslWithinLatency(usl, Number.NaN)).toBeNull();
    expect(uslAtThroughput(usl, 0)).toBeNull();
  });
});

describe('the special cases', () => {
  it('follows Amdahl’s law: throughput never exceeds λ/σ', () => {
    const amdahl = { lambda: 100, sigma: 0.05, kappa: 0 };
    const point = uslWithinLatency(amdahl, 0.02);
    // (1 + 0.05(N − 1)) / 100 = 0.02
    expect(point?.concurrency).toBeCloseTo(21, 9);
    expect(point?.throughput).toBeCloseTo(1050, 9);
    expect(uslAtThroughput(amdahl, 1050)?.concurrency).toBeCloseTo(21, 9);
    expect(uslAtThroughput(amdahl, 2001)).toBeNull();
  });

  it('serves any number on a straight line, at one latency', () => {
    const line = { lambda: 100, sigma: 0, kappa: 0 };
    expect(uslWithinLatency(line, 0.01)?.concurrency).toBe(Number.POSITIVE_INFINITY);
    expect(uslAtThroughput(line, 700)).toMatchObject({ concurrency: 7, latency: 0.01 });
  });
});

describe('the edges', () => {
  it('finds the single request behind its own latency, whatever the rounding', () => {
    for (let lambda = 1; lambda < 200; lambda++) {
      const usl = { lambda, sigma: 0.05, kappa: 0.001 };
      expect(uslWithinLatency(usl, uslLatency(usl, 1))?.concurrency).toBeCloseTo(1, 9);
    }
  });

  it('answers at the peak if more latency only costs throughput', () => {
    const usl = { lambda: 40, sigma: 0.06, kappa: 0.06 };
    expect(uslWithinLatency(usl, 1)?.throughput).toBeLessThan(30);
    expect(uslMostWithinLatency(usl, 1)?.throughput).toBeCloseTo(uslThroughput(usl, uslPeak(usl)), 9);
    expect(uslMostWithinLatency(usl, 0.03)).toEqual(uslWithinLatency(usl, 0.03));
    expect(uslMostWithinLatency(usl, 0.001)).toBeNull();
  });

  it('never answers with NaN for a coefficient below 0', () => {
    const bent = { lambda: 100, sigma: 0.01, kappa: -0.0005 };
    expect(uslWithinLatency(bent, 0.02)).toBeNull();
    const before = uslWithinLatency(bent, uslLatency(bent, 5));
    expect(before?.concurrency).toBeCloseTo(5, 9);
    expect(uslWithinLatency({ lambda: 100, sigma: -0.02, kappa: 0 }, 0.02)).toBeNull();
  });

  it('goes to infinity where the law does', () => {
    const infinite = Number.POSITIVE_INFINITY;
    const line = uslWithinLatency({ lambda: 0.5, sigma: 0, kappa: 0 }, 3);
    expect(line).toEqual({ concurrency: infinite, throughput: infinite, latency: 2 });
    expect(uslWithinLatency({ lambda: 100, sigma: 0.05, kappa: 0 }, infinite)?.throughput).toBeCloseTo(2000, 9);
    expect(uslWithinLatency({ lambda: 100, sigma: 0.05, kappa: 0.01 }, infinite)?.throughput).toBe(0);
  });

  it('has its peak at one request if a second only slows the first', () => {
    const usl = { lambda: 30, sigma: 1.2, kappa: 0.1 };
    expect(uslPeak(usl)).toBe(1);
    expect(uslAtThroughput(usl, 30)).toMatchObject({ concurrency: 1 });
    expect(uslAtThroughput(usl, 15)).toMatchObject({ concurrency: 0.5 });
    expect(uslAtThroughput(usl, 31)).toBeNull();
  });
});
