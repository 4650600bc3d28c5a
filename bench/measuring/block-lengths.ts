/** Gives the blocks of an experiment a set length, by what the last block of the same cell took. */
import { performance } from 'node:perf_hooks';

/** The order of turns is balanced over two rounds. */
const BALANCED_ROUNDS = 2;

interface Timed {
  readonly rounds: number;
  readonly ms: number;
}

export class BlockLengths {
  readonly #blockMs: number;
  readonly #now: () => number;
  readonly #last = new Map<string, Timed>();

  /** @param now in ms; tests replace it */
  constructor(blockMs: number, now = () => performance.now()) {
    this.#blockMs = blockMs;
    this.#now = now;
  }

  /**
   * Runs one block, with the number of rounds that fills its time. The first block of a cell has the least balanced
   * number. @param shortest whether this block has it too, since time is over
   */
  async run(cell: string, block: (rounds: number) => Promise<void>, shortest = false): Promise<void> {
    const rounds = shortest ? BALANCED_ROUNDS : this.#roundsIn(cell);
    const startedMs = this.#now();
    await block(rounds);
    this.#last.set(cell, { rounds, ms: this.#now() - startedMs });
  }

  /** The duration of one block of each cell, by the last ones, ms. */
  eachOnceMs(): number {
    return [...this.#last.values()].reduce((sum, { ms }) => sum + ms, 0);
  }

  #roundsIn(cell: string): number {
    const last = this.#last.get(cell);
    if (last === undefined || !(last.ms > 0)) return BALANCED_ROUNDS;
    const rounds = (last.rounds * this.#blockMs) / last.ms;
    return BALANCED_ROUNDS * Math.max(1, Math.round(rounds / BALANCED_ROUNDS));
  }
}
