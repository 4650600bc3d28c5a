/** Ratios of the toll: log costs of every arm by fork and block, and the estimator that takes all arms together. Pure. */
import type { Quotient } from '../../../core/results/quotient.ts';
import type { Slice } from '../../../core/results/schema.ts';
import type { ForkCosts } from '../../../core/stats/fork-costs.ts';
import { type PooledRatios, pooledRatios } from '../../../core/stats/pooled.ts';
import { type BlockSums, costOf, joinBlocks } from '../../analysis/joined-blocks.ts';
import { hasQuotient, partOf } from '../../analysis/quotients.ts';
import { byFork } from '../../measuring/slices.ts';

/** @returns one text for each process of each arm, however many slices it has: they are held by the hundred thousand */
function keys(): (slice: Slice) => string {
  const known = new Map<string | null, string[]>();
  return ({ arm, process = 0 }) => {
    const ofArm = known.get(arm) ?? [];
    known.set(arm, ofArm);
    ofArm[process] ??= JSON.stringify([arm, process]);
    return ofArm[process];
  };
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
    const perBlock = [...Map.groupBy(fork, ({ block }) => block).values()].map(
      (slices) => new Map(slices.map((slice) => [keyOf(slice), partOf(slice, cost)])),
    );
    const blocks = joinBlocks(perBlock);
    const firstOf = new Map(fork.map((slice) => [keyOf(slice), slice]));
    const series = [...firstOf].map(([key, { arm }]) => ({ arm: arm ?? '', logs: logsOf(blocks, key) }));
    return {
      arms: new Map(series.filter(({ arm }) => arm !== baseline).map(({ arm, logs }) => [arm, logs])),
      baseline: series.filter(({ arm }) => arm === baseline).map(({ logs }) => logs),
    };
  });
}

export function tollRatios(level: readonly Slice[], baseline: string, cost: Quotient, seed: number): PooledRatios {
  return pooledRatios(forkCosts(level, baseline, cost), { seed });
}
