import { expect, it } from 'vitest';
import { normalCdf, normalQuantile } from './distributions.ts';
import { createRandom, type Random } from './random.ts';
import {
  criticalValues,
  type Design,
  degreesOf,
  designOf,
  extendDesign,
  type SpreadPrior,
  sequentialInterval,
  spent,
  spreadPriorOf,
  trimmed,
} from './sequential.ts';

it('spends a quarter at half of the information, and everything at the end', () => {
  expect(spent(0.05, 1)).toBeCloseTo(0.05, 10);
  expect(spent(0.04, 0.5)).toBeCloseTo(0.01, 10);
  expect(spent(0.01, 0.5)).toBeGreaterThan(spent(0.01, 0.25));
});

// ldbounds (R), Lan–DeMets with the O'Brien–Fleming-like spending function, two-sided 0.05, five equal looks.
it('gives the published critical values', () => {
  const fractions = [0.2, 0.4, 0.6, 0.8, 1];
  const obrienFleming = (fraction: number) => 4 * normalCdf(normalQuantile(0.05 / 4) / Math.sqrt(fraction));
  const values = criticalValues(0.05, fractions, fractions.map(obrienFleming));
  for (const [i, known] of [4.8769, 3.357, 2.6803, 2.2898, 2.031].entries()) {
    expect(values[i]).toBeCloseTo(known, 3);
  }
  expect(criticalValues(0.05, [1])[0]).toBeCloseTo(1.95996, 4);
});

it('refuses fractions that are not ascending', () => {
  expect(() => criticalValues(0.05, [0.5, 0.5])).toThrow(RangeError);
  expect(() => criticalValues(0.05, [1.1])).toThrow(RangeError);
  expect(() => designOf({ confidence: 0.99, firstLook: 2, mostForks: 9 })).toThrow(RangeError);
});

it('does not trim few values, and then has the textbook standard error', () => {
  const { mean, standardError } = trimmed([1, 2, 3, 6]);
  expect(mean).toBe(3);
  // Variance 14/3, over four.
  expect(standardError).toBeCloseTo(Math.sqrt(14 / 3 / 4), 12);
});

