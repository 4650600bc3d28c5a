/** Quantities of a slice by name, and the quotients that metrics declare. Pure. */

import type { MetricInfo } from '../../core/results/metrics/metric-info.ts';
import { METRICS, type Metric } from '../../core/results/metrics.ts';
import type { Amount, PairedQuotient, Quantity, Quotient, SliceCount } from '../../core/results/quotients/quotient.ts';
import { beyondShortTurns, coldReplicaCpuNs, coldTurns } from '../../core/results/quotients/turn-lengths.ts';
import type { Slice } from '../../core/results/schema.ts';
import type { Part } from '../../core/stats/estimate.ts';
import type { Pair } from '../../core/stats/ratio.ts';
import { byFork, measure, paired } from '../measuring/slices.ts';
import { type BlockSums, costOf, joinBlocks } from './joined-blocks.ts';

const COUNTS: Readonly<Record<SliceCount, (slice: Slice) => number>> = {
  slices: () => 1,
  requests: ({ requests }) => requests,
  answered: ({ requests, unexpected }) => requests - unexpected,
  refused: ({ unexpected, failed }) => unexpected + failed,
  failed: ({ failed }) => failed,
  attempted: ({ requests, failed }) => requests + failed,
  seconds: ({ durationMs }) => durationMs / 1000,
  elapsed_ns: ({ durationMs }) => durationMs * 1e6,
  in_flight: ({ factors }) => Number(factors.in_flight),
  sessions: ({ factors }) => Number(factors.sessions),
  busy_requests: (slice) => beyondShortTurns(slice, 'busy_requests'),
  busy_replica_cpu_ns: (slice) => beyondShortTurns(slice, 'busy_replica_cpu_ns'),
  busy_redis_cpu_ns: (slice) => (wasAsked(slice) ? beyondShortTurns(slice, 'busy_redis_cpu_ns') : 0),
  busy_companion_cpu_ns: (slice) => beyondShortTurns(slice, 'busy_companion_cpu_ns'),
  asked_redis_cpu_ns: (slice) => (wasAsked(slice) ? measure(slice, 'redis_cpu_ns') : 0),
  cold_turns: coldTurns,
  cold_replica_cpu_ns: coldReplicaCpuNs,
  allowed_cores: (slice) => Number(slice.factors.replicas) * measure(slice, 'replica_share_cores'),
};

/** CPU time of a Redis that ran no command in a slice is not a cost of requests. */
function wasAsked({ measures }: Slice): boolean {
  return (measures.redis_commands ?? measures.redis_commands_with_ramp) !== 0;
}

const isCount = (name: Quantity): name is SliceCount => Object.hasOwn(COUNTS, name);

/** @returns NaN for a measure that the slice lacks */
export function quantityOf(slice: Slice, name: Quantity): number {
  return isCount(name) ? COUNTS[name](slice) : measure(slice, name);
}

/** Requests answered as the contract requires. */
export const answered = COUNTS.answered;

/** Requests answered as the contract requires, per second. */
export const throughput = (slice: Slice) => COUNTS.answered(slice) / COUNTS.seconds(slice);

export function amountOf(slice: Slice, amount: Amount | Quantity): number {
  if (typeof amount === 'string') return quantityOf(slice, amount);
  const { sum, by, times, dividedBy } = amount;
  let value = sum.reduce((total, name) => total + quantityOf(slice, name), 0);
  if (by !== undefined) value *= quantityOf(slice, by);
  if (times !== undefined) value *= times;
  return dividedBy === undefined ? value : value / dividedBy;
}

/** Metrics that declare a quotient. */
export type QuotientMetric = {
  [M in Metric]: (typeof METRICS)[M] extends { readonly quotient: Quotient } ? M : never;
}[Metric];

/** Metrics that compare a quotient within blocks. */
export type PairedMetric = {
  [M in Metric]: (typeof METRICS)[M] extends { readonly paired: object } ? M : never;
}[Metric];

/** Metrics with several definitions, distinguished by a factor of the figure. */
export type VariantMetric = {
  [M in Metric]: (typeof METRICS)[M] extends { readonly variants: object } ? M : never;
}[Metric];

export function quotientOf(metric: QuotientMetric): Quotient {
  return METRICS[metric].quotient;
}

/** @throws {RangeError} for a variant that the metric does not declare */
export function variantOf(metric: VariantMetric, variant: string): Quotient {
  const { variants }: MetricInfo = METRICS[metric];
  const found = variants?.[variant];
  if (found === undefined) throw new RangeError(`The metric ${metric} has no variant ${variant}.`);
  return found;
}

/** The quotient that a paired metric compares, and how. */
export function pairedOf(metric: PairedMetric): { readonly as: 'ratio' | 'difference'; readonly of: Quotient } {
  const { as, of } = METRICS[metric].paired;
  return { as, of: quotientOf(of) };
}

export const partOf = (slice: Slice, { numerator, denominator }: Quotient): Part => ({
  numerator: amountOf(slice, numerator),
  denominator: amountOf(slice, denominator),
});

/** The quotient of one slice; NaN if it lacks a measure. */
export function quotientIn(slice: Slice, quotient: Quotient): number {
  const { numerator, denominator } = partOf(slice, quotient);
  return numerator / denominator;
}

/** Whether a slice has a quotient: all measures, and a denominator that is not zero. */
export function hasQuotient(slice: Slice, quotient: Quotient): boolean {
  const { numerator, denominator } = partOf(slice, quotient);
  return Number.isFinite(numerator) && denominator > 0;
}

/** Both parts of a quotient, as `[fork][block]`. */
export function partsOf(slices: readonly Slice[], quotient: Quotient): readonly (readonly Part[])[] {
  return byFork(slices).map((fork) => fork.map((slice) => partOf(slice, quotient)));
}

/**
 * A quotient of two lists of slices, matched by fork and block; slices that lack a measure are omitted. @param as the
 * purpose of the pairs: for a ratio, both have to be positive
 */
export function pairsOf(
  slices: readonly Slice[],
  others: readonly Slice[],
  of: Quotient,
  as: PairedQuotient['as'] = 'ratio',
): readonly (readonly Pair[])[] {
  const complete = (all: readonly Slice[]) => all.filter((slice) => hasQuotient(slice, of));
  return paired(complete(slices), complete(others))
    .map((fork) => {
      const pairs = fork.map(({ slice, baseline }) => ({
        value: quotientIn(slice, of),
        baseline: quotientIn(baseline, of),
      }));
      return as === 'difference' || pairs.every(isPositive) ? pairs : joinedPairs(fork, of).filter(isPositive);
    })
    .filter((fork) => fork.length > 0);
}

const isPositive = ({ value, baseline }: Pair) => value > 0 && baseline > 0;

/** The pairs of blocks, combined until both sides are positive. */
function joinedPairs(
  fork: readonly { readonly slice: Slice; readonly baseline: Slice }[],
  of: Quotient,
): readonly Pair[] {
  const blocks = fork.map(
    ({ slice, baseline }): BlockSums =>
      new Map([
        ['value', partOf(slice, of)],
        ['baseline', partOf(baseline, of)],
      ]),
  );
  return joinBlocks(blocks).map((block) => ({
    value: costOf(block.get('value')),
    baseline: costOf(block.get('baseline')),
  }));
}
