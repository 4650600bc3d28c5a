import { describe, expect, it } from 'vitest';
import { type SaturatedWindow, saturatedRate } from './saturated-rate.ts';

/** A window of 300 ms with this utilisation of the replica and this CPU time per request, in µs. */
function window(busy: number, cpuUs: number): SaturatedWindow {
  const cpuNs = busy * 300e6;
  return {
    requests: Math.round(cpuNs / (cpuUs * 1000)),
    unexpected: 0,
    durationMs: 300,
    measures: { replica_cpu_ns: cpuNs },
  };
}

describe('the rate at saturation', () => {
  it('is derived from the CPU time of a request and the cores of a saturated replica', () => {
    expect(saturatedRate([window(1, 20), window(1, 20)])).toBeCloseTo(50_000, -1);
    expect(saturatedRate([window(0.8, 20), window(0.8, 20)])).toBeCloseTo(40_000, -1);
  });

  it('is unaffected by one window in which the machine was busy otherwise', () => {
    expect(saturatedRate([window(1, 20), window(0.3, 20), window(1, 20)])).toBeCloseTo(50_000, -1);
  });

  it('is the median throughput if no CPU time was read, and 0 without windows', () => {
    const unread = [1, 0.5, 0.9].map((busy) => ({ ...window(busy, 20), measures: {} }));
    expect(saturatedRate(unread)).toBeCloseTo(45_000, -1);
    expect(saturatedRate([])).toBe(0);
    expect(saturatedRate([{ ...window(1, 20), requests: 0 }])).toBe(0);
  });
});
