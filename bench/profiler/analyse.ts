/** From profiled slices to figures: µs per request and package, and their difference to the baseline. Pure. */

import type { Flag } from '../../core/results/flags.ts';
import type { Metric } from '../../core/results/metrics.ts';
import type { Factors, Figure, Slice } from '../../core/results/schema.ts';
import { type Estimate, estimate } from '../../core/stats/estimate.ts';
import { createRandom } from '../../core/stats/random.ts';
import { pairedDifference, pairedRatio } from '../../core/stats/ratio.ts';
import { drifted } from '../analysis/cell-analysis.ts';
import { type FigureOptions, figure } from '../analysis/figure.ts';
import type { AnalysisContext } from '../measuring/experiment.ts';
import { flagsOf } from '../measuring/slices.ts';
import { type ForkCost, foldSmall, forkCosts } from './costs.ts';

/** Requests in flight of the toll that the sum of packages is compared with: as many as here. */
const IN_FLIGHT_OF_TOLL = 10;

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
        .derive(`profile ${arm} ${label}`)
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
      const toll = own.pairedUs - baseline.pairedUs;
      return 100 * ((own.profiledUs - baseline.profiledUs - toll) / toll);
    });
    if (moved.every(Number.isFinite)) {
      figures.push(make('profile_unexplained_pct', { against: 'unprofiled' }, size(mean(moved, 'moved'))));
    }
    // The two were measured minutes apart, so each as a multiple of the baseline beside it: by then the machine may have
    // another speed.
    const sum = pairedRatio(
      pairs.map(({ own, baseline }) => [{ value: own.pairedUs, baseline: baseline.pairedUs }]),
      { seed: seed('sum') },
    );
    const toll = this.#ratioOfToll(arm);
    if (toll !== null) {
      const percentOfToll = 100 / (toll.value - 1);
      const fromToll: Estimate = {
        ...sum,
        value: percentOfToll * (sum.value - toll.value),
        low: percentOfToll * (sum.low - toll.high),
        high: percentOfToll * (sum.high - toll.low),
      };
      figures.push(
        make('profile_unexplained_pct', { against: 'toll' }, size(fromToll), { flags: [...flags, ...toll.flags] }),
      );
    }
    return figures;
  }

  #ratioOfToll(arm: string): Figure | null {
    const found = this.#context.earlier.find(
      (earlier) =>
        earlier.experiment === 'toll' &&
        earlier.metric === 'cpu_ratio_to_baseline' &&
        earlier.arm === arm &&
        earlier.factors.in_flight === IN_FLIGHT_OF_TOLL,
    );
    return found !== undefined && found.value > 1 ? found : null;
  }
}

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

/**
 * @param slices of profiled servers and of the paired load on them, and no others
 * @param experiment under whose name the figures stand
 */
export function analyseProfiles(slices: readonly Slice[], context: AnalysisContext, experiment: string): Figure[] {
  const own = slices.filter((slice) => slice.mode === 'profile' || slice.mode === 'paired');
  const names = [...new Set(own.flatMap(({ arm }) => arm ?? []))];
  const measured = names.map((arm) => [arm, forkCosts(own, arm)] as const).filter(([, forks]) => forks.length > 0);
  const arms = foldSmall(new Map(measured));
  const figures = new ProfileFigures(context, experiment, arms.get(context.baseline) ?? []);
  const baselines = own.filter(({ arm, mode }) => arm === context.baseline && mode === 'paired');
  const drift: Flag[] = drifted(baselines) ? ['machine-drift'] : [];
  return [...arms].flatMap(([arm, forks]) =>
    figures.of(arm, forks, [...flagsOf(own.filter((slice) => slice.arm === arm)), ...drift]),
  );
}
