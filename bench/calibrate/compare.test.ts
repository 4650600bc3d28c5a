import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from '../../core/results/histogram.ts';
import { combineRounds, compareCounts, compareCpu, compareRound, isCalm, passes, type Row } from './compare.ts';
import type { CalibrationDriver } from './driver.ts';
import { parseWrk } from './drivers/wrk.ts';
import { constant } from './kinds/constant.ts';

const driver: CalibrationDriver = {
  name: 'test',
  mode: 'open',
  judged: true,
  warmupRequests: () => 0,
  countSlack: () => 0,
  drive: () => Promise.reject(new Error('is not driven')),
};
const kind = constant(5);

function served(micros: number, count = 800): string {
  const histogram = LatencyHistogram.empty();
  for (let i = 0; i < count; i++) histogram.record(micros);
  return histogram.encode();
}
const truth = {
  requests: 801,
  answered: 790,
  refused: 8,
  withheld: 11,
  firstMicros: 1e6,
  lastMicros: 3e6,
  allRequests: 801,
  allBurnedMicros: 0,
  cpuWaitMs: 1,
  periodMs: 2500,
  service: served(5000),
  window: null,
  due: null,
};
const found = {
  count: 790,
  achievedRate: 400,
  percentiles: [
    { percentile: 50, micros: 5080 },
    { percentile: 99, micros: 5150 },
    { percentile: 99.99, micros: 9000 },
  ],
  errors: 8,
  timeouts: 11,
};
const rowsOf = (changes: Partial<typeof found> = {}) =>
  compareRound(kind, driver, { ...found, ...changes }, { truth, loopbackMicros: 0 });
const missed = (rows: readonly Row[]) => rows.filter(({ ok }) => !ok).map(({ quantity }) => quantity);

describe('compareRound', () => {
  it('allows a percentile 2 % or 0.1 ms, whichever is larger, and checks those that the definition determines', () => {
    const rows = rowsOf();
    expect(rows.slice(0, 2)).toMatchObject([
      { quantity: 'p50', truth: 5003, measured: 5080, error: 77, ok: true },
      { quantity: 'p99', error: 147, ok: false },
    ]);
    expect(rows[0]?.allowed).toBeCloseTo(100.06, 6);
    expect(rows.some(({ quantity }) => quantity === 'p99.99')).toBe(false);
  });

  it('adds the network round trip', () => {
    const [row] = compareRound(kind, driver, found, { truth, loopbackMicros: 70 });
    expect(row).toMatchObject({ truth: 5073, error: 7 });
  });

  it('counts from when a request was due, if that is known, and adds only the way back', () => {
    const due = { requests: 790, late: 4, latency: served(5200) };
    const rows = compareRound(kind, driver, found, { truth: { ...truth, due }, loopbackMicros: 70 });
    expect(rows[0]).toMatchObject({ quantity: 'p50', truth: 5203 + 35, ok: false });
    expect(rows.at(-1)).toMatchObject({ quantity: 'sent late', unit: '%', truth: 0, ok: true });
    const later = { truth: { ...truth, due: { ...due, late: 8 } }, loopbackMicros: 0 };
    expect(compareRound(kind, driver, found, later).at(-1)?.ok).toBe(false);
  });

  it('requires exact counts', () => {
    const percentiles: typeof found.percentiles = [];
    expect(missed(rowsOf({ percentiles }))).toEqual([]);
    expect(missed(rowsOf({ percentiles, count: 789 }))).toEqual(['answered']);
    expect(missed(rowsOf({ percentiles, errors: 7 }))).toEqual(['errors']);
    expect(missed(rowsOf({ percentiles, timeouts: 12 }))).toEqual(['timed out']);
  });

  it('requires the rate within half a percent of the server’s and of the target', () => {
    const percentiles: typeof found.percentiles = [];
    expect(missed(rowsOf({ percentiles, achievedRate: 398.1 }))).toEqual([]);
    expect(missed(rowsOf({ percentiles, achievedRate: 397.9 }))).toEqual(['rate', 'asked rate']);
  });

  it('allows a closed loop the requests in flight when it stops', () => {
    const closed: CalibrationDriver = { ...driver, mode: 'closed', countSlack: () => 4 };
    const rows = compareRound(kind, closed, { ...found, percentiles: [], count: 787 }, { truth, loopbackMicros: 0 });
    expect(missed(rows)).toEqual([]);
    expect(rows.map(({ quantity }) => quantity)).not.toContain('asked rate');
  });
});

