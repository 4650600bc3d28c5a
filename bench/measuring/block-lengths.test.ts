import { expect, it } from 'vitest';
import { BlockLengths } from './block-lengths.ts';

/** A block that takes a known time. */
class Blocks {
  readonly rounds: number[] = [];
  #nowMs = 1000;
  readonly lengths = new BlockLengths(500, () => this.#nowMs);

  async take(ms: number, { cell = 'a', shortest = false } = {}): Promise<void> {
    const block = async (rounds: number) => {
      this.rounds.push(rounds);
      this.#nowMs += ms;
    };
    await this.lengths.run(cell, block, shortest);
  }
}

it('has two rounds before any time is known, so that their order is balanced', async () => {
  const blocks = new Blocks();
  await blocks.take(0);
  await blocks.take(100);
  await blocks.take(100, { cell: 'b' });
  expect(blocks.rounds).toEqual([2, 2, 2]);
});

it.each([
  [100, 10],
  [167, 6],
  [290, 4],
  [5_000, 2],
])('fills its time by what the last one took, with an even number: 2 rounds in %d ms', async (ms, rounds) => {
  const blocks = new Blocks();
  await blocks.take(ms);
  await blocks.take(1);
  expect(blocks.rounds).toEqual([2, rounds]);
});

it('goes by the last block of the same cell, and is short on request', async () => {
  const blocks = new Blocks();
  await blocks.take(100);
  await blocks.take(250, { cell: 'b' });
  await blocks.take(500);
  await blocks.take(500, { shortest: true });
  await blocks.take(1, { cell: 'b' });
  expect(blocks.rounds).toEqual([2, 2, 10, 2, 4]);
  expect(blocks.lengths.eachOnceMs()).toBe(501);
});
