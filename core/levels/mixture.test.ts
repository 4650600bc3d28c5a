import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../stats/random.ts';
import { mixtureOf } from './mixture.ts';

const normal = (random: Random, count: number) => Array.from({ length: count }, () => random.normal());

/** Runs of two kinds; the upper one is 20 standard deviations of the noise above the other. */
function mixed(seed: number, isUpper: (random: Random, i: number) => boolean, level: (i: number) => number = () => 0) {
  const random = createRandom(seed);
  const kinds = Array.from({ length: 60 }, (_, i) => isUpper(random, i));
  return { kinds, values: kinds.map((upper, i) => level(i) + (upper ? 20 : 0) + random.normal()) };
}
const anyOrder = (random: Random) => random.random() < 0.4;

describe('two kinds of run', () => {
  it.each<[string, (random: Random, i: number) => boolean]>([
    ['in any order', anyOrder],
    ['in turns', (_, i) => i % 2 === 1],
    ['in turns of two', (_, i) => i % 4 < 2],
    ['in turns that begin late', (_, i) => i > 25 && i % 2 === 1],
  ])('%s are told apart', (_, isUpper) => {
    const { kinds, values } = mixed(1, isUpper);
    const mixture = mixtureOf(values, 0.01);
    expect(mixture?.isUpper).toEqual(kinds);
    expect(Math.abs((mixture?.offset ?? Number.NaN) - 20)).toBeLessThan(1);
  });

  it.each([
    ['smaller than what is between them', 6],
    ['larger', 30],
    ['larger than all else', 70],
  ])('are told apart on both sides of a step, %s', (_, step) => {
    const { kinds, values } = mixed(2, anyOrder, (i) => (i < 30 ? 0 : step));
    expect(mixtureOf(values, 0.01)?.isUpper).toEqual(kinds);
  });

  it('are separated although one of them changes its level', () => {
    for (const step of [10, -6]) {
      const { kinds, values } = mixed(3, anyOrder);
      const changed = values.map((value, i) => (kinds[i] && i >= 30 ? value + step : value));
      expect(mixtureOf(changed, 0.01)?.isUpper).toEqual(kinds);
    }
  });
});

describe('one kind of run', () => {
  const LONG = 60;
  it.each<[string, (random: Random) => number[]]>([
    ['noise', (random) => normal(random, LONG)],
    ['heavy tails', (random) => normal(random, LONG).map((value) => value / Math.hypot(...normal(random, 3)))],
    ['noise that grows', (random) => normal(random, LONG).map((value, i) => (i < LONG / 2 ? value : 5 * value))],
    ['steps there and back', (random) => normal(random, LONG).map((value, i) => value + (i % 16 < 8 ? 0 : 20))],
    ['a wild run in twenty', (random) => normal(random, LONG).map((value, i) => value + (i % 20 === 7 ? 20 : 0))],
    [
      'a wandering level',
      (random) => normal(random, LONG).map((_, i, all) => all.slice(0, i).reduce((a, b) => a + b, 0)),
    ],
    ['a short series', (random) => normal(random, 16)],
  ])('is not taken for two: %s', (_, make) => {
    const random = createRandom(5);
    const trials = Array.from({ length: 100 }, () => mixtureOf(make(random), 0.01));
    expect(trials.filter((mixture) => mixture !== null).length).toBeLessThanOrEqual(4);
  });

  it('is not searched for in few values', () => {
    expect(mixtureOf([], 0.01)).toBeNull();
    expect(mixtureOf([1, 9, 1, 9, 1, 9], 0.01)).toBeNull();
    expect(
      mixtureOf(
        Array.from({ length: 30 }, () => 5),
        0.01,
      ),
    ).toBeNull();
  });
});
