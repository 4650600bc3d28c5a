import { describe, expect, it } from 'vitest';
import { createRandom } from '../stats/random.ts';
import { farFromNeighbours, implausible } from './apart.ts';

const about = (level: number, count: number) => Array.from({ length: count }, (_, i) => level * (1 + 0.01 * (i % 3)));

describe('implausible values', () => {
  it('are excursions from which the series returns', () => {
    expect(implausible([...about(100, 8), 3, 2, 0, ...about(100, 6)])).toEqual([8, 9, 10]);
    expect(implausible([...about(100, 8), 9000, ...about(100, 6)])).toEqual([8]);
  });

  it('are also those at the start, and one or two at the end', () => {
    expect(implausible([2, ...about(100, 8)])).toEqual([0]);
    expect(implausible([...about(100, 8), 2])).toEqual([8]);
  });

  it('are not a level that persists, however far away', () => {
    expect(implausible([...about(100, 8), ...about(4, 5)])).toEqual([]);
    // Long enough to be a level, although it ended.
    expect(implausible([...about(100, 8), ...about(4, 14), ...about(100, 8)])).toEqual([]);
  });

  it('include a few that are off by a factor of three, if the series returns', () => {
    expect(implausible([...about(100, 8), 27, 25, 30, 26, ...about(100, 6)])).toEqual([8, 9, 10, 11]);
    // Five may be a level, and so may the last ones, after which nothing has returned yet.
    expect(implausible([...about(100, 8), ...about(27, 5), ...about(100, 6)])).toEqual([]);
    expect(implausible([...about(100, 8), 27, 25])).toEqual([]);
  });

  it('are off by more than the noise', () => {
    const random = createRandom(6);
    const noisy = Array.from({ length: 300 }, () => 100 * Math.exp(0.7 * random.normal()));
    expect(implausible(noisy)).toEqual([]);
  });

  it('do not exist among differences, which go below zero', () => {
    const random = createRandom(7);
    const differences = Array.from({ length: 200 }, () => 1 + random.normal());
    expect(differences.filter((value) => value > 0).length).toBeGreaterThan(150);
    expect(implausible(differences)).toEqual([]);
    // One value that marks a failure does not make it a series of differences.
    expect(implausible([...about(100, 8), -1, ...about(100, 8)])).toEqual([8]);
  });

  it('do not exist among values that are often zero', () => {
    expect(implausible([0, 0, 0, 0, 1, 1, 1])).toEqual([]);
    expect(implausible([0, 50, 0, 60, 0, 0, 55, 0])).toEqual([]);
  });
});

describe('values far from their neighbours', () => {
  it('are one or two in a row, and come with a replacement', () => {
    const values = [10, 10.1, 10, 9.9, 20, 10, 10.1, 9.9, 10, 21, 22, 10, 10.1, 9.9, 10];
    const found = farFromNeighbours(values, 0.01);
    expect([...found.keys()]).toEqual([4, 9, 10]);
    for (const stand of found.values()) expect(Math.abs(stand - 10)).toBeLessThan(0.2);
  });

  it('are neither the first values of a level nor points of a steep drift', () => {
    expect(farFromNeighbours([0, 0, 0, 0, 1, 1, 1], 0.003).size).toBe(0);
    expect(farFromNeighbours([...about(10, 8), ...about(20, 8)], 0.01).size).toBe(0);
    expect(
      farFromNeighbours(
        Array.from({ length: 20 }, (_, i) => 5 * i + 0.1 * (i % 2)),
        0.01,
      ).size,
    ).toBe(0);
  });

  it('are not the neighbours of a whole number that repeats', () => {
    const random = createRandom(8);
    const counts = Array.from({ length: 200 }, () => Math.round(46 + 0.3 * random.normal()));
    expect(counts.filter((count) => count === 46).length).toBeGreaterThan(150);
    expect(farFromNeighbours(counts, 0.1).size).toBe(0);
    // If all others are equal, one that differs is far.
    expect([...farFromNeighbours([...Array(15).fill(46), 47, ...Array(15).fill(46)], 0.1).keys()]).toEqual([15]);
  });

  it('are rare in plain noise', () => {
    const random = createRandom(5);
    let count = 0;
    for (let trial = 0; trial < 200; trial++) {
      count += farFromNeighbours(
        Array.from({ length: 50 }, () => random.normal()),
        0,
      ).size;
    }
    expect(count).toBeLessThan(5);
  });
});