describe('a driver that counts only a window', () => {
  const closed: CalibrationDriver = { ...driver, mode: 'closed', countSlack: () => 4 };
  const window = { fromMicros: 5e6, toMicros: 6e6 };
  const answered = { truth: { ...truth, window: { answered: 395, refused: 4 } }, loopbackMicros: 0 };
  const part = { ...found, window, percentiles: [], count: 395, achievedRate: 395, errors: 4 };
  const rowsOfPart = (changes: Partial<typeof part>) => compareRound(kind, closed, { ...part, ...changes }, answered);

  it('is compared with the server’s responses in the same window, except at its edges', () => {
    expect(rowsOfPart({}).map(({ quantity }) => quantity)).toEqual(['answered', 'errors', 'rate']);
    expect(missed(rowsOfPart({ count: 399, errors: 5, achievedRate: 400.9 }))).toEqual([]);
    expect(missed(rowsOfPart({ count: 400 }))).toEqual(['answered']);
    expect(missed(rowsOfPart({ errors: 6 }))).toEqual(['errors']);
    expect(missed(rowsOfPart({ errors: 2 }))).toEqual(['errors']);
    expect(missed(rowsOfPart({ achievedRate: 401.1 }))).toEqual(['rate']);
  });

  it('cannot be judged if the server was not asked for the window', () => {
    expect(() => compareRound(kind, closed, part, { truth, loopbackMicros: 0 })).toThrow('window');
  });
});

describe('a calm round', () => {
  it('is one in which neither generator nor server waited for a core, unless the truth includes that', () => {
    expect(isCalm({ cpuWaitMs: 12.5 }, truth)).toBe(true);
    expect(isCalm({ cpuWaitMs: 12.6 }, truth)).toBe(false);
    expect(isCalm({ cpuWaitMs: 0 }, { ...truth, cpuWaitMs: 12.6 })).toBe(false);
    expect(isCalm({}, { ...truth, cpuWaitMs: null })).toBe(true);
    const due = { requests: 790, late: 4, latency: served(5200) };
    expect(isCalm({ cpuWaitMs: 12.5 }, { ...truth, cpuWaitMs: 100, due })).toBe(true);
    expect(isCalm({ cpuWaitMs: 12.6 }, { ...truth, due })).toBe(false);
  });
});

describe('compareCounts', () => {
  const tally = {
    key: 'burning',
    requests: 801,
    unexpected: 8,
    failed: 0,
    statuses: { 200: 793, 503: 8 },
    requestBytes: 0,
    responseBytes: 0,
    durationMs: 1000,
    replicaCpuNs: null,
    redisCpuNs: null,
    generatorCpuNs: 0,
    generatorBusy: 0,
  };
  it('requires the paired load to count each request', () => {
    expect(missed(compareCounts('burn', truth, tally))).toEqual([]);
    expect(missed(compareCounts('burn', truth, { ...tally, requests: 800 }))).toEqual(['answered']);
    expect(missed(compareCounts('burn', truth, { ...tally, unexpected: 7 }))).toEqual(['errors']);
  });
});

