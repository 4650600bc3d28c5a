import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import { KINDS, kindNamed } from '../kinds/registry.ts';
import { stall, stallLatency } from '../kinds/stall.ts';
import { burn, onCpuMicros } from './burner.ts';
import { DelayQueue } from './delay-queue.ts';
import { TruthRecorder } from './recorder.ts';

describe('the kinds', () => {
  it('have unique names, and are found by them, including their controls', () => {
    const all = KINDS.flatMap((kind) => (kind.control === undefined ? [kind] : [kind, kind.control]));
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    for (const kind of all) expect(kindNamed(kind.name)).toBe(kind);
    expect(() => kindNamed('no such')).toThrow(RangeError);
  });

  const share = (name: string, wanted: (treatment: ReturnType<(typeof KINDS)[number]['treat']>) => boolean) =>
    Array.from({ length: 1000 }, (_, nth) => kindNamed(name).treat(nth, 0)).filter(wanted).length / 1000;

  it('do what their titles say', () => {
    expect(share('constant-5ms', ({ delayMicros }) => delayMicros === 5000)).toBe(1);
    expect(share('bimodal', ({ delayMicros }) => delayMicros === 1000)).toBe(0.9);
    expect(share('bimodal', ({ delayMicros }) => delayMicros === 20_000)).toBe(0.1);
    expect(share('errors', ({ status }) => status === 503)).toBe(0.01);
    expect(share('closing', ({ closes }) => closes === true)).toBe(0.02);
    expect(share('silent', ({ delayMicros }) => delayMicros === null)).toBe(0.01);
    expect(share('burn-1000us', ({ burnMicros }) => burnMicros === 1000)).toBe(1);
    expect(share('burn-0us', ({ burnMicros }) => burnMicros === 0)).toBe(1);
  });
});

describe('the truth of a stall', () => {
  const window = { firstMicros: 700_000, lastMicros: 6_700_000 };

  it('is 280 ms at p99: uniform over 300 ms for 15 % of the time', () => {
    expect(stallLatency(99, window)).toBeCloseTo(280_000, 0);
    expect(stallLatency(95, window)).toBeCloseTo(200_000, 0);
    expect(stallLatency(90, window)).toBeCloseTo(100_000, 0);
    expect(stallLatency(50, window)).toBeCloseTo(0, 0);
    expect(stallLatency(100, window)).toBeCloseTo(300_000, 0);
  });

  it('is what even arrivals get from the server, whatever part of a period is measured', () => {
    for (const [firstMicros, lastMicros] of [
      [0, 6e6],
      [1.1e6, 5.2e6],
      [1.4e6, 2.9e6],
      [2.9e6, 3.15e6],
    ] as const) {
      const latencies = LatencyHistogram.empty();
      for (let at = firstMicros; at < lastMicros; at += 50) latencies.record(stall.treat(0, at).delayMicros ?? 0);
      for (const percentile of [50, 95, 99]) {
        const truth = stallLatency(percentile, { firstMicros, lastMicros });
        const beside = 1000; // outside of stalls
        expect(Math.abs(latencies.percentile(percentile) / Math.max(truth, beside) - 1)).toBeLessThan(0.003);
      }
    }
  });
});

describe('the recorder', () => {
  it('excludes the warm-up from everything except the CPU time', () => {
    let waits = 0;
    const waited = () => 500 + 400 * waits++; // asked at the start and at the end
    const recorder = new TruthRecorder(2, 1_000_000, waited);
    for (let i = 0; i < 5; i++) {
      const nth = recorder.arrived(i * 100, i);
      recorder.burned(10);
      if (nth === 4) recorder.withheld(nth);
      else recorder.answered(nth, nth === 3 || nth === 0 ? 503 : 200, 1000 + nth, 1_000_000 + nth * 100);
    }
    const { service, due, ...counts } = recorder.counts(1_500_000, { fromMicros: 1_000_100, toMicros: 1_000_300 });
    expect(due).toBeNull();
    expect(counts).toEqual({
      requests: 3,
      answered: 2,
      refused: 1,
      withheld: 1,
      firstMicros: 200,
      lastMicros: 400,
      allRequests: 5,
      allBurnedMicros: 50,
      cpuWaitMs: 0.4,
      periodMs: 500,
      window: { answered: 2, refused: 0 },
    });
    expect(
      LatencyHistogram.decode(service)
        .percentiles([50, 100])
        .map(({ micros }) => micros),
    ).toEqual([1002, 1003]);
  });
});

