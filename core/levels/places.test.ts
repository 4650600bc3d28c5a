import { expect, it } from 'vitest';
import { createRandom } from '../stats/random.ts';
import { placesOf } from './places.ts';

const NOISE = 0.003;

it('is one place if the noise is far smaller than the step', () => {
  const values = Array.from({ length: 40 }, (_, i) => (i < 20 ? 0 : i < 30 ? 1 : 0) + 0.001 * (i % 3));
  expect(placesOf(values, [20, 30], 0, NOISE)).toEqual([
    { first: 20, last: 20 },
    { first: 30, last: 30 },
  ]);
  expect(placesOf(values, [], 0, NOISE)).toEqual([]);
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
