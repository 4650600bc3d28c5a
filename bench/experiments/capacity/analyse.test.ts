import { describe, expect, it } from 'vitest';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { objectiveOf } from '../../../core/thresholds/objective.ts';
import { testContext } from '../../testing/slices.ts';
import { analyseCapacity } from './analyse.ts';
import { together } from './combine.ts';
import { nextLook } from './search.ts';
import { looksOf, MOST_TRIES } from './steps.ts';
import { servers, step } from './testing/step.ts';
import { type Verdict, verdictOf } from './verdict.ts';

const saturation = (fork: number, rate: number): Slice => ({
  ...step({ rate, p99Ms: 1 }, fork, 0),
  mode: 'closed',
  durationMs: 1000,
  requests: rate,
  measures: {},
  histograms: {},
});

/** What the generator does at a step: nothing unusual, or it stalls for a while. */
type Generator = (rate: number, order: number) => 'sends' | 'stalls';

/** A start whose p99 crosses 50 ms at this rate, searched as it would be measured. */
function start(fork: number, limit: number, saturated = 1000, generator: Generator = () => 'sends'): Slice[] {
  const slices = [saturation(fork, saturated)];
  const steps: { rate: number; verdict: Verdict }[] = [];
  for (let order = 1; order <= 20; order++) {
    const next = nextLook(looksOf(steps), saturated);
    if (next === null) break;
    const isStalled = generator(next.rate, order) === 'stalls';
    const calm = step({ rate: next.rate, p99Ms: next.rate < limit ? 5 : 80, cpu: next.rate / 2000 }, fork, order);
    const slice = isStalled ? stalledStep(calm) : calm;
    slices.push(slice);
    steps.push({ rate: next.rate, verdict: verdictOf(slice, objectiveOf(), servers) });
  }
  return slices;
}

/** The generator stalled for 60 ms of a second, so more than one percent of its requests were that late. */
function stalledStep(slice: Slice): Slice {
  const { measures, factors, fork, order } = slice;
  const late = step({ rate: measures.asked_rate_rps ?? 0, p99Ms: 80 }, fork, order);
  return {
    ...late,
    factors,
    measures: {
      ...late.measures,
      replica_cpu_ns: measures.replica_cpu_ns ?? 0,
      generator_late: 60,
      generator_late_max_us: 60_000,
    },
  };
}

const figureOf = (figures: readonly Figure[], metric: string) => figures.find((figure) => figure.metric === metric);

