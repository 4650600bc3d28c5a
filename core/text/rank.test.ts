import { expect, test } from 'vitest';
import { overlaps, rank } from './rank.ts';

const a = { name: 'a', value: 1, low: 0.9, high: 1.1 };
const b = { name: 'b', value: 1.05, low: 0.95, high: 1.2 };
const c = { name: 'c', value: 3, low: 2.9, high: 3.1 };

test('intervals overlap when they share a point', () => {
  expect(overlaps(a, b)).toBe(true);
  expect(overlaps(a, { value: 1.15, low: 1.1, high: 1.2 })).toBe(true);
  expect(overlaps(a, c)).toBe(false);
});

test('those that overlap the smallest share its place', () => {
  const ranking = rank([c, b, a]);
  expect(ranking?.ordered).toEqual([a, b, c]);
  expect(ranking?.least).toEqual([a, b]);
  expect(ranking?.most).toEqual([c]);
});

test('an empty list has no ranking', () => {
  expect(rank([])).toBeNull();
});