it('trims the extremes of many values, at the cost of a larger standard error', () => {
  // Of 20, three at either end go: 4 to 17 are left; winsorised squared errors 2 (4 · 6.5² + 5.5² + … + 0.5²).
  const twenty = trimmed([1000, ...Array.from({ length: 19 }, (_, i) => i + 1)]);
  expect(twenty.mean).toBe(10.5);
  expect(twenty.standardError).toBeCloseTo(Math.sqrt((2 * (4 * 6.5 ** 2 + 71.5)) / 380) / 0.7, 12);
  // Of ten, one and a half: the second and the ninth count by half. Winsorised squared errors are 66.5 with one, 42.5 with two.
  const ten = trimmed([1000, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(ten.mean).toBe(5.5);
  expect(ten.standardError).toBeCloseTo(Math.sqrt(54.5 / 90) / 0.7, 12);
});

it('gains degrees of freedom with every fork', () => {
  for (let forks = 4; forks < 120; forks++) expect(degreesOf(forks + 1)).toBeGreaterThan(degreesOf(forks));
});

/**
 * The mean half-width by number of forks, in standard deviations of a fork. All looks use the same trials, which
 * separates the effect of one more fork from chance.
 */
function meanHalfWidths(design: Design, prior: SpreadPrior | null): number[] {
  const random = createRandom(1);
  const looks = Array.from({ length: design.mostForks - design.firstLook + 1 }, (_, i) => design.firstLook + i);
  const trials = Array.from({ length: 3000 }, () => Array.from({ length: design.mostForks }, () => random.normal()));
  return looks.map(
    (forks) =>
      trials.reduce((sum, values) => sum + sequentialInterval(values.slice(0, forks), design, prior).halfWidth, 0) /
      trials.length,
  );
}

it.each([9, 12, 30])('is narrower after every fork of %i', (mostForks) => {
  const design = designOf({ confidence: 0.99, firstLook: 4, mostForks });
  for (const prior of [null, { deviation: 1, degrees: 20 }]) {
    const halves = meanHalfWidths(design, prior);
    for (const [i, half] of halves.slice(1).entries()) expect(half).toBeLessThan(halves[i] ?? 0);
  }
});

it('is a third as wide at the first of nine forks, and three quarters at the last, with a prior of 20 degrees', () => {
  const design = designOf({ confidence: 0.99, firstLook: 4, mostForks: 9 });
  const expected = [1.8, 1.6, 1.4, 1.3, 1.2, 1.1];
  for (const [i, half] of meanHalfWidths(design, { deviation: 1, degrees: 20 }).entries()) {
    expect(Math.abs(half - (expected[i] ?? 0))).toBeLessThan(0.06);
  }
  const without = meanHalfWidths(design, null);
  expect(without[0]).toBeGreaterThan(4.5);
  expect(without.at(-1)).toBeGreaterThan(1.35);
});

/** Looks after each fork from the first to the last: did the interval ever exclude the truth? */
function everExcludes(
  trials: number,
  mostForks: number,
  seed: number,
  draw: (random: Random) => number,
  priorOf: (random: Random) => SpreadPrior | null = () => null,
): number {
  const random = createRandom(seed);
  const design = designOf({ confidence: 0.95, firstLook: 4, mostForks });
  let missed = 0;
  for (let trial = 0; trial < trials; trial++) {
    const values: number[] = [];
    const prior = priorOf(random);
    for (let fork = 0; fork < mostForks; fork++) {
      values.push(draw(random));
      if (fork + 1 < design.firstLook) continue;
      const { mean, halfWidth } = sequentialInterval(values, design, prior);
      if (Math.abs(mean) > halfWidth) {
        missed++;
        break;
      }
    }
  }
  return missed / trials;
}

it('keeps its error rate over all looks, which naive looks would at least double', () => {
  for (const mostForks of [6, 12, 30]) {
    const missed = everExcludes(3000, mostForks, 7, (random) => random.normal());
    // Three standard errors of 3,000 trials about 5 %.
    expect(missed).toBeGreaterThan(0.03);
    expect(missed).toBeLessThan(0.062);
  }
});

it('keeps it even if one start in eight settles in another state', () => {
  const draw = (random: Random) => random.normal() + (random.random() < 1 / 8 ? (random.random() < 0.5 ? 6 : -6) : 0);
  for (const mostForks of [12, 30]) expect(everExcludes(3000, mostForks, 8, draw)).toBeLessThan(0.062);
});

const group = (random: Random, forks: number, deviation: number) =>
  Array.from({ length: forks }, () => deviation * random.normal());

it('keeps it with a prior from other starts of the same arm, or from other arms whose spreads differ by 20 %', () => {
  const sameArm = (random: Random) => spreadPriorOf(Array.from({ length: 3 }, () => group(random, 10, 1)));
  const otherArms = (random: Random) =>
    spreadPriorOf(Array.from({ length: 4 }, () => group(random, 9, Math.exp(0.2 * random.normal()))));
  for (const mostForks of [6, 12, 30]) {
    for (const prior of [sameArm, otherArms]) {
      expect(everExcludes(3000, mostForks, 12, (random) => random.normal(), prior)).toBeLessThan(0.062);
    }
  }
});

/** The error rate of an arm of this spread beside others of these spreads. */
const besideOthers = (spread: number, others: readonly number[]) =>
  everExcludes(
    3000,
    12,
    13,
    (random) => spread * random.normal(),
    (random) => spreadPriorOf(others.map((deviation) => group(random, 12, deviation))),
  );

it.each([1 / 2, 1 / 3])('keeps it for an arm beside one or two others of %f of its spread', (share) => {
  expect(besideOthers(1, [share])).toBeLessThan(0.062);
  expect(besideOthers(1, [share, share])).toBeLessThan(0.062);
});

it.each([1 / 2, 1 / 3])('keeps it on average over four arms, of which three have %f of the spread of one', (share) => {
  const [noisy, quiet] = [besideOthers(1, [share, share, share]), besideOthers(share, [1, share, share])];
  expect((noisy + 3 * quiet) / 4).toBeLessThan(0.062);
});

it('gives a prior less weight if its groups differ', () => {
  const random = createRandom(5);
  const alike = spreadPriorOf(Array.from({ length: 6 }, () => group(random, 20, 1)));
  const unlike = spreadPriorOf([0.2, 0.5, 1, 2, 4, 8].map((deviation) => group(random, 20, deviation)));
  expect(alike?.degrees).toBeGreaterThan(4);
  expect(alike?.degrees).toBeLessThan(20);
  expect(unlike?.degrees).toBeLessThan(1);
});

it('makes no prior of one or two groups, which do not show how much groups differ', () => {
  const random = createRandom(6);
  const [a, b, c] = [group(random, 9, 1), group(random, 9, 1), group(random, 9, 1)];
  expect(spreadPriorOf([a])).toBeNull();
  expect(spreadPriorOf([a, b, [1], [2, 2, 2]])).toBeNull();
  expect(spreadPriorOf([a, b, c])).not.toBeNull();
});

it('keeps it if forks are added during the run, and spends all of it by the end', () => {
  const first = designOf({ confidence: 0.95, firstLook: 4, mostForks: 9 });
  const extended = extendDesign(first, 6, 14);
  expect(extended.spentBy.slice(0, 3)).toEqual(first.spentBy.slice(0, 3));
  expect(extended.spentBy.at(-1)).toBeCloseTo(first.spentBy.at(-1) ?? 0, 10);
  // There is nothing to extend after its end, or by zero forks.
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
