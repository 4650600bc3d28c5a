import { describe, expect, it } from 'vitest';
import { createRandom } from '../stats/random.ts';
import { farFromNeighbours, implausible } from './apart.ts';

const about = (level: number, count: number) => Array.from({ length: count }, (_, i) => level * (1 + 0.01 * (i % 3)));

describe('implausible values', () => {
  it('are excursions from which a series came back', () => {
    expect(implausible([...about(100, 8), 3, 2, 0, ...about(100, 6)])).toEqual([8, 9, 10]);
    expect(implausible([...about(100, 8), 9000, ...about(100, 6)])).toEqual([8]);
  });

  it('are also those at the start, and one or two at the end', () => {
    expect(implausible([2, ...about(100, 8)])).toEqual([0]);
    expect(implausible([...about(100, 8), 2])).toEqual([8]);
  });

  it('are not a level that stays, however far', () => {
    expect(implausible([...about(100, 8), ...about(4, 5)])).toEqual([]);
    // Long enough to be one, though it ended.
    expect(implausible([...about(100, 8), ...about(4, 14), ...about(100, 8)])).toEqual([]);
  });

  it('do not exist among values that are often zero', () => {
    expect(implausible([0, 0, 0, 0, 1, 1, 1])).toEqual([]);
    expect(implausible([0, 50, 0, 60, 0, 0, 55, 0])).toEqual([]);
  });
});

describe('values far from their neighbours', () => {
  it('are one or two together, and come with a stand-in', () => {
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
