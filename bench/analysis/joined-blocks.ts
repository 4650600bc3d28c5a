/**
 * Blocks of paired load, ready for logarithms. What long turns cost beyond short ones can be negative in a short block, by
 * noise. To leave such blocks out would favour those where noise went the other way. So a block without a logarithm is taken
 * together with the next one, for all sides alike. Pure.
 */
import type { Part } from '../../core/stats/estimate.ts';

/** Sums of one block, by what is compared: an arm's process, say. */
export type BlockSums = ReadonlyMap<string, Part>;

/** NaN where a block lacks it. */
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
 * @param blocks of one fork, in their order
 * @returns fewer blocks, all positive; or one that is not, where the whole fork is not
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
  // The last one is taken together with those before it.
  while (open !== null) {
    const last = found.pop();
    if (last === undefined) return [open];
    open = added(last, open);
    if (isPositive(open)) return [...found, open];
  }
  return found;
}
