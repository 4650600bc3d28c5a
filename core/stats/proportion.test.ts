import { expect, it } from 'vitest';
import { proportion } from './proportion.ts';

it('gives the published Wilson interval', () => {
  // Newcombe 1998, Statistics in Medicine 17, table I, method 3: 81/263, 15/148, 0/20, 1/29.
  for (const [hits, trials, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const) {
    const found = proportion(hits, trials);
    expect(found.low).toBeCloseTo(low, 4);
    expect(found.high).toBeCloseTo(high, 4);
  }
});

it('is symmetric: hits and misses have mirrored intervals', () => {
  const hit = proportion(3, 40);
  const missed = proportion(37, 40);
  expect(missed.low).toBeCloseTo(1 - hit.high, 12);
  expect(missed.high).toBeCloseTo(1 - hit.low, 12);
});

it('refuses numbers that are not counts', () => {
  for (const [hits, trials] of [
    [1, 0],
    [-1, 5],
    [6, 5],
    [0.5, 5],
  ] as const)
    expect(() => proportion(hits, trials)).toThrow(RangeError);
});
