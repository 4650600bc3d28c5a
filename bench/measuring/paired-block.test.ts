import { describe, expect, it } from 'vitest';
import { roundsFor } from './paired-block.ts';

describe('the rounds of a block', () => {
  it('are two before any time is known, so that their order is balanced', () => {
    expect(roundsFor(500, null)).toBe(2);
    expect(roundsFor(500, { rounds: 2, ms: 0 })).toBe(2);
  });

  it.each([
    [{ rounds: 2, ms: 100 }, 10],
    [{ rounds: 6, ms: 500 }, 6],
    [{ rounds: 2, ms: 290 }, 4],
    [{ rounds: 2, ms: 5_000 }, 2],
  ])('fill its time by what earlier ones took, and are even: %o', (earlier, rounds) => {
    expect(roundsFor(500, earlier)).toBe(rounds);
  });
});
