import { describe, expect, it } from 'vitest';
import type { Tally } from '../../load/protocol.ts';
import { capacityOf } from './capacity.ts';

/** A window of 300 ms with this utilisation of the replica and this CPU time per request, in µs. */
function window(busy: number, cpuUs: number): Tally {
  const cpuNs = busy * 300e6;
  return {
    key: 'none',
    requests: Math.round(cpuNs / (cpuUs * 1000)),
    unexpected: 0,
    failed: 0,
    statuses: {},
    requestBytes: 0,
    responseBytes: 0,
    durationMs: 300,
    replicaCpuNs: [cpuNs],
    redisCpuNs: null,
    generatorCpuNs: 0,
    generatorBusy: 0,
  };
}

describe('a capacity', () => {
  it('is what the CPU time of a request allows on as many cores as a saturated replica keeps busy', () => {
    expect(capacityOf([window(1, 20), window(1, 20)])).toBeCloseTo(50_000, -1);
    expect(capacityOf([window(0.8, 20), window(0.8, 20)])).toBeCloseTo(40_000, -1);
  });

  it('takes no share in one window in which the machine was somebody else’s', () => {
    expect(capacityOf([window(1, 20), window(0.3, 20), window(1, 20)])).toBeCloseTo(50_000, -1);
  });

  it('is the median throughput where no CPU time was read, and nothing without windows', () => {
    const unread = [1, 0.5, 0.9].map((busy) => ({ ...window(busy, 20), replicaCpuNs: null }));
    expect(capacityOf(unread)).toBeCloseTo(45_000, -1);
    expect(capacityOf([])).toBe(0);
    expect(capacityOf([{ ...window(1, 20), requests: 0 }])).toBe(0);
  });
});
