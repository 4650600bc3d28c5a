import { expect, it } from 'vitest';
import { createRandom, type Random } from './random.ts';
import { criticalValues, designOf, extendDesign, sequentialInterval, spent, trimmed } from './sequential.ts';

it('spends nothing early, all of it at the end', () => {
  expect(spent(0.05, 1)).toBeCloseTo(0.05, 10);
  expect(spent(0.05, 0.2)).toBeLessThan(2e-6);
  expect(spent(0.01, 0.5)).toBeGreaterThan(spent(0.01, 0.25));
});

// ldbounds (R), Lan–DeMets with the O'Brien–Fleming-like spending function, two-sided 0.05, five equal looks.
it('gives the published critical values', () => {
  const values = criticalValues(0.05, [0.2, 0.4, 0.6, 0.8, 1]);
  for (const [i, known] of [4.8769, 3.357, 2.6803, 2.2898, 2.031].entries()) {
    expect(values[i]).toBeCloseTo(known, 3);
  }
  expect(criticalValues(0.05, [1])[0]).toBeCloseTo(1.95996, 4);
});

it('refuses fractions that do not ascend', () => {
  expect(() => criticalValues(0.05, [0.5, 0.5])).toThrow(RangeError);
  expect(() => criticalValues(0.05, [1.1])).toThrow(RangeError);
  expect(() => designOf({ confidence: 0.99, firstLook: 2, mostForks: 9 })).toThrow(RangeError);
});

it('trims nothing of few, and takes the textbook standard error then', () => {
  const { mean, standardError } = trimmed([1, 2, 3, 6]);
  expect(mean).toBe(3);
  // Variance 14/3, over four.
  expect(standardError).toBeCloseTo(Math.sqrt(14 / 3 / 4), 12);
});

it('leaves the extremes of many out, and pays for it in the standard error', () => {
  // Of ten, one at either end goes; winsorised 2, 2, 3 … 9, 9 about 5.5: squared errors 74.5, over 9 · 10, over 0.8.
  const { mean, standardError } = trimmed([1000, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(mean).toBe(5.5);
  expect(standardError).toBeCloseTo(Math.sqrt(66.5 / 90) / 0.8, 12);
});

/** Looks after each fork from the first to the last: did the interval ever exclude the truth? */
function everExcludes(trials: number, mostForks: number, seed: number, draw: (random: Random) => number): number {
  const random = createRandom(seed);
  const design = designOf({ confidence: 0.95, firstLook: 4, mostForks });
  let missed = 0;
  for (let trial = 0; trial < trials; trial++) {
    const values: number[] = [];
    for (let fork = 0; fork < mostForks; fork++) {
      values.push(draw(random));
      if (fork + 1 < design.firstLook) continue;
      const { mean, halfWidth } = sequentialInterval(values, design);
      if (Math.abs(mean) > halfWidth) {
        missed++;
        break;
      }
    }
  }
  return missed / trials;
}

it('keeps its error over all looks together, where naive looks would double it or more', () => {
  for (const mostForks of [6, 12, 30]) {
    const missed = everExcludes(3000, mostForks, 7, (random) => random.normal());
    // Three standard errors of 3,000 trials about 5 %.
    expect(missed).toBeGreaterThan(0.03);
    expect(missed).toBeLessThan(0.062);
  }
});

it('keeps it too where one start in eight settles in another state', () => {
  const draw = (random: Random) => random.normal() + (random.random() < 1 / 8 ? (random.random() < 0.5 ? 6 : -6) : 0);
  for (const mostForks of [12, 30]) expect(everExcludes(3000, mostForks, 8, draw)).toBeLessThan(0.062);
});

it('keeps it where forks are added on the way, and spends all of it by the end', () => {
  const first = designOf({ confidence: 0.95, firstLook: 4, mostForks: 9 });
  const extended = extendDesign(first, 6, 14);
  expect(extended.spentBy.slice(0, 3)).toEqual(first.spentBy.slice(0, 3));
  expect(extended.spentBy.at(-1)).toBeCloseTo(first.spentBy.at(-1) ?? 0, 10);
  // Past its end, or by no fork, there is nothing to extend.
  expect(extendDesign(first, 9, 14)).toBe(first);
  expect(extendDesign(first, 6, 9)).toBe(first);
  const random = createRandom(11);
  let missed = 0;
  for (let trial = 0; trial < 3000; trial++) {
    const values = Array.from({ length: 14 }, () => random.normal());
    const excludes = values.some((_, i) => {
      const { mean, halfWidth } = sequentialInterval(values.slice(0, i + 1), i < 6 ? first : extended);
      return i >= 3 && Math.abs(mean) > halfWidth;
    });
    if (excludes) missed++;
  }
  expect(missed / 3000).toBeGreaterThan(0.03);
  expect(missed / 3000).toBeLessThan(0.062);
});
