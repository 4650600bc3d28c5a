/** Figures with intervals, from blocks within forks: what experiments call. */

import type { Statistic, StatisticOfSums } from './bootstrap/resample.ts';
import { BootstrapError, type BootstrapOptions, bootstrap } from './bootstrap.ts';
import type { Estimate } from './interval.ts';
import { quantileInterval } from './order-statistics.ts';

export type EstimateOptions = BootstrapOptions;

/**
 * The mean, geometric mean or median of all blocks. @param forks `forks[fork][block]`, in any unit; the estimate has
 * the same @throws {BootstrapError} if there is no block, a number is not finite, or a geometric mean includes one
 * that is not positive
 */
export function estimate(
  forks: readonly (readonly number[])[],
  options: EstimateOptions & { readonly statistic: 'mean' | 'geomean' | 'median' },
): Estimate {
  if (options.statistic === 'median') return medianEstimate(forks, options);
  if (options.statistic === 'mean') return meanEstimate(forks, options);
  return geometricMeanOf(forks, options);
}

/**
 * Leaving out a fork of one block moves a median by half the gap between two numbers, which says nothing about its
 * width. Such forks are treated as one sample, with an interval from ranks.
 */
function medianEstimate(forks: readonly (readonly number[])[], options: EstimateOptions): Estimate {
  const used = forks.filter((fork) => fork.length > 0);
  if (used.length < 2 || used.some((fork) => fork.length > 1)) return bootstrap([forks], medianOf, options);
  const values = used.flat();
  if (!values.every(Number.isFinite)) return bootstrap([forks], medianOf, options);
  const confidence = options.confidence ?? 0.95;
  return { ...quantileInterval(values, 0.5, confidence), confidence, blocks: values.length, forks: used.length };
}

/**
 * The geometric mean of positive numbers with its interval, computed on the log scale. @throws {BootstrapError} if a
 * number is not positive, or there are no numbers
 */
export function geometricMeanOf(forks: readonly (readonly number[])[], options: EstimateOptions): Estimate {
  // Logarithms are taken relative to one of the numbers, so that a constant is exact.
  const reference = forks.flat()[0] ?? 1;
  const logs = forks.map((fork) =>
    fork.map((value) => {
      if (!(value > 0)) throw new BootstrapError(`A geometric mean needs positive numbers, not ${value}.`);
      return Math.log(value / reference);
    }),
  );
  const interval = meanEstimate(logs, options);
  return fromLogs(interval, reference * Math.exp(interval.value));
}

/** Sums over one block, such as CPU time and requests. */
export interface Part {
  readonly numerator: number;
  readonly denominator: number;
}

/**
 * The sum of numerators divided by the sum of denominators (such as CPU time per request), resampled together, so
 * blocks are weighted by their size. The interval is computed on the log scale, which keeps it positive and more
 * nearly symmetric, unless a numerator is not positive. @param forks `forks[fork][block]` @throws {BootstrapError} if
 * there is no block, a denominator is not positive, or a numerator is not finite
 */
export function estimateRatioOfSums(forks: readonly (readonly Part[])[], options: EstimateOptions): Estimate {
  const numerators = forks.map((fork) => fork.map((part) => part.numerator));
  const denominators = forks.map((fork) => fork.map((part) => part.denominator));
  if (denominators.some((fork) => fork.some((denominator) => !(denominator > 0)))) {
    throw new BootstrapError('A ratio of sums needs a positive denominator in every block; leave empty blocks out.');
  }
  const columns = [numerators, denominators];
  const positive = numerators.every((fork) => fork.every((numerator) => numerator > 0));
  if (!positive) return bootstrapOfSums(columns, ratioOfSums, options);
  const exact = sumOfAll(numerators) / sumOfAll(denominators);
  return fromLogs(bootstrapOfSums(columns, logRatioOfSums, options), exact);
}

/**
 * The mean of all blocks, in their unit. @param forks `forks[fork][block]` @throws {BootstrapError} if there is no
 * block or a number is not finite
 */
export function meanEstimate(forks: readonly (readonly number[])[], options: EstimateOptions): Estimate {
  if (!forks.some((fork) => fork.length > MOST_BLOCKS)) return bootstrap([forks], meanOf, options);
  const counts = forks.map((fork) => fork.map(() => 1));
  return bootstrapOfSums([forks, counts], ratioOfSums, options);
}

/**
 * A bootstrap of a statistic that depends only on the columns' sums. If a fork has very many blocks, neighbours are
 * added up first: resampling 50,000 blocks two thousand times takes minutes, and is no better than resampling 400
 * groups of them. Groups of neighbours also preserve autocorrelation (batch means).
 */
function bootstrapOfSums(
  columns: readonly (readonly (readonly number[])[])[],
  statistic: StatisticOfSums,
  options: EstimateOptions,
): Estimate {
  const sizes = (columns[0] ?? []).map((fork) => fork.length);
  if (!sizes.some((size) => size > MOST_BLOCKS)) return bootstrap(columns, statistic, options);
  const grouped = columns.map((column) => column.map(addNeighbours));
  const blocks = sizes.reduce((sum, size) => sum + size, 0);
  return { ...bootstrap(grouped, statistic, options), blocks };
}

const MOST_BLOCKS = 400;

function addNeighbours(blocks: readonly number[]): readonly number[] {
  const size = Math.ceil(blocks.length / MOST_BLOCKS);
  if (size <= 1) return blocks;
  const sums = new Array<number>(Math.ceil(blocks.length / size)).fill(0);
  for (let i = 0; i < blocks.length; i++) {
    const group = Math.floor(i / size);
    sums[group] = (sums[group] ?? 0) + (blocks[i] ?? 0);
  }
  return sums;
}

const itself = { of: (quotient: number) => quotient, slope: () => 1 };
const logarithm = { of: Math.log, slope: (quotient: number) => 1 / quotient };

export const meanOf: StatisticOfSums = {
  ofSums: (sums, count) => (sums[0] as number) / count,
  ofQuotient: itself,
};

const medianOf: Statistic = ([values], count) => {
  if (values === undefined) return Number.NaN;
  const sorted = values.slice(0, count).sort();
  return ((sorted[(count - 1) >> 1] as number) + (sorted[count >> 1] as number)) / 2;
};

const quotient = (sums: Float64Array) => (sums[0] as number) / (sums[1] as number);
const ratioOfSums: StatisticOfSums = { ofSums: quotient, ofQuotient: itself };
const logRatioOfSums: StatisticOfSums = { ofSums: (sums) => Math.log(quotient(sums)), ofQuotient: logarithm };

const sumOfAll = (forks: readonly (readonly number[])[]) => forks.flat().reduce((sum, value) => sum + value, 0);

/** Converts back from the log scale, about a value known without the rounding error of a logarithm. */
function fromLogs(logs: Estimate, value: number): Estimate {
  return {
    ...logs,
    value,
    low: value * Math.exp(logs.low - logs.value),
    high: value * Math.exp(logs.high - logs.value),
  };
}
