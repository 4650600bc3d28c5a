import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Slice } from '../../../core/results/schema.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { canPool, pooledQuantile } from '../../analysis/pooled-quantile.ts';
import { testContext } from '../../testing/slices.ts';
import { analyseLatency } from './analyse.ts';

/** Records of 1 to `count` µs, each once, times `scale`. */
function ramp(count: number, scale = 1): LatencyHistogram {
  const histogram = LatencyHistogram.empty();
  for (let i = 1; i <= count; i++) histogram.record(i * scale);
  return histogram;
}

function openSlice(fork: number, order: number, corrected: LatencyHistogram, changes: Partial<Slice> = {}): Slice {
  return {
    kind: 'slice',
    experiment: 'latency',
    fork,
    block: 0,
    order,
    arm: 'jwt-hs256',
    factors: { load_pct: 90 },
    mode: 'open',
    durationMs: 1000,
    requests: corrected.count,
    unexpected: 0,
    failed: 0,
    statuses: { 200: corrected.count },
    measures: { scheduled: corrected.count, sent_in_time: corrected.count, asked_rate_rps: corrected.count },
    histograms: { corrected: corrected.encode(), service: ramp(corrected.count, 0.5).encode() },
    flags: [],
    ...changes,
  };
}

const at = (slices: readonly Slice[], quantile: string, timing = 'corrected') =>
  analyseLatency(slices, testContext).find(
    ({ metric, factors }) => metric === 'latency_us' && factors.quantile === quantile && factors.timing === timing,
  );

describe('latency figures', () => {
  const slices = [0, 1, 2, 3].map((fork) => openSlice(fork, 0, ramp(1000)));

  it('include each quantile that slices support, by both timings', () => {
    expect(at(slices, 'p50')).toMatchObject({ value: 500, low: 500, high: 500, forks: 4, unit: 'µs' });
    expect(at(slices, 'p99')?.value).toBe(990);
    expect(at(slices, 'p99.9')?.value).toBe(999);
    expect(at(slices, 'p50', 'service')?.value).toBe(250);
  });

  it('go as far out as all records together support', () => {
    expect(at(slices, 'p99.99')).toBeUndefined();
    const many = [0, 1, 2, 3, 4].map((fork) => openSlice(fork, 0, ramp(2000, 1 + fork)));
    // Of 10,000 records only one lies beyond p99.99.
    expect(at(many, 'p99.99')).toBeUndefined();
    const more = Array.from({ length: 25 }, (_, i) => openSlice(i % 5, i, ramp(2000)));
    expect(at(more, 'p99.99')).toMatchObject({ forks: 5, blocks: 25 });
    // The fifth largest of 50,000 records, of which each value is there 25 times.
    expect(at(more, 'p99.99')?.value).toBeCloseTo(2000, 3);
  });

  it('have an interval that includes the variation between forks', () => {
    const p99 = at(
      [100, 110, 120, 130].map((scale, fork) => openSlice(fork, 0, ramp(1000, scale / 100))),
      'p99',
    );
    expect(p99?.value).toBeGreaterThan(1080);
    expect(p99?.value).toBeLessThan(1160);
    expect(p99?.low).toBeLessThan(1089);
    expect(p99?.high).toBeGreaterThan(1188);
  });

  it('have the flags of their slices', () => {
    const stalled = openSlice(4, 0, ramp(1000), { flags: ['machine-stalled'] });
    expect(at([...slices, stalled], 'p99')?.flags).toEqual(['machine-stalled']);
  });

  it('are flagged exactly if half of the records beyond them may be late sends', () => {
    const flagged = (generatorLate: number) => {
      const measures = { scheduled: 1000, sent_in_time: 1000, asked_rate_rps: 1000, generator_late: generatorLate };
      const own = [0, 1, 2, 3].map((fork) => openSlice(fork, 0, ramp(1000), { measures }));
      return analyseLatency(own, testContext).flatMap(({ metric, factors, flags }) =>
        metric === 'latency_us' && factors.timing === 'corrected' && flags.includes('sent-late')
          ? [factors.quantile]
          : [],
      );
    };
    expect(flagged(0)).toEqual([]);
    // Of 1,000 requests, one lies beyond p99.9 and ten beyond p99: five late ones make p99 doubtful, four do not.
    expect(flagged(4)).toEqual(['p99.9']);
    expect(flagged(5)).toEqual(['p99', 'p99.9']);
    expect(flagged(9)).toEqual(['p99', 'p99.9']);
    expect(flagged(25)).toEqual(['p95', 'p99', 'p99.9']);
  });

  it('are flagged by all slices of the cell together; the machine’s own lateness is not', () => {
    const lateIn = (fork: number) => (fork === 0 ? 19 : 0);
    const own = [0, 1, 2, 3].map((fork) => {
      const measures = { scheduled: 1000, sent_in_time: 1000, asked_rate_rps: 1000, generator_late: lateIn(fork) };
      const slice = openSlice(fork, 0, ramp(1000), { measures });
      return { ...slice, histograms: { ...slice.histograms, machine: ramp(1000).encode() } };
    });
    const late = analyseLatency(own, testContext).filter(({ flags }) => flags.includes('sent-late'));
    expect(late.map(({ factors }) => [factors.timing, factors.quantile])).toEqual([
      ['corrected', 'p99.9'],
      ['service', 'p99.9'],
    ]);
  });

  it('include the shares that were sent on time, and not answered', () => {
    const measures = { scheduled: 1000, sent_in_time: 900, asked_rate_rps: 500 };
    const figures = analyseLatency([openSlice(0, 0, ramp(1000), { measures, failed: 10 })], testContext);
    const value = (metric: string) => figures.find((figure) => figure.metric === metric)?.value;
    expect(value('rate_in_time_pct')).toBeCloseTo(90, 9);
    expect(value('unanswered_pct')).toBeCloseTo(1, 9);
    expect(value('asked_rate_rps')).toBe(500);
  });
});

