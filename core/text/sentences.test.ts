import { expect, test } from 'vitest';
import { THIN } from './format.ts';
import { compareSentence, type Named } from './sentences.ts';

const words = { least: 'costs least', leastPlural: 'cost least', most: 'costs most', mostPlural: 'cost most' };
const item = (name: string, value: number, low: number, high: number): Named => ({
  name,
  value,
  low,
  high,
  unit: 'µs',
});
const a = item('a', 10, 9.6, 10.4);
const b = item('b', 10.2, 9.8, 10.6);
const c = item('c', 30, 29.5, 30.5);

test('distinct items are ranked', () => {
  expect(compareSentence([c, a], words)).toBe(
    `a (10.0${THIN}µs [9.6–10.4]) costs least; c (30.0${THIN}µs [29.5–30.5]) costs most`,
  );
});

test('a tie for the first place is said', () => {
  expect(compareSentence([a, b, c], words)).toBe(
    `a (10.0${THIN}µs [9.6–10.4]) and b (10.2${THIN}µs [9.8–10.6]) cost least (their intervals overlap); c (30.0${THIN}µs [29.5–30.5]) costs most`,
  );
});

test('when all overlap nothing is ranked', () => {
  const sentence = compareSentence([a, b], words);
  expect(sentence).toContain('have overlapping intervals, so no order is given');
  expect(sentence).not.toContain('least');
});

test('what was counted alike is the same, and not merely too close to separate', () => {
  const one = item('one', 2, 2, 2);
  const two = item('two', 2, 2, 2);
  expect(compareSentence([one, two, c], words)).toContain(`one and two (2${THIN}µs each) cost least;`);
  expect(compareSentence([one, two], words)).toBe(`all are equal at 2${THIN}µs`);
});

test('one item alone is not compared, and none gives no sentence', () => {
  expect(compareSentence([a], words)).toContain('only a');
  expect(compareSentence([], words)).toBeNull();
});

test('an item whose interval reaches both ends is named once', () => {
  const wide = item('wide', 20, 10.1, 29.8);
  const sentence = compareSentence([a, wide, c], words) ?? '';
  expect(sentence.split('wide')).toHaveLength(2);
});
