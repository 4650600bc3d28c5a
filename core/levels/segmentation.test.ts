import { expect, it } from 'vitest';
import { createRandom } from '../stats/random.ts';
import { segmentation } from './segmentation.ts';

/** The same cost by its definition, with the level found by search. */
function costByHand(part: readonly number[], correlation: number): number {
  const error = (level: number) =>
    part.reduce((sum, value, i) => {
      const off = value - level;
      if (i === 0) return sum + (1 - correlation ** 2) * off ** 2;
      return sum + (off - correlation * ((part[i - 1] as number) - level)) ** 2;
    }, 0);
  let [low, high] = [Math.min(...part), Math.max(...part)];
  for (let step = 0; step < 200; step++) {
    const [a, b] = [low + (high - low) / 3, high - (high - low) / 3];
    if (error(a) < error(b)) high = b;
    else low = a;
  }
  return error((low + high) / 2);
}

/** Tries every segmentation: slow and obviously correct. */
function byTrying(values: readonly number[], correlation: number, minSize: number, penalty: number): number {
  const from = (start: number): number => {
    let least = costByHand(values.slice(start), correlation);
    for (let at = start + minSize; at <= values.length - minSize; at++) {
      least = Math.min(least, costByHand(values.slice(start, at), correlation) + penalty + from(at));
    }
    return least;
  };
  return from(0);
}

it('finds the lowest cost of an exhaustive search', () => {
  const random = createRandom(3);
  for (let trial = 0; trial < 20; trial++) {
    const values = Array.from({ length: 9 }, (_, i) => (i < 4 ? 0 : 3) + random.normal());
    for (const correlation of [0, 0.4, 0.9]) {
      const model = { correlation, drift: 0, minSize: 2, stride: 1 };
      const { score } = segmentation(values, model, 4, (segments, error) => error + 1.5 * (segments - 1));
      expect(score).toBeCloseTo(byTrying(values, correlation, 2, 1.5), 6);
    }
  }
});

it('removes a drift first', () => {
  const values = Array.from({ length: 12 }, (_, i) => 2 * i + (i < 6 ? 0 : 5));
  const model = { correlation: 0, drift: 2, minSize: 3, stride: 1 };
  expect(segmentation(values, model, 3, (segments, error) => error + segments).points).toEqual([6]);
});