describe('latency of slices with a known utilisation', () => {
  const CORES = 1.1;
  const saturated = openSlice(0, 0, ramp(10), {
    mode: 'closed',
    factors: {},
    measures: { replica_cpu_ns: CORES * 1e9 },
  });
  /** Latencies are 1 to 1,000 times `scale`, and the server was busy for this part of the time. */
  const at = (fork: number, load: number, utilisation: number, scale: number) =>
    openSlice(fork, 0, ramp(1000, scale), {
      factors: { load_pct: load },
      measures: {
        scheduled: 1000,
        sent_in_time: 1000,
        asked_rate_rps: 1000,
        replica_cpu_ns: CORES * utilisation * 2e9,
        cpu_wall_ns: 2e9,
      },
    });
  const queue = (utilisation: number) => 1 / (1 - utilisation);
  const slices = [
    saturated,
    ...[0.4, 0.5, 0.55, 0.6].map((utilisation, fork) => at(fork, 50, utilisation, queue(utilisation))),
    ...[0.8, 0.88, 0.93, 0.96].map((utilisation, fork) => at(fork, 90, utilisation, queue(utilisation))),
  ];
  const p50 = (of: readonly Slice[], load: number) =>
    analyseLatency(of, testContext).find(
      ({ metric, factors }) =>
        metric === 'latency_us' &&
        factors.load_pct === load &&
        factors.quantile === 'p50' &&
        factors.timing === 'corrected',
    );

  it('is that at exactly the load, whatever the slices had', () => {
    expect((p50(slices, 90)?.value ?? 0) / 5000).toBeCloseTo(1, 2);
    expect((p50(slices, 50)?.value ?? 0) / 1000).toBeCloseTo(1, 2);
    expect(p50(slices, 90)?.flags).not.toContain('beyond-capacity');
  });

  it('comes with the utilisation, relative to a saturated replica', () => {
    const found = analyseLatency(slices, testContext).find(
      ({ metric, factors }) => metric === 'replica_utilisation' && factors.load_pct === 90,
    );
    expect(found?.value).toBeCloseTo(89.25, 6);
  });

  it('excludes slices beyond capacity, with a flag', () => {
    const beyond = at(4, 90, 1.01, 400);
    const found = p50([...slices, beyond], 90);
    expect((found?.value ?? 0) / 5000).toBeCloseTo(1, 2);
    expect(found?.flags).toContain('beyond-capacity');
    expect(p50([...slices, beyond], 50)?.flags).not.toContain('beyond-capacity');
  });

  it('has the flags of slices at other loads, since its slope depends on them, unless they are beyond capacity', () => {
    const cold: Slice = { ...at(5, 50, 0.5, queue(0.5)), flags: ['not-warm'] };
    const shared: Slice = { ...at(6, 50, 1.01, 400), flags: ['redis-shared'] };
    const found = p50([...slices, cold, shared], 90);
    expect(found?.flags).toContain('not-warm');
    expect(found?.flags).not.toContain('redis-shared');
    expect(p50(slices, 90)?.flags).not.toContain('not-warm');
  });

  it('is the average of the slices if all were beyond capacity, with a flag', () => {
    const found = p50([saturated, ...[0, 1, 2].map((fork) => at(fork, 90, 1, 400))], 90);
    expect((found?.value ?? 0) / 200_000).toBeCloseTo(1, 2);
    expect(found?.flags).toContain('beyond-capacity');
  });

  it('is the average of the slices if one utilisation is unknown, as in older runs', () => {
    const unread = openSlice(5, 0, ramp(1000, 50), { factors: { load_pct: 90 } });
    const all = p50([...slices, unread], 90)?.value ?? 0;
    const mean = Math.exp(
      [0.8, 0.88, 0.93, 0.96].reduce((sum, of) => sum + Math.log(500 * queue(of)), Math.log(25_000)) / 5,
    );
    expect(all / mean).toBeCloseTo(1, 1);
  });
});

