import { describe, expect, it } from 'vitest';
import { mean, variance } from './location.ts';
import { createRandom, splitMix64, xoshiro128StarStar } from './random.ts';

describe('the generators', () => {
  it('give what the C reference implementation of xoshiro128** 1.1 gives from state 1, 2, 3, 4', () => {
    const next = xoshiro128StarStar(1, 2, 3, 4);
    expect(Array.from({ length: 10 }, next)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it('give what the C reference implementation of SplitMix64 gives from seed 1234567', () => {
    const next = splitMix64(1234567n);
    expect(Array.from({ length: 5 }, next)).toEqual([
      6457827717110365317n,
      3203168211198807973n,
      9817491932198370423n,
      4593380528125082431n,
      16408922859458223821n,
    ]);
  });
});

describe('a stream', () => {
  it('repeats from the same seed and differs for another', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, createRandom(seed).random);
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('derives streams by label alone, whatever was drawn before', () => {
    const fresh = createRandom(1);
    const used = createRandom(1);
    used.random();
    expect(used.derive('order').random()).toBe(fresh.derive('order').random());
    expect(fresh.derive('order').random()).not.toBe(fresh.derive('users').random());
    expect(fresh.derive('a').derive('b').random()).not.toBe(fresh.derive('b').derive('a').random());
  });

  it('draws integers uniformly', () => {
    const random = createRandom(3);
    const counts = new Array<number>(7).fill(0);
    for (let draw = 0; draw < 70_000; draw++) {
      const n = random.integer(7);
      counts[n] = (counts[n] ?? 0) + 1;
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    // The 99.9 % point of chi-square with six degrees of freedom.
    expect(chiSquare).toBeLessThan(22.46);
    expect(counts).toHaveLength(7);
  });

  it('refuses seeds and ranges out of range', () => {
    expect(() => createRandom(-1)).toThrow(RangeError);
    expect(() => createRandom(0.5)).toThrow(RangeError);
    expect(() => createRandom(1).integer(0)).toThrow(RangeError);
  });

  it('shuffles a copy, with all orders equally frequent', () => {
    const random = createRandom(11);
    const items = ['a', 'b', 'c'] as const;
    const counts = new Map<string, number>();
    for (let draw = 0; draw < 6000; draw++) {
      const order = random.shuffle(items).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(items.join('')).toBe('abc');
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  it('has the moments of its distributions', () => {
    const random = createRandom(5);
    const moments = (draw: () => number) => {
      const values = Array.from({ length: 100_000 }, draw);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
    };
    const uniform = moments(random.random);
    expect(uniform.mean).toBeCloseTo(0.5, 2);
    expect(uniform.variance).toBeCloseTo(1 / 12, 2);
    const normal = moments(random.normal);
    expect(Math.abs(normal.mean)).toBeLessThan(0.015);
    expect(Math.abs(normal.variance - 1)).toBeLessThan(0.02);
    const exponential = moments(random.exponential);
    expect(Math.abs(exponential.mean - 1)).toBeLessThan(0.015);
    expect(Math.abs(exponential.variance - 1)).toBeLessThan(0.04);
  });
});

describe('chi-square draws', () => {
  it.each([0.5, 1, 3, 20])('have the mean and the variance of %f degrees of freedom', (degrees) => {
    const random = createRandom(11);
    const draws = Array.from({ length: 40_000 }, () => random.chiSquare(degrees));
    expect(mean(draws) / degrees).toBeCloseTo(1, 1);
    expect(variance(draws) / (2 * degrees)).toBeGreaterThan(0.9);
    expect(variance(draws) / (2 * degrees)).toBeLessThan(1.1);
  });
});
