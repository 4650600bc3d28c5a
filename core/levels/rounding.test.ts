import { expect, it } from 'vitest';
import { createRandom } from '../stats/random.ts';
import { roundingOf } from './rounding.ts';

const random = createRandom(1);
const around = (round: (value: number) => number) => Array.from({ length: 60 }, () => round(100 + 2 * random.normal()));

it.each<[string, readonly number[], number]>([
  ['whole numbers', around(Math.round), 0.5],
  ['steps of 5', around((value) => 5 * Math.round(value / 5)), 2.5],
  ['decimal steps', around((value) => Math.round(value / 2) / 10), 0.05],
  ['values that are not rounded', around((value) => value), 0],
  ['two values only', [3.25, 4.5, 3.25, 4.5, 3.25, 4.5], 0],
  ['few values far apart', [300.5, 420.5, 540.5, 300.5, 420.5, 540.5, 300.5], 0],
  ['the same value', [7.5, 7.5, 7.5], 0],
  ['no value', [], 0],
])('finds the error of %s', (_, values, error) => {
  expect(roundingOf(values)).toBeCloseTo(error, 9);
});