describe('the recorder and a schedule', () => {
  it('counts from when each request was due, even if it came late, and includes unanswered ones', () => {
    const recorder = new TruthRecorder(1, 5_000_000);
    // Every 10 ms; place 2 overtakes place 1, which comes 12 ms late. The server looks every 500 µs.
    let lookedAt = 0;
    for (const [place, lateMicros] of [
      [0, 0],
      [2, 500],
      [1, 12_000],
      [3, 100],
    ] as const) {
      const atMicros = place * 10_000 + lateMicros;
      for (; lookedAt < atMicros; lookedAt += 500) recorder.looked(5_000_000 + lookedAt);
      const nth = recorder.arrived(atMicros, place);
      if (place !== 3) recorder.answered(nth, 200, 1000, 5_000_000 + atMicros + 1000);
    }
    const { due } = recorder.counts(6_000_000, null, { startMicros: 5_000_000, ratePerSecond: 100 });
    const latency = LatencyHistogram.decode(due?.latency ?? '');
    expect(due).toMatchObject({ requests: 3, late: 1 });
    expect(latency.percentile(1)).toBe(1500);
    expect(Math.abs(latency.percentile(50) - 13_000)).toBeLessThan(13);
    expect(latency.maxMicros).toBeGreaterThan(59e6);
  });

  it('counts requests as late that were missing at a check after they were due, but not while the server was away', () => {
    const recorder = new TruthRecorder(0, 0);
    const late = () => recorder.counts(1e6, null, { startMicros: 0, ratePerSecond: 500 }).due?.late;
    for (const at of [1000, 2000, 3000]) recorder.looked(at);
    recorder.arrived(3100, 1); // due at 2 ms; it may have come right before the last look, so the one at 2 ms is what tells
    expect(late()).toBe(0);
    recorder.looked(4000);
    recorder.looked(20_000); // the server was away meanwhile
    for (const place of [2, 5, 8]) recorder.arrived(20_100, place);
    expect(late()).toBe(0);
    for (const at of [21_000, 22_000, 23_001, 24_000]) recorder.looked(at);
    recorder.arrived(24_500, 11); // due at 22 ms, and missing at 23.001
    expect(late()).toBe(1);
    recorder.arrived(24_600, 12); // due at 24 ms
    expect(late()).toBe(1);
  });

  it('counts no request as missing at a check before the first', () => {
    const recorder = new TruthRecorder(0, 0);
    recorder.arrived(9000, 0);
    expect(recorder.counts(1e6, null, { startMicros: 0, ratePerSecond: 500 }).due).toMatchObject({
      requests: 1,
      late: 0,
    });
  });
});

describe('the burner', () => {
  it('measures how long anything else was on the CPU', () => {
    let now = 0;
    const takes = (micros: number) => () => {
      now += micros;
    };
    const never = () => Number.NaN;
    expect(onCpuMicros(takes(12), () => now, never)).toBe(12);
    let asked = 0;
    expect(
      onCpuMicros(
        takes(90),
        () => now,
        () => (asked++ === 0 ? 5 : 55),
      ),
    ).toBe(40);
  });

  /** A clock that goes in steps of 1 µs and jumps once, by 500 µs. */
  function jumpingClock() {
    let now = 0;
    let readings = 0;
    return () => {
      readings++;
      now += readings === 50 ? 500 : 1;
      return now;
    };
  }

  it('excludes the time it waited for the CPU', () => {
    const clock = jumpingClock();
    let asked = 0;
    expect(burn(100, clock, () => (asked++ === 0 ? 1000 : 1490))).toBe(100);
    expect(clock()).toBe(592);
  });

  it('counts a gap in which it kept the CPU, as the kernel does', () => {
    expect(burn(100, jumpingClock(), () => 7)).toBe(548);
  });
});

describe('the delay queue', () => {
  it('runs callbacks in order, none of them early', async () => {
    const nowMicros = () => performance.now() * 1000;
    const queue = new DelayQueue(nowMicros);
    const start = nowMicros();
    const order: number[] = [];
    await new Promise<void>((resolve) => {
      for (const delay of [20_000, 1000, 5000, 1000, 10_000]) {
        queue.at(start + delay, () => {
          expect(nowMicros()).toBeGreaterThanOrEqual(start + delay);
          order.push(delay);
          if (order.length === 5) resolve();
        });
      }
    });
    expect(order).toEqual([1000, 1000, 5000, 10_000, 20_000]);
  });
});
