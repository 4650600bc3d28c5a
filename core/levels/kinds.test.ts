import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../stats/random.ts';
import { addedByKind, kindsIn } from './kinds.ts';

/** @param kindAt the kind of each of 90 runs; kinds are 20 standard deviations of the noise apart */
function mixed(seed: number, kindAt: (random: Random, i: number) => number, step = 0) {
  const random = createRandom(seed);
  const kinds = Array.from({ length: 90 }, (_, i) => kindAt(random, i));
  return { kinds, values: kinds.map((kind, i) => 20 * kind + (i < 40 ? 0 : step) + random.normal()) };
}

describe('kinds of run', () => {
  it.each<[string, (random: Random, i: number) => number, number]>([
    ['two', (random) => random.integer(2), 2],
    ['three', (random) => random.integer(3), 3],
    ['three, one of them rare', (random) => (random.random() < 0.15 ? 2 : random.integer(2)), 3],
    ['three in turns', (_, i) => i % 3, 3],
    ['five', (random) => random.integer(5), 5],
  ])('are distinguished on both sides of a step: %s', (_, kindAt, count) => {
    const { kinds, values } = mixed(3, kindAt, 6);
    const found = kindsIn(values, 0.01);
    expect(found?.kindOf).toEqual(kinds);
    expect(found?.offsets).toHaveLength(count);
    for (const [kind, offset] of (found?.offsets ?? []).entries())
      expect(Math.abs(offset - 20 * kind)).toBeLessThan(1.5);
  });

  it('belong to the nearest level if a run is an outlier', () => {
    const { kinds, values } = mixed(4, (random) => random.integer(3));
    const found = kindsIn(
      values.map((value, i) => (i === 30 ? 500 : value)),
      0.01,
    );
    expect(found?.kindOf.filter((kind, i) => kind !== kinds[i] && i !== 30)).toEqual([]);
  });

  it('add to the level of the most frequent one', () => {
    expect(addedByKind({ offsets: [0, 3], kindOf: [1, 0, 0] })).toEqual([3, 0, 0]);
    expect(addedByKind({ offsets: [0, 3], kindOf: [1, 0, 1] })).toEqual([0, -3, 0]);
    expect(addedByKind({ offsets: [0, 3, 5], kindOf: [0, 1, 1, 2] })).toEqual([-3, 0, 0, 2]);
  });
});

it.each<[string, (random: Random, i: number) => number]>([
  ['noise', (random) => random.normal()],
  ['heavy tails', (random) => random.normal() / Math.hypot(random.normal(), random.normal(), random.normal())],
  ['noise that grows', (random, i) => (i < 45 ? 1 : 5) * random.normal()],
  ['levels one after another', (random, i) => 20 * (Math.floor(i / 12) % 4) + random.normal()],
  ['a steady drift', (random, i) => i + random.normal()],
  ['few whole numbers', (random) => Math.round(random.normal())],
])('are not detected in %s', (_, make) => {
  const random = createRandom(5);
  const found = Array.from({ length: 100 }, () =>
    kindsIn(
      Array.from({ length: 90 }, (_, i) => make(random, i)),
      0.5,
    ),
  );
  expect(found.filter((kinds) => kinds !== null && kinds.offsets.length > 2)).toEqual([]);
});
