/** The cells of an experiment's grid, and their random order within a block. Pure. */
import type { Factors } from '../../core/results/schema.ts';
import type { Random } from '../../core/stats/random.ts';

/** One point of an experiment's grid. */
export interface Cell {
  readonly arm: string;
  readonly factors: Factors;
  /** The number of the arm's process; default the first. */
  readonly process?: number;
}

/** Every combination of an arm with one level of each factor. */
export function cells(
  arms: readonly string[],
  factors: Readonly<Record<string, readonly (string | number)[]>>,
): readonly Cell[] {
  let combinations: Factors[] = [{}];
  for (const [name, levels] of Object.entries(factors)) {
    combinations = combinations.flatMap((partial) => levels.map((level) => ({ ...partial, [name]: level })));
  }
  return arms.flatMap((arm) => combinations.map((combination) => ({ arm, factors: combination })));
}

/** One block: every cell once, in an order that depends only on seed, fork and block. */
export function randomisedBlock(grid: readonly Cell[], random: Random, fork: number, block: number): readonly Cell[] {
  return random.derive(`fork ${fork} block ${block}`).shuffle(grid);
}