describe('figures', () => {
  it('give the peak of all starts with its interval, the rate to plan with, and what broke first', () => {
    const figures = analyseCapacity([...start(0, 800), ...start(1, 820), ...start(2, 780)], testContext);
    const peak = figureOf(figures, 'peak_rps');
    expect(peak?.value).toBeGreaterThan(770);
    expect(peak?.value).toBeLessThan(830);
    expect([(peak?.low ?? 0) < 800, (peak?.high ?? 0) > 800]).toEqual([true, true]);
    expect(figureOf(figures, 'recommended_rps')?.value).toBeCloseTo(0.8 * (peak?.value ?? 0), 6);
    // One core saturates at 2,000 a second.
    expect((figureOf(figures, 'peak_per_core_rps')?.value ?? 0) / 2000).toBeCloseTo(1, 1);
    expect(figureOf(figures, 'peak_of_saturated_pct')?.value).toBeCloseTo((peak?.value ?? 0) / 10, 6);
    expect(figureOf(figures, 'recovered_pct')?.value).toBe(100);
    expect(figures.filter(({ metric }) => metric === 'broke_first_pct')).toHaveLength(1);
  });

  it('compare a peak with the saturated rate of its own start, whatever the machine’s speed', () => {
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

  it('give the peak of a core with the interval of the cost of a request, not of the peak', () => {
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
    expect([exact?.low, exact?.high].map((end) => Math.round(end ?? 0))).toEqual([2000, 2000]);
    const apart = figureOf(analyseCapacity([...(slower ?? []), ...others.flat()], testContext), 'peak_per_core_rps');
    // Logarithms 0.1 apart in three starts: 4.3 × 0.1 / √3.
    expect(Math.log((apart?.high ?? 0) / (apart?.value ?? 1))).toBeCloseTo(0.25, 1);
  });

  it('are those of the servers, although the generator stalled in every third step', () => {
    const beside: Generator = (_, order) => (order % 3 === 0 ? 'stalls' : 'sends');
    const figures = analyseCapacity(
      [0, 1, 2].flatMap((fork) => start(fork, 800, 1000, beside)),
      testContext,
    );
    const peak = figureOf(figures, 'peak_rps');
    expect((peak?.value ?? 0) / 800).toBeCloseTo(1, 1);
    expect(peak?.flags).not.toContain('generator-saturated');
    expect(figures.find(({ metric }) => metric === 'broke_first_pct')?.factors.broke).not.toBe('generator');
  });

  it('say that the generator was the limit if it could not send more, and never that the servers were', () => {
    const weak: Generator = (rate) => (rate > 300 ? 'stalls' : 'sends');
    const slices = [0, 1, 2].flatMap((fork) => start(fork, 800, 1000, weak));
    const figures = analyseCapacity(slices, testContext);
    const peak = figureOf(figures, 'peak_rps');
    expect([(peak?.value ?? 0) > 240, (peak?.value ?? 0) < 310]).toEqual([true, true]);
    for (const metric of ['peak_rps', 'recommended_rps', 'peak_of_saturated_pct', 'objective_met_pct'])
      expect(figureOf(figures, metric)?.flags, metric).toContain('generator-saturated');
    expect(figures.filter(({ metric }) => metric === 'broke_first_pct').map(({ factors }) => factors.broke)).toEqual([
      'generator',
    ]);
    // Its overload was not the servers'.
    expect(figureOf(figures, 'recovered_pct')).toBeUndefined();
    // The model uses only undisturbed steps.
    expect(figureOf(figures, 'peak_model_rps')?.flags).not.toContain('generator-saturated');
  });

  it('say nothing about the servers if the generator could not send any rate', () => {
    const figures = analyseCapacity(
      start(0, 800, 1000, () => 'stalls'),
      testContext,
    );
    expect(figureOf(figures, 'objective_met_pct')).toBeUndefined();
    expect(figureOf(figures, 'broke_first_pct')?.factors.broke).toBe('generator');
    // Every rate was tried as often as allowed.
    expect(MOST_TRIES).toBe(3);
    const rates = start(0, 800, 1000, () => 'stalls').flatMap(({ measures }) => measures.asked_rate_rps ?? []);
    expect(Math.max(...[...Map.groupBy(rates, (rate) => rate).values()].map(({ length }) => length))).toBe(MOST_TRIES);
  });

  it('give the modelled peak an interval from the cost of requests, and the flags of its figures', () => {
    const withCost = (slices: readonly Slice[], cost: number) =>
      slices.map(
        (slice): Slice =>
          slice.mode === 'open'
            ? { ...slice, measures: { ...slice.measures, replica_cpu_ns: cost * 1e6 }, flags: ['oversubscribed'] }
            : slice,
      );
    const starts = [0.9, 1, 1.1].map((cost, fork) => withCost(start(fork, 800), cost * 500));
    const model = figureOf(analyseCapacity(starts.flat(), testContext), 'peak_model_rps');
    expect(model?.forks).toBe(3);
    // Logarithms 0.1 apart in three starts, as above.
    expect(Math.log((model?.high ?? 0) / (model?.value ?? 1))).toBeGreaterThan(0.2);
    expect(model?.flags).toContain('oversubscribed');
    expect(model?.source).toBe('model');
    // Two very different starts say little, but the rate is never negative.
    const apart = [0.5, 2].map((cost, fork) => withCost(start(fork, 800), cost * 500));
    expect(figureOf(analyseCapacity(apart.flat(), testContext), 'peak_model_rps')?.low).toBeGreaterThan(0);
  });

  it('give no rate if no load meets the objective, or none misses it', () => {
    const none = analyseCapacity([saturation(0, 1000), step({ rate: 4, p99Ms: 90 })], testContext);
    expect(figureOf(none, 'objective_met_pct')?.value).toBe(0);
    expect(figureOf(none, 'peak_rps')).toBeUndefined();
    const any = analyseCapacity([saturation(0, 1000), step({ rate: 2000, p99Ms: 1 })], testContext);
    expect(figureOf(any, 'never_missed_pct')?.value).toBe(100);
    expect(figureOf(any, 'peak_rps')).toBeUndefined();
  });

  it('name what broke first even if chance put every missed look below the answer', () => {
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

  it('are as uncertain as one start if there is only one, and say so', () => {
    const figures = analyseCapacity(start(0, 800), testContext);
    expect(figureOf(figures, 'peak_rps')?.flags).toContain('one-fork');
  });
});

describe('what decides an answer', () => {
  /** A step that a stall of the machine made miss. */
  const stalledBy = (slice: Slice): Slice => ({ ...slice, flags: ['machine-stalled'] });
  const look = (rate: number, p99Ms: number, cpu: number, order: number) => step({ rate, p99Ms, cpu }, 0, order);

  it('is the cause of most misses above it, not of the nearest one, which a stall made miss', () => {
    const looks = [
      look(350, 5, 0.3, 1),
      look(700, 5, 0.6, 2),
      look(1400, 80, 0.96, 3),
      look(900, 80, 0.93, 4),
      stalledBy(look(830, 80, 0.7, 5)),
      look(780, 5, 0.7, 6),
      look(870, 80, 0.92, 7),
    ];
    const figures = analyseCapacity([saturation(0, 1000), ...looks], testContext);
    const reasons = figures.filter(({ metric }) => metric === 'broke_first_pct');
    expect(reasons.map(({ factors }) => factors.broke)).toEqual(['cpu']);
  });

  it('sets the flags, not an overload far beyond it', () => {
    const flagged = start(0, 800).map((slice): Slice => {
      const rate = slice.measures.asked_rate_rps ?? 0;
      return slice.mode === 'open' && rate > 1100 ? { ...slice, flags: ['oversubscribed', 'machine-stalled'] } : slice;
    });
    const flags = figureOf(analyseCapacity(flagged, testContext), 'peak_rps')?.flags;
    expect(flags).not.toContain('oversubscribed');
    expect(flags).not.toContain('machine-stalled');
    const near = start(0, 800).map((slice): Slice => ({ ...slice, flags: ['oversubscribed'] }));
    expect(figureOf(analyseCapacity(near, testContext), 'peak_rps')?.flags).toContain('oversubscribed');
  });

  it('is judged with the cores that the run had, although the machine has more', () => {
    const manyCores = { ...testContext, environment: { ...testContext.environment, cores: 64 } };
    // Two replicas on one core: 0.95 of it is all that there is, however late the generator was.
    const busy = (slice: Slice): Slice =>
      slice.mode === 'open' && (slice.measures.asked_rate_rps ?? 0) > 800
        ? {
            ...slice,
            measures: {
              ...slice.measures,
              replica_cpu_ns: 0.95e9,
              usable_cores: 2,
              generator_late: 60,
              generator_late_max_us: 60_000,
            },
          }
        : slice;
    const slices = start(0, 800).map((slice) => ({ ...busy(slice), factors: { replicas: 2 } }));
    const figures = analyseCapacity(slices, manyCores);
    expect(figureOf(figures, 'broke_first_pct')?.factors.broke).toBe('cpu');
    expect(figureOf(figures, 'peak_rps')?.flags).not.toContain('generator-saturated');
  });

  it('has few slow requests where a step may not last long enough', () => {
    const figures = analyseCapacity(start(0, 800), {
      ...testContext,
      config: { ...testContext.config, slo: 'p99.9<50ms' },
    });
    expect(figureOf(figures, 'peak_rps')?.flags).toContain('step-short');
    expect(figureOf(analyseCapacity(start(0, 800), testContext), 'peak_rps')?.flags).not.toContain('step-short');
  });

  it('leaves out what a search measured after another one broke the same servers for good', () => {
    const one = (rate: number, p99Ms: number, order: number) => step({ rate, p99Ms }, 0, order);
    const two = (rate: number, p99Ms: number, order: number) => ({
      ...step({ rate, p99Ms }, 0, order),
      factors: { replicas: 2 },
    });
    const broken = [
      one(500, 5, 1),
      one(1000, 80, 3),
      one(700, 80, 5),
      one(500, 80, 7),
      one(500, 80, 9),
      one(500, 80, 11),
    ];
    const beside = [two(500, 5, 2), two(1000, 80, 4), two(600, 80, 6), two(500, 80, 8)];
    const closed = [saturation(0, 1000), { ...saturation(0, 1000), factors: { replicas: 2 } }];
    const figures = analyseCapacity([...closed, ...broken, ...beside], testContext);
    const of = (metric: string, replicas: number) =>
      figures.find((figure) => figure.metric === metric && figure.factors.replicas === replicas);
    expect(of('recovered_pct', 1)?.value).toBe(0);
    expect(of('never_missed_pct', 2)?.value).toBe(100);
    expect(of('peak_rps', 2)).toBeUndefined();
  });

  it('gives no model of a service that uses several cores at once', () => {
    const slices = [0, 1].flatMap((fork) => start(fork, 800));
    expect(figureOf(analyseCapacity(slices, testContext), 'peak_model_rps')).toBeDefined();
    const several = slices.map((slice) => ({
      ...slice,
      measures: { ...slice.measures, replica_cpu_ns: 4 * (slice.measures.replica_cpu_ns ?? 0), usable_cores: 8 },
    }));
    expect(figureOf(analyseCapacity(several, testContext), 'peak_model_rps')).toBeUndefined();
  });

  it('models no more requests than the cores that servers share can serve', () => {
    const shared = [0, 1].flatMap((fork) =>
      start(fork, 800).map((slice) => {
        const rate = slice.measures.asked_rate_rps ?? 0;
        // 0.5 ms in the replica and as much in a companion, on one core: a thousand a second.
        const each = (rate / 2000) * 1e9;
        return {
          ...slice,
          measures: { ...slice.measures, replica_cpu_ns: each, companion_cpu_ns: each, cpu_wall_ns: 1e9 },
        };
      }),
    );
    const perSecond = shared.map((slice) => ({ ...slice, requests: slice.measures.asked_rate_rps ?? slice.requests }));
    expect(figureOf(analyseCapacity(perSecond, testContext), 'peak_model_rps')?.value).toBeLessThan(1000);
  });
});

const answer = (rate: number, fork: number) => ({ fork, rate, low: rate / 1.1, high: rate * 1.1 });
const searchOf = (...rates: readonly number[]) => rates.map(answer);

it('combine starts by how much they differ, never more precisely than their own uncertainty', () => {
  const [alike] = together([searchOf(100, 100, 100)], [9]);
  expect((alike?.high ?? 0) / (alike?.value ?? 1)).toBeCloseTo(1.1 ** (1 / Math.sqrt(3)), 6);
  const [pair] = together([searchOf(100, 110)], [6]);
  // Two starts that differ by 10 %: Student's quantile of one degree of freedom, 12.7, times half that difference.
  expect(Math.log((pair?.high ?? 0) / (pair?.value ?? 1)) / (12.706 * (Math.log(1.1) / 2))).toBeCloseTo(1, 1);
  const [apart] = together([searchOf(50, 100, 200)], [9]);
  expect(apart?.value).toBeCloseTo(100, 9);
  expect(apart?.high).toBeGreaterThan(500);
});

it('combine the starts of several searches, so that two starts are no guess', () => {
  const searches = [searchOf(100, 110), searchOf(1000, 950), searchOf(400, 410), searchOf(300, 290)];
  const [first] = together(searches, [6, 6, 6, 6]);
  const ratio = (first?.high ?? 0) / (first?.value ?? 1);
  expect(ratio).toBeLessThan(1.25);
  expect(ratio).toBeGreaterThan(1.05);
});
