import { expect, it } from 'vitest';
import { createRandom } from '../stats/random.ts';
import { placesOf } from './places.ts';

const NOISE = 0.003;

it('is one place if the noise is far smaller than the step', () => {
  const values = Array.from({ length: 40 }, (_, i) => (i < 20 ? 0 : i < 30 ? 1 : 0) + 0.001 * (i % 3));
  expect(placesOf(values, [20, 30], 0, NOISE)).toMatchObject([
    { first: 20, last: 20 },
    { first: 30, last: 30 },
  ]);
  expect(placesOf(values, [], 0, NOISE)).toEqual([]);
});

it('has evidence that grows with the square of the step, and little of a step that is none', () => {
  const random = createRandom(13);
  const noise = Array.from({ length: 200 }, () => random.normal());
  const evidenceOf = (size: number) =>
    placesOf(
      noise.map((value, i) => value + (i < 100 ? 0 : size)),
      [100],
      0,
      0,
    )[0]?.evidence ?? 0;
  expect(evidenceOf(0)).toBeLessThan(5);
  // Half of the values are 0.5 below their common mean and half above: 200 · ln(1 + 0.5²).
  expect(evidenceOf(1)).toBeGreaterThan(25);
  expect(evidenceOf(1)).toBeLessThan(70);
  expect(evidenceOf(2)).toBeGreaterThan(110);
});

it.each([
  [2, 0],
  [3, 0],
  [3, 0.5],
])(
  'holds the true place of a step of %d deviations, with correlation %d, in at least 97 %% of the series',
  (size, correlation) => {
    const random = createRandom(12);
    const trials = 400;
    let held = 0;
    let width = 0;
    for (let trial = 0; trial < trials; trial++) {
      let noise = random.normal();
      const values = Array.from({ length: 80 }, (_, i) => {
        noise = correlation * noise + Math.sqrt(1 - correlation ** 2) * random.normal();
        return noise + (i < 40 ? 0 : size);
      });
      // The place where a fit would put it: with the lowest squared error about two levels.
      const error = (at: number) => values.reduce((sum, value, i) => sum + (value - (i < at ? 0 : size)) ** 2, 0);
      const places = Array.from({ length: 74 }, (_, i) => i + 3);
      const best = places.reduce((a, b) => (error(b) < error(a) ? b : a));
      const [range] = placesOf(values, [best], correlation, 0);
      if (range === undefined) throw new Error('there is a range');
      if (range.first <= 40 && range.last >= 40) held++;
      width += range.last - range.first + 1;
    }
    expect(held / trials).toBeGreaterThanOrEqual(0.97);
    expect(width / trials).toBeLessThan(16);
  },
);
