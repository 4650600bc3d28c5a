import { expect, it } from 'vitest';
import { backSubstitution, dot, normalise, takeOut } from './linear-algebra.ts';

it('splits a vector into its part along a direction and a rest at right angles to it', () => {
  const direction = Float64Array.of(3, 4);
  expect(normalise(direction)).toBe(5);
  expect(direction[0]).toBeCloseTo(0.6, 15);
  expect(direction[1]).toBeCloseTo(0.8, 15);
  const vector = Float64Array.of(10, 5);
  expect(takeOut(vector, direction)).toBeCloseTo(10, 14);
  expect(dot(vector, direction)).toBeCloseTo(0, 14);
  expect(vector[0]).toBeCloseTo(4, 14);
  expect(vector[1]).toBeCloseTo(-3, 14);
});

it('solves a triangular system from its last row, and ignores what is below the diagonal', () => {
  const triangle = [
    [2, 1, -1],
    [9, 3, 2],
    [9, 9, 4],
  ];
  expect(backSubstitution(triangle, [1, 13, 8])).toEqual([0, 3, 2]);
  expect(backSubstitution([], [])).toEqual([]);
});
