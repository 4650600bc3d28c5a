import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../core/stats/random.ts';
import { type OrderOptions, turnOrder } from './order.ts';

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Counted turns only, by participant and length: their mean position among the counted ones. */
function middles(options: OrderOptions, seed: number): number[] {
  const counted = turnOrder(options, createRandom(seed)).filter(({ counts }) => counts);
  return Array.from({ length: options.participants }, (_, participant) => participant).flatMap((participant) =>
    Array.from({ length: options.lengths }, (_, length) =>
      mean(
        counted.flatMap((turn, place) => (turn.participant === participant && turn.length === length ? [place] : [])),
      ),
    ),
  );
}

const shapes = [
  { participants: 10, lengths: 2, rounds: 4 },
  { participants: 2, lengths: 2, rounds: 6 },
  { participants: 3, lengths: 3, rounds: 2 },
  { participants: 7, lengths: 1, rounds: 8 },
];

describe.each(shapes)('the order of $rounds rounds, $participants participants and $lengths lengths', (options) => {
  it.each([1, 2, 3, 4, 5])('centres all turns on the same point, with seed %i', (seed) => {
    const { participants, lengths, rounds } = options;
    const middle = (participants * lengths * rounds - 1) / 2;
    for (const each of middles(options, seed)) expect(each).toBeCloseTo(middle, 9);
  });

  it('gives each participant one turn of each length in each round', () => {
    const { participants, lengths, rounds } = options;
    const counted = turnOrder(options, createRandom(1)).filter(({ counts }) => counts);
    expect(counted).toHaveLength(participants * lengths * rounds);
    for (let i = 0; i < rounds; i++) {
      const round = counted.slice(i * participants * lengths, (i + 1) * participants * lengths);
      expect(new Set(round.map(({ participant, length }) => `${participant} ${length}`)).size).toBe(round.length);
    }
  });

  it('depends on the seed', () => {
    expect(turnOrder(options, createRandom(1))).toEqual(turnOrder(options, createRandom(1)));
    const orders = [1, 2, 3, 4].map((seed) => JSON.stringify(turnOrder(options, createRandom(seed))));
    expect(new Set(orders).size).toBeGreaterThan(1);
  });
});

it.each(shapes.filter(({ lengths }) => lengths > 1))(
  'never lets a participant follow itself, or begin with a counted turn: %o',
  (options) => {
    for (let seed = 0; seed < 20; seed++) {
      const turns = turnOrder(options, createRandom(seed));
      expect(turns[0]?.counts).toBe(false);
      for (const [i, { participant }] of turns.entries()) expect(turns[i + 1]?.participant).not.toBe(participant);
      expect(turns.filter(({ counts }) => !counts).length).toBeLessThanOrEqual(1 + options.rounds);
    }
  },
);

it('gives a single participant its turns, all of which count', () => {
  const turns = turnOrder({ participants: 1, lengths: 2, rounds: 2 }, createRandom(1));
  expect(turns.map(({ participant, counts }) => [participant, counts])).toEqual(Array(4).fill([0, true]));
});
