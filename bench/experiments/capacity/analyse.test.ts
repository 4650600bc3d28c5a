import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { objectiveOf } from '../../../core/thresholds/objective.ts';
import { testContext } from '../../testing/slices.ts';
import { analyseCapacity, together } from './analyse.ts';
import { CAPACITY } from './plan.ts';
import { nextLook } from './search.ts';
import { causeOf, meets, stepMs } from './verdict.ts';

interface Step {
  readonly rate: number;
  readonly p99Ms: number;
  readonly failed?: number;
  readonly inTime?: number;
  readonly cpu?: number;
}

function step({ rate, p99Ms, failed = 0, inTime = 1, cpu = 0.5 }: Step, fork = 0, order = 1): Slice {
  const records = LatencyHistogram.empty();
  for (let i = 0; i < 1000; i++) records.record(i < 980 ? 900 : p99Ms * 1000);
  return {
    kind: 'slice',
    experiment: CAPACITY,
    fork,
    block: order,
    order,
    arm: 'jwt-hs256',
    factors: { replicas: 1 },
    mode: 'open',
    durationMs: 1000,
    requests: 1000 - failed,
    unexpected: 0,
    failed,
    statuses: {},
    measures: {
      asked_rate_rps: rate,
      scheduled: 1000,
      sent_in_time: 1000 * inTime,
      generator_late: 0,
      connection_wait: 0,
      cpu_wall_ns: 1e9,
      replica_cpu_ns: cpu * 1e9,
    },
    histograms: { corrected: records.encode() },
    flags: [],
  };
}

const saturation = (fork: number, rate: number): Slice => ({
  ...step({ rate, p99Ms: 1 }, fork, 0),
  mode: 'closed',
  durationMs: 1000,
  requests: rate,
  measures: {},
  histograms: {},
});

/** A start whose p99 crosses 50 ms at this rate, searched as it would be measured. */
function start(fork: number, limit: number, saturated = 1000): Slice[] {
  const slices = [saturation(fork, saturated)];
  const looks: { rate: number; isMet: boolean }[] = [];
  for (let order = 1; order <= 20; order++) {
    const next = nextLook(looks, saturated);
    if (next === null) break;
    const slice = step({ rate: next.rate, p99Ms: next.rate < limit ? 5 : 80, cpu: next.rate / 1000 }, fork, order);
    slices.push(slice);
    looks.push({ rate: next.rate, isMet: next.rate < limit });
  }
  return slices;
}

const figureOf = (figures: readonly Figure[], metric: string) => figures.find((figure) => figure.metric === metric);

