/** Latency, CPU time and throughput of servers with known behaviour, as measured by the generators. */
import { describe, expect, it } from 'vitest';
import { passes } from '../../bench/calibrate/compare.ts';
import type { CalibrationDriver } from '../../bench/calibrate/driver.ts';
import { autocannonDriver } from '../../bench/calibrate/drivers/autocannon.ts';
import { closedDriver } from '../../bench/calibrate/drivers/closed.ts';
import { openDriver } from '../../bench/calibrate/drivers/open.ts';
import { Connection } from '../../bench/load/connection/connection.ts';
import { requestBytes } from '../../bench/load/connection/request.ts';
import { LatencyHistogram } from '../../core/results/histogram.ts';
import { brief, quantity, rowsOf } from '../support/calibration.ts';

/**
 * A wrong method: it intends to send at a fixed rate, but on one connection, and the next request waits for the last
 * answer. While the server stalls it sends nothing, and so observes nothing.
 */
const waitsWithTheServer: CalibrationDriver = {
  name: 'waits with the server',
  mode: 'open',
  judged: true,
  warmupRequests: () => 0,
  countSlack: () => 0,
  async drive({ address, load, percentiles }) {
    const connection = await Connection.open(address);
    const request = requestBytes(address, { method: 'GET', path: '/' });
    const latencies = LatencyHistogram.empty();
    const startMs = performance.now();
    for (let sendMs = startMs; sendMs < startMs + load.durationMs; sendMs = performance.now()) {
      const { promise: beat, resolve } = Promise.withResolvers<void>();
      setTimeout(resolve, 1000 / load.ratePerSecond);
      await Promise.all([connection.request(request), beat]);
      latencies.record((performance.now() - sendMs) * 1000 - 1e6 / load.ratePerSecond);
    }
    connection.close();
    return {
      count: latencies.count,
      achievedRate: (latencies.count * 1000) / (performance.now() - startMs),
      percentiles: latencies.percentiles(percentiles),
      errors: 0,
      timeouts: 0,
    };
  },
};

describe('the calibration', () => {
  it('measures the full size of a stall with the open loop', async () => {
    const rows = await rowsOf(brief('stall', { durationMs: 2500 }), openDriver);
    const p99 = quantity(rows, 'p99');
    expect(p99.truth).toBeGreaterThan(250_000);
    // A stall of the machine can make it longer, never shorter.
    expect(p99.measured).toBeGreaterThan(p99.truth - p99.allowed);
    expect(quantity(rows, 'answered')).toMatchObject({ truth: 500, measured: 500, ok: true });
  });

  it('fails a generator that waits with the server', async () => {
    const rows = await rowsOf(brief('stall', { durationMs: 2500 }), waitsWithTheServer);
    const p99 = quantity(rows, 'p99');
    expect(p99.truth).toBeGreaterThan(250_000);
    expect(p99.measured).toBeLessThan(p99.truth / 2);
    expect(p99.ok).toBe(false);
    expect(passes(rows)).toBe(false);
  });

  it('measures the CPU time that a server burns', async () => {
    const rows = await rowsOf(brief('burn-1000us'), openDriver);
    const row = quantity(rows, 'CPU per request');
    expect(row).toMatchObject({ driver: 'paired load', judged: true });
    expect(row.truth).toBeGreaterThanOrEqual(1000);
    expect(row.truth).toBeLessThan(1500);
    // A busy machine changes it by a few percent; a load that missed the burning, or swapped it with the control, by all of it.
    expect(Math.abs(row.error)).toBeLessThan(0.3 * row.truth);
    const counted = rows.filter(({ driver, quantity }) => driver === 'paired load' && quantity === 'answered');
    expect(counted).toMatchObject([{ measured: counted[0]?.truth, ok: true }]);
    // Four rounds with a turn of 50 and one of 300, and the turns that keep a server from following itself.
    expect(counted[0]?.truth).toBeGreaterThanOrEqual(1400);
  });

  it('counts with the closed loop the answers in its window', async () => {
    const rows = await rowsOf(brief('errors'), closedDriver);
    expect(quantity(rows, 'errors')).toMatchObject({ judged: true, unit: 'requests', ok: true });
    expect(quantity(rows, 'answered')).toMatchObject({ judged: true, ok: true });
    expect(quantity(rows, 'answered').truth).toBeGreaterThan(100);
    expect(quantity(rows, 'rate')).toMatchObject({ judged: true, ok: true });
  });

  it('counts with the closed loop all answers, even if every 50th closes a connection', async () => {
    const rows = await rowsOf(brief('closing'), closedDriver);
    expect(quantity(rows, 'answered')).toMatchObject({ judged: true, ok: true });
    // Far more answers than connections: each was reopened many times.
    expect(quantity(rows, 'answered').truth).toBeGreaterThan(100);
    expect(quantity(rows, 'errors')).toMatchObject({ truth: 0, measured: 0, judged: true });
    expect(quantity(rows, 'rate')).toMatchObject({ judged: true, ok: true });
  });

  it('drives autocannon for comparison, without judging it', async () => {
    const rows = await rowsOf(brief('errors'), autocannonDriver);
    expect(rows.every(({ judged }) => !judged)).toBe(true);
    expect(quantity(rows, 'answered').ok).toBe(true);
    expect(quantity(rows, 'errors').ok).toBe(true);
    expect(quantity(rows, 'answered').truth).toBeGreaterThan(100);
  });
});
