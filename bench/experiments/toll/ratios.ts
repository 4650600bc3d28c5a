/**
 * Ratios of the toll: log costs of every arm by fork and block, and the estimator that uses all arms together. Pure.
 */
import type { Quotient } from '../../../core/results/quotients/quotient.ts';
import type { Slice } from '../../../core/results/schema.ts';
import type { ForkCosts } from '../../../core/stats/fork-costs.ts';
import { type PooledRatios, pooledRatios } from '../../../core/stats/pooled.ts';
import { type BlockSums, costOf, joinBlocks } from '../../analysis/joined-blocks.ts';
import { hasQuotient, partOf } from '../../analysis/quotients.ts';
import { byFork } from '../../measuring/slices.ts';

/**
 * @returns one string for each process of each arm, shared between its slices, of which there are hundreds of
 * thousands
 */
function keys(): (slice: Slice) => string {
  const known = new Map<string | null, string[]>();
  return ({ arm, process = 0 }) => {
    const ofArm = known.get(arm) ?? [];
    known.set(arm, ofArm);
    ofArm[process] ??= JSON.stringify([arm, process]);
    return ofArm[process];
  };
}

interface Series {
  readonly arm: string;
  /** By block. */
  readonly logs: number[];
}

/**
 * The series of each process in a fork with only positive costs, as nearly always. No blocks need joining, and in a
 * large journal their sums would take more memory than all slices. @param fork slices in the order of their blocks
 * @returns null for any other fork
 */
function plainSeries(fork: readonly Slice[], cost: Quotient, keyOf: (slice: Slice) => string): Series[] | null {
  const found = new Map<string, Series>();
  let at = -1;
  let block: number | null = null;
  for (const slice of fork) {
    const value = costOf(partOf(slice, cost));
    if (!(value > 0)) return null;
    if (slice.block !== block) at++;
    block = slice.block;
    const key = keyOf(slice);
    const series = found.get(key) ?? { arm: slice.arm ?? '', logs: [] };
    found.set(key, series);
    while (series.logs.length < at) series.logs.push(Number.NaN);
    series.logs[at] = Math.log(value);
  }
  for (const { logs } of found.values()) while (logs.length <= at) logs.push(Number.NaN);
  return [...found.values()];
}

/** The same with joined blocks. */
function joinedSeries(fork: readonly Slice[], cost: Quotient, keyOf: (slice: Slice) => string): Series[] {
  const perBlock = [...Map.groupBy(fork, ({ block }) => block).values()].map(
    (slices) => new Map(slices.map((slice) => [keyOf(slice), partOf(slice, cost)])),
  );
  const blocks = joinBlocks(perBlock);
  const firstOf = new Map(fork.map((slice) => [keyOf(slice), slice]));
  return [...firstOf].map(([key, { arm }]) => ({ arm: arm ?? '', logs: logsOf(blocks, key) }));
}

function logsOf(blocks: readonly BlockSums[], key: string): number[] {
  return blocks.map((block) => {
    const cost = costOf(block.get(key));
    return cost > 0 ? Math.log(cost) : Number.NaN;
  });
}

/** @param level slices of every arm at one load */
export function forkCosts(level: readonly Slice[], baseline: string, cost: Quotient): readonly ForkCosts[] {
  const keyOf = keys();
  return byFork(level.filter((slice) => hasQuotient(slice, cost))).map((fork) => {
    const series = plainSeries(fork, cost, keyOf) ?? joinedSeries(fork, cost, keyOf);
    return {
      arms: new Map(series.filter(({ arm }) => arm !== baseline).map(({ arm, logs }) => [arm, logs])),
      baseline: series.filter(({ arm }) => arm === baseline).map(({ logs }) => logs),
    };
  });
}

export function tollRatios(level: readonly Slice[], baseline: string, cost: Quotient, seed: number): PooledRatios {
  return pooledRatios(forkCosts(level, baseline, cost), { seed });
}