describe('a step', () => {
  const objective = objectiveOf('p99<50ms,errors<0.1%');

  it('meets the objective where every clause holds and the load was served', () => {
    expect(meets(step({ rate: 100, p99Ms: 40 }), objective)).toBe(true);
    expect(meets(step({ rate: 100, p99Ms: 60 }), objective)).toBe(false);
    expect(meets(step({ rate: 100, p99Ms: 40, failed: 2 }), objective)).toBe(false);
    expect(meets(step({ rate: 100, p99Ms: 40, failed: 1 }), objective)).toBe(true);
    expect(meets(step({ rate: 100, p99Ms: 40, inTime: 0.98 }), objective)).toBe(false);
    expect(meets({ ...step({ rate: 100, p99Ms: 40 }), histograms: {} }, objective)).toBeNull();
  });

  it('counts what was lost or answered wrongly as late, where nothing was said of errors', () => {
    const latencyAlone = objectiveOf('p99<50ms');
    // All 1,000 answers came within 50 ms, so that ten, 1 %, may be anything.
    const fast = step({ rate: 100, p99Ms: 40 });
    const refused = (count: number): Slice => ({ ...fast, unexpected: count });
    expect(meets(fast, latencyAlone)).toBe(true);
    expect(meets(refused(10), latencyAlone)).toBe(true);
    expect(meets(refused(11), latencyAlone)).toBe(false);
    expect(meets(refused(11), objectiveOf('p99<50ms,errors<2%'))).toBe(true);
    const lost = (count: number): Slice => ({
      ...fast,
      failed: count,
      measures: { ...fast.measures, scheduled: 1000 + count, sent_in_time: 1000 + count },
    });
    expect(meets(lost(10), latencyAlone)).toBe(true);
    expect(meets(lost(11), latencyAlone)).toBe(false);
    expect(causeOf(lost(11), latencyAlone, 1, 1)).toBe('errors');
    const nothing = { ...lost(1000), histograms: { corrected: LatencyHistogram.empty().encode() } };
    expect(meets(nothing, latencyAlone)).toBe(false);
    // Those that were given up are in the histogram, with the time after which they were.
    const slow = { ...fast, failed: 15, measures: { ...fast.measures, timed_out: 15 } };
    expect(meets(slow, latencyAlone)).toBe(true);
  });

  it('lasts until its percentile rests on twenty slow requests, and no longer than it may', () => {
    expect(stepMs(objectiveOf('p99<50ms'), 4000)).toBe(1000);
    expect(stepMs(objectiveOf('p99<50ms'), 500)).toBeCloseTo(4000, 6);
    expect(stepMs(objectiveOf('p99.9<50ms'), 500)).toBe(8000);
    expect(stepMs(objectiveOf('errors<1%'), 500)).toBe(1000);
  });

  it('says what was at its limit', () => {
    const cause = (measures: Record<string, number>, others: Partial<Step> = {}) => {
      const slice = step({ rate: 100, p99Ms: 80, ...others });
      return causeOf({ ...slice, measures: { ...slice.measures, ...measures } }, objective, 1, 1);
    };
    expect(cause({ replica_cpu_ns: 0.95e9 })).toBe('cpu');
    expect(cause({ redis_cpu_ns: 0.95e9 })).toBe('redis');
    expect(cause({ connection_wait: 100 })).toBe('connections');
    expect(cause({ generator_late: 100 })).toBe('generator');
    expect(cause({}, { failed: 10 })).toBe('errors');
    expect(cause({})).toBe('event-loop');
  });
});

