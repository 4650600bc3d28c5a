/**
 * From profiled slices to µs per request and package. Pure.
 *
 * The profile gives shares of the main thread's busy time; CPU time per request comes from the same processes under the
 * same load without the profiler, read from the kernel's account. So buckets add up to what a request really costs, and
 * the profiler's own cost is in none of them. Other threads (compilation, garbage collection, crypto workers) are not
 * sampled: what they consumed is a bucket of its own.
 */

import type { AnalysisContext } from '../experiments/experiment.ts';
import { type FigureOptions, figure } from '../experiments/figure.ts';
import { flagsOf, measure } from '../experiments/slices.ts';
import type { Flag } from '../results/flags.ts';
import type { Metric } from '../results/metrics.ts';
import type { Factors, Figure, Slice } from '../results/schema.ts';
import { type Estimate, estimate } from '../stats/estimate.ts';
import { createRandom } from '../stats/random.ts';
import { pairedDifference } from '../stats/ratio.ts';
import { OTHER_THREADS } from './bucket.ts';
import { sampledMicros } from './measures.ts';

export const EVERYTHING_ELSE = 'everything else';
/** A bucket that nowhere reaches this share of a request's CPU time is shown with the other small ones. */
const LEAST_SHARE = 0.01;

/** One arm in one fork. All in µs of CPU per request. */
export interface ForkCost {
  readonly fork: number;
  readonly byBucket: ReadonlyMap<string, number>;
  readonly plainUs: number;
  readonly profiledUs: number;
}

function cpuUs(slices: readonly Slice[]): number {
  const ns = slices.reduce((sum, slice) => sum + measure(slice, 'replica_cpu_ns'), 0);
  return ns / 1000 / slices.reduce((sum, slice) => sum + slice.requests, 0);
}

/** The costs of an arm in each fork that has all it takes: a profile, and the load without. */
export function forkCosts(slices: readonly Slice[], arm: string): ForkCost[] {
  const forks = Map.groupBy(
    slices.filter((slice) => slice.arm === arm && slice.requests > 0),
    ({ fork }) => fork,
  );
  return [...forks].flatMap(([fork, own]) => {
    const plain = own.filter(({ mode }) => mode === 'paired');
    const [profiled] = own.filter(({ mode }) => mode === 'profile');
    if (profiled === undefined) return [];
    const sampled = sampledMicros(profiled);
    const total = [...sampled.values()].reduce((sum, micros) => sum + micros, 0);
    const plainUs = cpuUs(plain);
    const profiledUs = cpuUs([profiled]);
    if (!(total > 0 && Number.isFinite(plainUs) && Number.isFinite(profiledUs))) return [];
    const mainUs = plain.reduce(
      (sum, slice) => sum + measure(slice, 'main_thread_ratio') * measure(slice, 'replica_cpu_ns'),
      0,
    );
    const mainPart = mainUs / plain.reduce((sum, slice) => sum + measure(slice, 'replica_cpu_ns'), 0);
    const main = Number.isFinite(mainPart) ? mainPart : 1;
    const byBucket = new Map([...sampled].map(([bucket, micros]) => [bucket, (plainUs * main * micros) / total]));
    byBucket.set(OTHER_THREADS, plainUs * (1 - main));
    return [{ fork, byBucket, plainUs, profiledUs }];
  });
}

/** The same costs with the small buckets added up, and every bucket in every fork. */
export function foldSmall(arms: ReadonlyMap<string, readonly ForkCost[]>): Map<string, ForkCost[]> {
  const large = new Set(
    [...arms.values()].flatMap((forks) => {
      const total = forks.reduce((sum, { plainUs }) => sum + plainUs, 0);
      const buckets = new Set(forks.flatMap(({ byBucket }) => [...byBucket.keys()]));
      return [...buckets].filter(
        (bucket) => forks.reduce((sum, { byBucket }) => sum + (byBucket.get(bucket) ?? 0), 0) >= LEAST_SHARE * total,
      );
    }),
  );
  const fold = (cost: ForkCost): ForkCost => {
    const byBucket = new Map([...large].map((bucket) => [bucket, cost.byBucket.get(bucket) ?? 0]));
    const shown = [...byBucket.values()].reduce((sum, us) => sum + us, 0);
    return { ...cost, byBucket: byBucket.set(EVERYTHING_ELSE, Math.max(0, cost.plainUs - shown)) };
  };
  return new Map([...arms].map(([arm, forks]) => [arm, forks.map(fold)]));
}

class ProfileFigures {
  readonly #context: AnalysisContext;
  readonly #experiment: string;
  readonly #baseline: readonly ForkCost[];

  constructor(context: AnalysisContext, experiment: string, baseline: readonly ForkCost[]) {
    this.#context = context;
    this.#experiment = experiment;
    this.#baseline = baseline;
  }