describe('a pooled quantile', () => {
  it('is that of all records, whatever their slice', () => {
    const even = LatencyHistogram.empty();
    const odd = LatencyHistogram.empty();
    for (let i = 1; i <= 1000; i++) (i % 2 === 0 ? even : odd).record(i);
    expect(pooledQuantile([[even], [odd]], 99, { seed: 1 }).value).toBeCloseTo(991, 6);
    expect(canPool([[even], [odd]], 99.5, 5)).toBe(true);
    expect(canPool([[even], [odd]], 99.9, 5)).toBe(false);
  });

  it('has an interval that contains it, even with only a handful of records beyond it', () => {
    const random = createRandom(8);
    const RUNS = 120;
    let held = 0;
    for (let run = 0; run < RUNS; run++) {
      const forks = Array.from({ length: 4 }, () => {
        const histogram = LatencyHistogram.empty();
        for (let i = 0; i < 1500; i++) histogram.record(1000 * random.exponential());
        return [histogram];
      });
      const { low, high } = pooledQuantile(forks, 99.9, { seed: run, resamples: 200 });
      if (low <= 1000 * Math.log(1000) && 1000 * Math.log(1000) <= high) held++;
    }
    expect(held / RUNS).toBeGreaterThan(0.93);
  });

  it('has no interval for a single slice', () => {
    const { value, low, high, blocks } = pooledQuantile([[ramp(10_000)]], 99.9, { seed: 1 });
    expect({ low, high, blocks }).toEqual({ low: value, high: value, blocks: 1 });
  });

  it('lets one slow slice dominate the tail, which the interval shows', () => {
    const calm = () => ramp(1000);
    const slow = ramp(1000, 50);
    const { value, low } = pooledQuantile(
      [
        [calm(), slow],
        [calm(), calm()],
        [calm(), calm()],
      ],
      99.9,
      { seed: 1 },
    );
    expect(value).toBeGreaterThan(49_000);
    expect(low).toBeLessThan(5000);
  });
});
