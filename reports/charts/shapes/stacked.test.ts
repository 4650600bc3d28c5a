import { expect, test } from 'vitest';
import { layLegend, stack } from './stacked.ts';

const parts = ['a', 'b', 'c'].map((name) => ({ name, colour: name }));

test('parts are stacked from zero', () => {
  expect(stack([1, 2, 3], parts)).toEqual([
    { from: 0, to: 1, colour: 'a', part: 0 },
    { from: 1, to: 3, colour: 'b', part: 1 },
    { from: 3, to: 6, colour: 'c', part: 2 },
  ]);
});

test('a negative part goes to the left of zero and moves no other', () => {
  expect(stack([1, -2, 3], parts)).toEqual([
    { from: 0, to: 1, colour: 'a', part: 0 },
    { from: 0, to: -2, colour: 'b', part: 1 },
    { from: 1, to: 4, colour: 'c', part: 2 },
  ]);
});

test('an empty part is not drawn', () => {
  expect(stack([0, 2], parts)).toEqual([{ from: 0, to: 2, colour: 'b', part: 1 }]);
});

test('a legend continues on the next line at the right edge, and never begins with an empty one', () => {
  const long = { name: 'x'.repeat(40), colour: '' };
  expect(layLegend([long, long], 300).map(({ x, y }) => [x, y])).toEqual([
    [0, 0],
    [0, 20],
  ]);
  expect(layLegend(parts, 300).every(({ y }) => y === 0)).toBe(true);
});