  of(arm: string, forks: readonly ForkCost[], flags: readonly Flag[]): Figure[] {
    const buckets = [...(forks[0]?.byBucket.keys() ?? [])];
    const make = (metric: Metric, factors: Factors, value: Estimate, options: FigureOptions = { flags }) =>
      figure({ experiment: this.#experiment, arm, factors }, metric, value, options);
    const seed = (label: string) =>
      createRandom(this.#context.config.seed)
        .fork(`profile ${arm} ${label}`)
        .integer(2 ** 31);
    const mean = (values: readonly number[], label: string) =>
      estimate(
        values.map((value) => [value]),
        { statistic: 'mean', seed: seed(label) },
      );

    const figures = buckets.map((bucket) => {
      const values = forks.map(({ byBucket }) => byBucket.get(bucket) ?? 0);
      const spread = mean(values, bucket);
      // Time cannot be less than none, whatever Student's t makes of a small bucket.
      return make('profile_us', { package: bucket }, { ...spread, low: Math.max(0, spread.low) });
    });
    const overhead = forks.map(({ plainUs, profiledUs }) => 100 * (profiledUs / plainUs - 1));
    figures.push(make('profiler_overhead_pct', {}, mean(overhead, 'overhead')));

    const pairs = forks.flatMap((own) => {
      const baseline = this.#baseline.find(({ fork }) => fork === own.fork);
      return baseline && arm !== this.#context.baseline ? [{ own, baseline }] : [];
    });
    if (pairs.length === 0) return figures;
    const difference = (of: (cost: ForkCost) => number, label: string) =>
      pairedDifference(
        pairs.map(({ own, baseline }) => [{ value: of(own), baseline: of(baseline) }]),
        { seed: seed(label) },
      );
    for (const bucket of buckets) {
      const toll = difference(({ byBucket }) => byBucket.get(bucket) ?? 0, `toll ${bucket}`);
      figures.push(make('profile_toll_us', { package: bucket }, toll));
    }
    // Under the profiler everything slows down; where an arm slows down by more than the baseline, its shares are
    // those of another toll than the one without.
    const moved = pairs.map(({ own, baseline }) => {
      const toll = own.plainUs - baseline.plainUs;
      return 100 * ((own.profiledUs - baseline.profiledUs - toll) / toll);
    });
    if (moved.every(Number.isFinite)) {
      figures.push(make('profile_unexplained_pct', { against: 'unprofiled' }, size(mean(moved, 'moved'))));
    }
    const sum = difference(({ plainUs }) => plainUs, 'sum');
    const toll = this.#toll(arm);
    if (toll !== null) {
      const fromToll: Estimate = {
        ...sum,
        value: (100 * (sum.value - toll.value)) / toll.value,
        low: (100 * (sum.low - toll.high)) / toll.value,
        high: (100 * (sum.high - toll.low)) / toll.value,
      };
      figures.push(
        make('profile_unexplained_pct', { against: 'toll' }, size(fromToll), { flags: [...flags, ...toll.flags] }),
      );
    }
    return figures;
  }

  #toll(arm: string): Figure | null {
    const found = this.#context.earlier.find(
      (earlier) =>
        earlier.experiment === 'toll' &&
        earlier.metric === 'cpu_toll_us' &&
        earlier.arm === arm &&
        earlier.factors.in_flight === IN_FLIGHT_OF_TOLL,
    );
    return found !== undefined && found.value > 0 ? found : null;
  }
}

const IN_FLIGHT_OF_TOLL = 10;

/** How far from zero; an interval that holds zero begins there. */
export function size(signed: Estimate): Estimate {
  const { value, low, high } = signed;
  const holdsZero = low <= 0 && high >= 0;
  return {
    ...signed,
    value: Math.abs(value),
    low: holdsZero ? 0 : Math.min(Math.abs(low), Math.abs(high)),
    high: Math.max(Math.abs(low), Math.abs(high)),
  };
}

/** @param experiment under whose name the figures stand */
export function analyseProfiles(slices: readonly Slice[], context: AnalysisContext, experiment: string): Figure[] {
  const own = slices.filter(({ mode }) => mode === 'paired' || mode === 'profile');
  const names = [...new Set(own.flatMap(({ arm }) => arm ?? []))];
  const measured = names.map((arm) => [arm, forkCosts(own, arm)] as const).filter(([, forks]) => forks.length > 0);
  const arms = foldSmall(new Map(measured));
  const figures = new ProfileFigures(context, experiment, arms.get(context.baseline) ?? []);
  return [...arms].flatMap(([arm, forks]) => figures.of(arm, forks, flagsOf(own.filter((slice) => slice.arm === arm))));
}
