/**
 * Reduces the costs of arms in blocks to one number per arm and fork: removes the machine's speed in each block, then
 * takes a trimmed mean of the blocks' logarithms. Differences of these numbers are log ratios within blocks.
 */
import { mean, trimmedError, trimmedMean } from './location.ts';

/** The logarithms of costs by block, in one fork. NaN, or a shorter array, marks a missing cost. */
export interface ForkCosts {
  readonly arms: ReadonlyMap<string, readonly number[]>;
  /** One series for each process of the baseline; empty if there is no baseline. */
  readonly baseline: readonly (readonly number[])[];
}

/** The result of a series in one fork. */
export interface ForkCell {
  readonly value: number;
  readonly blocks: number;
  /** The standard error from block noise alone; NaN for a single block. */
  readonly standardError: number;
}

export interface ForkCells {
  readonly arms: ReadonlyMap<string, ForkCell>;
  readonly baseline: readonly ForkCell[];
}

/** The share of blocks trimmed at either end, so that a stall of the machine moves no figure. */
export const BLOCK_TRIM = 0.2;

/** Series that share no block with another one are omitted: they cannot be compared. */
export function cellsOf({ arms, baseline }: ForkCosts): ForkCells {
  const names = [...arms.keys()];
  const levelled = withoutBlockEffects([...arms.values(), ...baseline]);
  const cells = levelled.map(cellOf);
  return {
    arms: new Map(
      names.flatMap((name, index) => {
        const cell = cells[index];
        return cell ? [[name, cell] as const] : [];
      }),
    ),
    baseline: cells.slice(names.length).filter((cell) => cell !== null),
  };
}

function cellOf(levelled: readonly number[]): ForkCell | null {
  const values = levelled.filter(Number.isFinite);
  if (values.length === 0) return null;
  const standardError = values.length > 1 ? trimmedError(values, BLOCK_TRIM).standardError : Number.NaN;
  return { value: trimmedMean(values, BLOCK_TRIM), blocks: values.length, standardError };
}

const SWEEPS = 100;

/**
 * The residuals after removing the level of each block, which is fitted by least squares in the additive model
 * "series + block". With complete data it is the mean of the block.
 */
function withoutBlockEffects(series: readonly (readonly number[])[]): number[][] {
  const blocks = Math.max(0, ...series.map((values) => values.length));
  const left = series.map((values) => Array.from({ length: blocks }, (_, block) => values[block] ?? Number.NaN));
  for (let block = 0; block < blocks; block++) {
    const present = left.filter((values) => Number.isFinite(values[block]));
    if (present.length < 2) for (const values of left) values[block] = Number.NaN;
  }
  const isComplete = left.every((values) => values.every(Number.isFinite));
  const effects = left.map(() => 0);
  for (let sweep = 0; sweep < (isComplete ? 1 : SWEEPS); sweep++) {
    let moved = 0;
    for (let block = 0; block < blocks; block++) {
      const residuals = left
        .map((values, s) => (values[block] as number) - (effects[s] as number))
        .filter(Number.isFinite);
      if (residuals.length === 0) continue;
      const level = mean(residuals);
      moved = Math.max(moved, Math.abs(level));
      for (const values of left) values[block] = (values[block] as number) - level;
    }
    for (const [s, values] of left.entries()) {
      const present = values.filter(Number.isFinite);
      if (present.length > 0) effects[s] = mean(present);
    }
    if (moved < 1e-13) break;
  }
  return left;
}
