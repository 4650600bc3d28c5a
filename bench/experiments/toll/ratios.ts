/** Ratios of the toll: log costs of every arm by fork and block, and the estimator that takes all arms together. Pure. */
import type { Quotient } from '../../../core/results/quotient.ts';
import type { Slice } from '../../../core/results/schema.ts';
import type { Part } from '../../../core/stats/estimate.ts';
import type { ForkCosts } from '../../../core/stats/fork-costs.ts';
import { type PooledRatios, pooledRatios } from '../../../core/stats/pooled.ts';
import { hasQuotient, partOf } from '../../analysis/quotients.ts';
import { byFork } from '../../measuring/slices.ts';

/** Of one process of an arm in one fork, or in one block of it. */
type Sums = ReadonlyMap<string, Part>;

const keyOf = ({ arm, process = 0 }: Slice) => JSON.stringify([arm, process]);

const costOf = (part: Part | undefined) => (part === undefined ? Number.NaN : part.numerator / part.denominator);

function joined(one: Sums, other: Sums): Sums {
  const sums = new Map(one);
  for (const [key, { numerator, denominator }] of other) {
    const part = sums.get(key) ?? { numerator: 0, denominator: 0 };
    sums.set(key, { numerator: part.numerator + numerator, denominator: part.denominator + denominator });
  }
  return sums;
}

/**
 * What long turns cost beyond short ones can be negative in one block, by noise, and then has no logarithm. To leave it out
 * would favour the other side. So such a block is taken together with the next one, for all arms alike; the last one with
 * the one before.
 */
function positiveBlocks(blocks: readonly Sums[]): readonly Sums[] {
  const found: Sums[] = [];
  let open: Sums | null = null;
  for (const block of blocks) {
    open = open === null ? block : joined(open, block);
    if ([...open.values()].every((part) => costOf(part) > 0)) {
      found.push(open);
      open = null;
    }
  }
  if (open === null) return found;
  const last = found.pop();
  return [...found, last === undefined ? open : joined(last, open)];
}

function logsOf(blocks: readonly Sums[], key: string): number[] {
  return blocks.map((block) => {
    const cost = costOf(block.get(key));
    return cost > 0 ? Math.log(cost) : Number.NaN;
  });
}

/** @param level slices of every arm at one load */
export function forkCosts(level: readonly Slice[], baseline: string, cost: Quotient): readonly ForkCosts[] {
  return byFork(level.filter((slice) => hasQuotient(slice, cost))).map((fork) => {
    const perBlock = [...Map.groupBy(fork, ({ block }) => block).values()].map(
      (slices) => new Map(slices.map((slice) => [keyOf(slice), partOf(slice, cost)])),
    );
    const blocks = positiveBlocks(perBlock);
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
