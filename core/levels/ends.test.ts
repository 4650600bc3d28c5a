import { expect, it } from 'vitest';
import { createRandom } from '../stats/random.ts';
import { withExactEnds } from './ends.ts';
import { fitLevels } from './fit.ts';

it('begins a level of two runs at the first of them, at the end and at the start of a series', () => {
  const random = createRandom(5);
  const end = Array.from({ length: 60 }, (_, i) => (i < 58 ? 0 : 6) + random.normal());
  expect(fitLevels(end, 0).points).toEqual([58]);
  expect(fitLevels(end.toReversed(), 0).points).toEqual([2]);
  const three = Array.from({ length: 60 }, (_, i) => (i < 57 ? 0 : 6) + random.normal());
  expect(fitLevels(three, 0).points).toEqual([57]);
});

it('leaves a longer level alone, and removes one of a single run', () => {
  expect(withExactEnds([0, 0, 0, 0, 0, 1, 9, 9, 9], [3, 5], 3)).toEqual([3, 5]);
  expect(withExactEnds([0, 0, 0, 0, 0, 0, 9, 9], [5], 3)).toEqual([6]);
  expect(withExactEnds([0, 0, 0, 0, 0, 0, 0, 9], [5], 3)).toEqual([]);
  expect(withExactEnds([9, 9, 0, 0, 0, 0, 9, 9], [3, 5], 3)).toEqual([2, 6]);
  expect(withExactEnds([], [], 3)).toEqual([]);
});