describe('figures', () => {
  it('give the peak of all starts with its interval, what to plan with, and what broke first', () => {
    const figures = analyseCapacity([...start(0, 800), ...start(1, 820), ...start(2, 780)], testContext);
    const peak = figureOf(figures, 'peak_rps');
    expect(peak?.value).toBeGreaterThan(770);
    expect(peak?.value).toBeLessThan(830);
    expect([(peak?.low ?? 0) < 800, (peak?.high ?? 0) > 800]).toEqual([true, true]);
    expect(figureOf(figures, 'recommended_rps')?.value).toBeCloseTo(0.8 * (peak?.value ?? 0), 6);
    // A core is busy at 1,000 a second.
    expect((figureOf(figures, 'peak_per_core_rps')?.value ?? 0) / 1000).toBeCloseTo(1, 1);
    expect(figureOf(figures, 'peak_of_saturated_pct')?.value).toBeCloseTo((peak?.value ?? 0) / 10, 6);
    expect(figureOf(figures, 'recovered_pct')?.value).toBe(100);
    expect(figures.filter(({ metric }) => metric === 'broke_first_pct')).toHaveLength(1);
  });

  it('compare a peak with the saturated rate of its own start, whatever the machine was at in each', () => {
    const figures = analyseCapacity(
      [...start(0, 800, 1000), ...start(1, 400, 500), ...start(2, 1600, 2000)],
      testContext,
    );
    const [peak, share] = ['peak_rps', 'peak_of_saturated_pct'].map((metric) => figureOf(figures, metric));
    // The peaks differ fourfold, and the share is 80 % in each.
    expect((peak?.high ?? 0) / (peak?.value ?? 1)).toBeGreaterThan(2);
    expect(share?.value).toBeGreaterThan(77);
    expect(share?.value).toBeLessThan(83);
    expect((share?.high ?? 0) / (share?.value ?? 1)).toBeLessThan(1.3);
  });

  it('give the peak of a core with the interval of what a request costs, not of the peak', () => {
    const figures = analyseCapacity([...start(0, 700), ...start(1, 800), ...start(2, 900)], testContext);
    const peak = figureOf(figures, 'peak_rps');
    expect((peak?.high ?? 0) / (peak?.value ?? 1)).toBeGreaterThan(1.1);
    const [slower, ...others] = [0.9, 1, 1.1].map((cost, fork) =>
      start(fork, 800).map(
        (slice): Slice =>
          slice.mode === 'open'
            ? { ...slice, measures: { ...slice.measures, replica_cpu_ns: cost * (slice.measures.replica_cpu_ns ?? 0) } }
            : slice,
      ),
    );
    const exact = figureOf(figures, 'peak_per_core_rps');
    expect([exact?.low, exact?.high].map((end) => Math.round(end ?? 0))).toEqual([1000, 1000]);
    const apart = figureOf(analyseCapacity([...(slower ?? []), ...others.flat()], testContext), 'peak_per_core_rps');
    // Logarithms 0.1 apart in three starts: 4.3 × 0.1 / √3.
    expect(Math.log((apart?.high ?? 0) / (apart?.value ?? 1))).toBeCloseTo(0.25, 1);
  });

  it('give no rate where no load meets the objective, or none misses it', () => {
    const none = analyseCapacity([saturation(0, 1000), step({ rate: 4, p99Ms: 90 })], testContext);
    expect(figureOf(none, 'objective_met_pct')?.value).toBe(0);
    expect(figureOf(none, 'peak_rps')).toBeUndefined();
    const any = analyseCapacity([saturation(0, 1000), step({ rate: 2000, p99Ms: 1 })], testContext);
    expect(figureOf(any, 'never_missed_pct')?.value).toBe(100);
    expect(figureOf(any, 'peak_rps')).toBeUndefined();
  });

  it('name what broke first, too, where chance made every missed look lie below the answer', () => {
    const looks = [
      [500, 5],
      [700, 80],
      [500, 5],
      [900, 5],
      [950, 5],
      [980, 5],
    ].map(([rate = 0, p99Ms = 0], i) => step({ rate, p99Ms, cpu: rate / 1000 }, 0, i + 1));
    const figures = analyseCapacity([saturation(0, 1000), ...looks], testContext);
    expect(figureOf(figures, 'peak_rps')?.value).toBeGreaterThan(714);
    expect(figures.filter(({ metric }) => metric === 'broke_first_pct')).toHaveLength(1);
  });

  it('are as unsure as one start where there is one, and say so', () => {
    const figures = analyseCapacity(start(0, 800), testContext);
    expect(figureOf(figures, 'peak_rps')?.flags).toContain('one-fork');
  });
});

it('joins starts by how much they differ, never closer than their own doubt', () => {
  const answer = (rate: number) => ({
    kind: 'found' as const,
    rate,
    low: rate / 1.1,
    high: rate * 1.1,
    recovered: true,
  });
  const alike = together([answer(100), answer(100), answer(100)], 9);
  expect(alike.high / alike.value).toBeCloseTo(1.1 ** (1 / Math.sqrt(3)), 6);
  const pair = together([answer(100), answer(110)], 6);
  // Two starts that differ by 10 %: Student's quantile of one degree of freedom, 12.7, times half that difference.
  expect(Math.log(pair.high / pair.value)).toBeCloseTo(12.706 * (Math.log(1.1) / 2), 3);
  const apart = together([answer(50), answer(100), answer(200)], 9);
  expect(apart.value).toBeCloseTo(100, 9);
  expect(apart.high).toBeGreaterThan(500);
});
