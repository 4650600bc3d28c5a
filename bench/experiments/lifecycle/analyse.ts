/** From lifecycle's slices to its figures: costs of an operation, of a password check, and a storm's throughput and latency. Pure. */

import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Metric } from '../../../core/results/metrics.ts';
import type { Factors, Figure, Slice } from '../../../core/results/schema.ts';
import { type Estimate, estimate, estimateRatioOfSums } from '../../../core/stats/estimate.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { pairedDifference, pairedRatio } from '../../../core/stats/ratio.ts';
import { drifted, ratioPairs, usable, WIDE } from '../../analysis/cell-analysis.ts';
import { type FigureOptions, figure } from '../../analysis/figure.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { byFork, flagsOf, measure } from '../../measuring/slices.ts';

export const LIFECYCLE = 'lifecycle';

const QUANTILES = [50, 95, 99] as const;
/** A quantile is told only where a record lies beyond it in each slice, on average. */
const RECORDS_BEYOND = 1;

const cellOf = ({ arm, factors }: Slice) => JSON.stringify([arm, factors]);

class LifecycleAnalysis {
  readonly #context: AnalysisContext;
  readonly #slices: readonly Slice[];

  constructor(slices: readonly Slice[], context: AnalysisContext) {
    this.#context = context;
    this.#slices = slices;
  }

  figures(): Figure[] {
    const grouped = (modes: readonly Slice['mode'][]) => [
      ...Map.groupBy(
        this.#slices.filter(({ mode }) => modes.includes(mode)),
        cellOf,
      ).values(),
    ];
    return [
      ...grouped(['paired']).flatMap((own) => this.#operation(own)),
      ...grouped(['micro']).flatMap((own) => this.#hash(own)),
      ...grouped(['open', 'closed']).flatMap((own) => this.#storm(own)),
    ];
  }

  #operation(all: readonly Slice[]): Figure[] {
    const own = usable(all);
    const [first] = own;
    if (!first) return [];
    const baselines = usable(
      this.#slices.filter(
        ({ mode, arm, factors }) =>
          mode === 'paired' && arm === this.#context.baseline && factors.operation === first.factors.operation,
      ),
    );
    const flags = flagsOf(own);
    const absolute = {
      flags: [
        ...flags,
        ...(baselines.length === 0 ? (['unpaired'] as const) : []),
        ...(drifted(baselines) ? (['machine-drift'] as const) : []),
      ],
      targetHalfWidth: WIDE,
    };
    return [
      ...this.#sums(first, 'cpu_us_per_operation', own, (slice) => measure(slice, 'replica_cpu_ns') / 1000, absolute),
      ...this.#sums(first, 'redis_cpu_us_per_operation', own, (slice) => measure(slice, 'redis_cpu_ns') / 1000, {
        flags,
      }),
      ...this.#sums(first, 'redis_commands_per_operation', own, (slice) => measure(slice, 'redis_commands'), { flags }),
      ...this.#rate('operations_per_second', own),
      ...this.#againstBaseline(first, own, baselines),
    ];
  }

  #againstBaseline(first: Slice, own: readonly Slice[], baselines: readonly Slice[]): Figure[] {
    const pairs = ratioPairs(own, baselines);
    if (first.arm === this.#context.baseline || pairs.length === 0) return [];
    const seed = (label: string) => ({ seed: this.#seed(`${label} ${cellOf(first)}`) });
    const options = { flags: flagsOf(own), targetHalfWidth: WIDE };
    return [
      this.#figure(first, 'cpu_ratio_to_baseline', {}, pairedRatio(pairs, seed('ratio')), options),
      this.#figure(first, 'cpu_toll_us_per_operation', {}, pairedDifference(pairs, seed('toll')), {
        flags: flagsOf(own),
      }),
    ];
  }

  #hash(own: readonly Slice[]): Figure[] {
    const [first] = own;
    if (!first) return [];
    return [
      ...this.#sums(first, 'password_hash_us', own, (slice) => measure(slice, 'wall_ns') / 1000, {}),
      ...this.#sums(first, 'password_hash_cpu_us', own, (slice) => measure(slice, 'cpu_ns') / 1000, {}),
    ];
  }

  #storm(own: readonly Slice[]): Figure[] {
    const [first] = own;
    if (!first) return [];
    const rates = first.factors.route === 'login' ? this.#rate('storm_logins_per_second', own) : [];
    return [...rates, ...this.#quantiles(first, own)];
  }

  /** The geometric mean over slices of each slice's quantile. */
  #quantiles(first: Slice, own: readonly Slice[]): Figure[] {
    const forks = byFork(own).map((fork) =>
      fork.flatMap(({ histograms }) =>
        histograms?.latency === undefined ? [] : [LatencyHistogram.decode(histograms.latency)],
      ),
    );
    const all = forks.flat();
    if (all.length === 0 || all.some(({ count }) => count === 0)) return [];
    const meanCount = all.reduce((sum, { count }) => sum + count, 0) / all.length;
    return QUANTILES.filter((quantile) => meanCount * (1 - quantile / 100) >= RECORDS_BEYOND).map((quantile) => {
      const values = forks.map((fork) => fork.map((histogram) => Math.max(1, histogram.percentile(quantile))));
      const value = estimate(values, { statistic: 'geomean', seed: this.#seed(`${cellOf(first)} ${quantile}`) });
      return this.#figure(first, 'storm_latency_us', { quantile: `p${quantile}` }, value, { flags: flagsOf(own) });
    });
  }

  #rate(metric: Metric, own: readonly Slice[]): Figure[] {
    const [first] = own;
    const forks = byFork(own.filter(({ durationMs }) => durationMs > 0)).map((fork) =>
      fork.map((slice) => ({ numerator: slice.requests - slice.unexpected, denominator: slice.durationMs / 1000 })),
    );
    if (!first || forks.length === 0) return [];
    const value = estimateRatioOfSums(forks, { seed: this.#seed(`${metric} ${cellOf(first)}`) });
    return [this.#figure(first, metric, {}, value, { flags: flagsOf(own) })];
  }

  /** A slice that lacks the measure is left out: it was not taken there. */
  #sums(
    first: Slice,
    metric: Metric,
    own: readonly Slice[],
    sum: (slice: Slice) => number,
    options: FigureOptions,
  ): Figure[] {
    const taken = own.filter((slice) => slice.requests > 0 && Number.isFinite(sum(slice)));
    if (taken.length === 0) return [];
    const forks = byFork(taken).map((fork) =>
      fork.map((slice) => ({ numerator: sum(slice), denominator: slice.requests })),
    );
    const value = estimateRatioOfSums(forks, { seed: this.#seed(`${metric} ${cellOf(first)}`) });
    return [this.#figure(first, metric, {}, value, options)];
  }

  #figure(of: Slice, metric: Metric, more: Factors, value: Estimate, options: FigureOptions): Figure {
    return figure({ experiment: LIFECYCLE, arm: of.arm, factors: { ...of.factors, ...more } }, metric, value, options);
  }

  #seed(label: string): number {
    return createRandom(this.#context.config.seed)
      .derive(`${LIFECYCLE} ${label}`)
      .integer(2 ** 31);
  }
}

export function analyseLifecycle(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  return new LifecycleAnalysis(slices, context).figures();
}
