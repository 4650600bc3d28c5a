/** Parameters of a model with intervals: refitted to resampled blocks within forks. Pure. */

import type { Metric } from '../../../../core/results/metrics.ts';
import type { Factors, Figure } from '../../../../core/results/schema.ts';
import { BootstrapError, bootstrap } from '../../../../core/stats/bootstrap.ts';
import type { Estimate } from '../../../../core/stats/interval.ts';
import { figure } from '../../../analysis/figure.ts';
import { type Seeds, seedsOf } from '../../../analysis/seeds.ts';
import type { AnalysisContext } from '../../../measuring/experiment.ts';
import { columnsOf, type Series, type Sums, sumsByReplicas } from '../series.ts';

/** Each one refits a model. The interval's width comes from the jackknife over forks; these only give its shape. */
const RESAMPLES = 200;

/** Computes one parameter of a model from sums by number of replicas. */
export type ModelNumber = (sums: ReadonlyMap<number, Sums>) => number;

/** The range of a parameter: the interval of a throughput does not go below 0. */
export type Scale = 'positive' | 'any';

export class SeriesModel {
  readonly series: Series;
  readonly #seeds: Seeds;
  readonly #columns: number[][][];
  readonly #answers = new Map<string, unknown>();

  constructor(series: Series, context: Pick<AnalysisContext, 'config'>) {
    this.series = series;
    this.#seeds = seedsOf(context, `scale model ${series.arm} ${JSON.stringify(series.factors)}`);
    this.#columns = columnsOf(series);
  }

  /**
   * Caches by `key`, which must identify everything that the result of `make` depends on. All parameters use the same
   * resamples, so a model is fitted only once to each.
   */
  once<T>(key: string, make: () => T): T {
    if (!this.#answers.has(key)) this.#answers.set(key, make());
    return this.#answers.get(key) as T;
  }

  /** Null if the model has no result for these slices. */
  estimate(number: ModelNumber, scale: Scale): Estimate | null {
    const { replicas } = this.series;
    const transform = (value: number) => (scale === 'positive' ? Math.log(value) : value);
    try {
      const found = bootstrap(
        this.#columns,
        { ofSums: (sums) => transform(number(sumsByReplicas(sums, replicas))) },
        { seed: this.seed('resamples'), resamples: RESAMPLES },
      );
      const back = (value: number) => (scale === 'positive' ? Math.exp(value) : value);
      const estimate = { ...found, value: back(found.value), low: back(found.low), high: back(found.high) };
      return [estimate.value, estimate.low, estimate.high].every(Number.isFinite) ? estimate : null;
    } catch (error) {
      if (error instanceof BootstrapError) return null;
      throw error;
    }
  }

  seed(label: string): number {
    return this.#seeds(label);
  }

  /** The figure of an estimate; empty for null. */
  figure(
    metric: Metric,
    estimate: Estimate | null,
    factors: Factors = {},
    source: Figure['source'] = 'model',
  ): Figure[] {
    if (estimate === null) return [];
    const { arm, factors: own, flags } = this.series;
    return [figure({ experiment: 'scale', arm, factors: { ...own, ...factors } }, metric, estimate, { source, flags })];
  }
}

export function throughputOf(sums: ReadonlyMap<number, Sums>, replicas: number): number {
  const own = sums.get(replicas);
  return own === undefined ? Number.NaN : own.answered / own.seconds;
}

/** The error of a prediction, in percent of the measured value. */
export function errorPct(predicted: number, measured: number): number {
  return 100 * (predicted / measured - 1);
}
