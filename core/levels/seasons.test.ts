import { describe, expect, it } from 'vitest';
import { createRandom } from '../stats/random.ts';
import { fitLevels } from './fit.ts';
import { seasonOf, withoutSeason } from './seasons.ts';

const WEEK = [0, 0, 0, 0, 0, 3, 5];
const repeating = (count: number, seed: number, step = 0) => {
  const random = createRandom(seed);
  return Array.from(
    { length: count },
    (_, i) => (WEEK[i % 7] as number) + (i < count / 2 ? 0 : step) + random.normal(),
  );
};

it('finds the season and the effect of each place', () => {
  const season = seasonOf(repeating(140, 1), 0.01);
  expect(season?.period).toBe(7);
  const mean = 8 / 7;
  for (const [place, effect] of WEEK.entries()) {
    expect(Math.abs((season?.effects[place] ?? Number.NaN) - (effect - mean))).toBeLessThan(0.7);
  }
  expect(season?.effects.reduce((a, b) => a + b)).toBeCloseTo(0, 9);
});

it('is not misled by a change of level, a drift or outliers', () => {
  const stepped = repeating(140, 2, 20);
  const drifting = repeating(140, 3).map((value, i) => value + i);
  const wild = repeating(140, 4).map((value, i) => ([9, 31, 58, 84, 101, 127].includes(i) ? value + 15 : value));
  for (const values of [stepped, drifting, wild]) expect(seasonOf(values, 0.01)?.period).toBe(7);
});

it('finds an even period, and an alternation', () => {
  const random = createRandom(5);
  const year = Array.from({ length: 96 }, (_, i) => 4 * Math.sin((2 * Math.PI * i) / 12) + random.normal());
  expect(seasonOf(year, 0.01)?.period).toBe(12);
  const alternating = Array.from({ length: 40 }, (_, i) => 46 + (i % 2));
  expect(seasonOf(alternating, 0.01)).toEqual({ period: 2, effects: [-0.5, 0.5] });
  expect(withoutSeason(alternating, { period: 2, effects: [-0.5, 0.5] })).toEqual(alternating.map(() => 46.5));
});

it('keeps the places although values are left out', () => {
  const places = [...Array(140).keys()].filter((place) => ![5, 40, 41, 77, 103].includes(place));
  const all = repeating(140, 7);
  const season = seasonOf(
    places.map((place) => all[place] as number),
    0.01,
    places,
  );
  expect(season?.period).toBe(7);
  for (const [place, effect] of WEEK.entries()) {
    expect(Math.abs((season?.effects[place] ?? Number.NaN) - (effect - 8 / 7))).toBeLessThan(0.7);
  }
  expect(withoutSeason([10, 11], { period: 2, effects: [-1, 1] }, [1, 4])).toEqual([9, 12]);
  // With every second value only, the effects of the others are unknown.
  const even = [...Array(60).keys()].map((i) => 2 * i);
  expect(
    seasonOf(
      even.map((place) => place % 4),
      0.01,
      even,
    )?.period,
  ).not.toBe(2);
});

describe('nothing that repeats', () => {
  it.each([10, 40, 150])(
    'is found in %i values of plain noise at most once in ten, and selected by the fit less often',
    (count) => {
      const random = createRandom(6);
      const series = Array.from({ length: 100 }, () => Array.from({ length: count }, () => random.normal()));
      expect(series.filter((values) => seasonOf(values, 0) !== null).length).toBeLessThanOrEqual(10);
      expect(series.filter((values) => fitLevels(values, 0).season !== null).length).toBeLessThanOrEqual(4);
    },
  );

  it('is not found in a series that is constant, short, or one step', () => {
    expect(seasonOf([], 0.01)).toBeNull();
    expect(seasonOf([1, 2, 1, 2, 1], 0.01)).toBeNull();
    expect(
      seasonOf(
        Array.from({ length: 60 }, () => 5),
        0.01,
      ),
    ).toBeNull();
    expect(
      seasonOf(
        Array.from({ length: 60 }, (_, i) => (i < 30 ? 0 : 1)),
        0.01,
      ),
    ).toBeNull();
  });
});
