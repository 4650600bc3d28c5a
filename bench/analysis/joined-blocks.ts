/**
 * Blocks of paired load, prepared for logarithms. In a short block, noise can make the difference between long and
 * short turns negative. Dropping such blocks would introduce a bias. So a block without a logarithm is combined with
 * the next one, for all sides alike. Pure.
 */
import type { Part } from '../../core/stats/estimate.ts';

/** Sums of one block, by side of the comparison, such as an arm's process. */
export type BlockSums = ReadonlyMap<string, Part>;

/** NaN if a block lacks it. */
export const costOf = (part: Part | undefined): number =>
  part === undefined ? Number.NaN : part.numerator / part.denominator;

function added(one: BlockSums, other: BlockSums): BlockSums {
  const sums = new Map(one);
  for (const [key, { numerator, denominator }] of other) {
    const part = sums.get(key) ?? { numerator: 0, denominator: 0 };
    sums.set(key, { numerator: part.numerator + numerator, denominator: part.denominator + denominator });
  }
  return sums;
}

const isPositive = (block: BlockSums) => [...block.values()].every((part) => costOf(part) > 0);

/**
 * @param blocks of one fork, in order @returns fewer blocks, all positive; or one that is not, if the sum of the
 * whole fork is not
 */
export function joinBlocks(blocks: readonly BlockSums[]): BlockSums[] {
  const found: BlockSums[] = [];
  let open: BlockSums | null = null;
  for (const block of blocks) {
    open = open === null ? block : added(open, block);
    if (isPositive(open)) {
      found.push(open);
      open = null;
    }
  }
  // The last one is combined with those before it.
  while (open !== null) {
    const last = found.pop();
    if (last === undefined) return [open];
    open = added(last, open);
    if (isPositive(open)) return [...found, open];
  }
  return found;
}