describe('compareCpu', () => {
  const control = { nanos: 100 * 50_000, requests: 100, burnedMicros: 0 };
  it('finds the injected CPU time beyond the control', () => {
    const burning = { nanos: 200 * 1_050_000, requests: 200, burnedMicros: 200 * 1000 };
    expect(compareCpu('burn', burning, control)).toMatchObject({ truth: 1000, measured: 1000, error: 0, ok: true });
  });
  it('allows 3 %', () => {
    const burning = (micros: number) => ({ nanos: 100 * micros * 1000, requests: 100, burnedMicros: 100 * 1000 });
    expect(compareCpu('burn', burning(1079), control).ok).toBe(true);
    expect(compareCpu('burn', burning(1081), control).ok).toBe(false);
    expect(compareCpu('burn', burning(1019), control).ok).toBe(false);
  });
});

describe('several rounds', () => {
  const row = (error: number, unit = 'µs', quantity = 'p50'): Row => ({
    server: 's',
    driver: 'd',
    judged: true,
    quantity,
    unit,
    truth: 100,
    measured: 100 + error,
    error,
    allowed: 10,
    ok: Math.abs(error) <= 10,
    disturbed: false,
  });

  it('give the median of a timing, which is robust against one bad round', () => {
    expect(combineRounds([row(900), row(2), row(-5)])).toEqual([row(2)]);
    expect(combineRounds([row(900), row(2), row(800)])).toEqual([row(800)]);
  });

  it('give the median of the calm ones, if there are any', () => {
    const disturbed = (error: number) => ({ ...row(error), disturbed: true });
    expect(combineRounds([disturbed(900), row(2), disturbed(800)])).toEqual([row(2)]);
    expect(combineRounds([disturbed(1), row(900), disturbed(2)])).toEqual([row(900)]);
    expect(combineRounds([disturbed(900), disturbed(2), disturbed(800)])).toEqual([disturbed(800)]);
  });

  it('give the worst count', () => {
    expect(combineRounds([row(0, 'requests'), row(-20, 'requests'), row(11, 'requests')])).toEqual([
      row(-20, 'requests'),
    ]);
  });

  it('keep quantities separate, in their original order', () => {
    expect(combineRounds([row(1), row(2, 'µs', 'p99'), row(1), row(2, 'µs', 'p99')])).toEqual([
      row(1),
      row(2, 'µs', 'p99'),
    ]);
  });

  it('pass when every judged row does, and never without one', () => {
    expect(passes([row(1), row(9)])).toBe(true);
    expect(passes([row(1), row(11)])).toBe(false);
    expect(passes([row(1), { ...row(11), judged: false }])).toBe(true);
    expect(passes([{ ...row(1), judged: false }])).toBe(false);
    expect(passes([])).toBe(false);
  });
});

describe('parseWrk', () => {
  const report = `Running 2s test @ http://127.0.0.1:1/
  1 threads and 4 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.15ms  120.00us   5.00ms   90.00%
    Req/Sec     3.36k   200.00     4.00k    60.00%
  Latency Distribution
     50%    1.08ms
     75%  990.00us
     90%    1.20s
     99%    2.00m
  5989 requests in 2.00s, 300.00KB read
  Socket errors: connect 0, read 0, write 0, timeout 3
  Non-2xx or 3xx responses: 60
Requests/sec:   2992.12
Transfer/sec:    150.00KB
`;
  it('reads counts, rate and percentiles in any unit', () => {
    expect(parseWrk(report)).toEqual({
      count: 5989,
      achievedRate: 2992.12,
      percentiles: [
        { percentile: 50, micros: 1080 },
        { percentile: 75, micros: 990 },
        { percentile: 90, micros: 1_200_000 },
        { percentile: 99, micros: 120_000_000 },
      ],
      errors: 60,
      timeouts: 3,
    });
  });
  it('has no errors if wrk reports none', () => {
    expect(parseWrk(report.replace(/ {2}Socket.*\n.*\n/, ''))).toMatchObject({ errors: 0, timeouts: 0 });
  });
  it('refuses text that is not a report', () => {
    expect(() => parseWrk('unable to connect')).toThrow('no readable report');
  });
});
