import { describe, expect, it } from 'vitest';
import { createRandom } from './random.ts';
import { StatisticalTestError } from './tests/sample.ts';
import {
  mannWhitney,
  oneSampleTest,
  pairedTest,
  pseudomedianInterval,
  shiftInterval,
  signedRank,
  studentTest,
  welchTest,
} from './tests.ts';

const LOW = [1, 2, 3];
const HIGH = [3, 5, 7];

describe('the tests of means', () => {
  it('gives Student’s statistic, calculated by hand', () => {
    // Means 2 and 5, variances 1 and 4: the pooled variance is 2.5, the error √(2.5 · 2/3).
    const { value, t, degrees, standardError, low, high } = studentTest(LOW, HIGH);
    expect([value, degrees]).toEqual([-3, 4]);
    expect(standardError).toBeCloseTo(Math.sqrt(5 / 3), 12);
    expect(t).toBeCloseTo(-3 / Math.sqrt(5 / 3), 12);
    expect((low + high) / 2).toBeCloseTo(-3, 12);
  });

  it('gives Welch’s degrees of freedom, calculated by hand', () => {
    // (1/3 + 4/3)² / ((1/3)²/2 + (4/3)²/2) = (25/9) / (17/18)
    expect(welchTest(LOW, HIGH).degrees).toBeCloseTo(50 / 17, 12);
  });

  it('tests pairs as their differences', () => {
    expect(pairedTest(HIGH, LOW)).toEqual(oneSampleTest([2, 3, 4]));
    expect(pairedTest(HIGH, LOW, { hypothesis: 3 })).toMatchObject({ t: 0, p: 1, value: 3 });
  });

  it('has one-sided p-values that add to 1, and intervals that end at infinity', () => {
    const less = welchTest(LOW, HIGH, { alternative: 'less' });
    const greater = welchTest(LOW, HIGH, { alternative: 'greater' });
    expect(less.p + greater.p).toBeCloseTo(1, 12);
    expect(2 * less.p).toBeCloseTo(welchTest(LOW, HIGH).p, 12);
    expect([less.low, greater.high]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect(welchTest(LOW, HIGH, { confidence: 1 - 2 * less.p }).high).toBeCloseTo(0, 9);
  });

  it('takes a single number as one of two samples of equal variance', () => {
    expect(studentTest([4], LOW)).toMatchObject({ degrees: 2, value: 2 });
    expect(() => welchTest([4], LOW)).toThrow(/2 or more, not of 1/);
  });

  it('covers the difference in 95 of 100 samples', () => {
    const random = createRandom(11);
    const draw = (spread: number, count: number) => Array.from({ length: count }, () => spread * random.normal());
    let covered = 0;
    for (let i = 0; i < 2000; i++) {
      const { low, high } = welchTest(draw(1, 5), draw(4, 9));
      covered += low <= 0 && high >= 0 ? 1 : 0;
    }
    expect(covered / 2000).toBeGreaterThan(0.93);
    expect(covered / 2000).toBeLessThan(0.97);
  });
});

it('refuses samples that say nothing', () => {
  for (const [first, second] of [
    [[], LOW],
    [[1], [2]],
    [[1, Number.NaN], LOW],
    [
      [5, 5, 5],
      [5, 5],
    ],
  ] as const) {
    expect(() => studentTest(first, second)).toThrow(StatisticalTestError);
  }
  expect(() => pairedTest(LOW, [1, 2])).toThrow('3 and 2 numbers do not form pairs');
  expect(() => oneSampleTest(LOW, { confidence: 95 })).toThrow(/confidence/);
  expect(() => oneSampleTest(LOW, { hypothesis: Number.NaN })).toThrow(/hypothesis/);
});

/** The exact tails by trying every choice, for a few values. */
function everyChoice(ranks: readonly number[], size: number, seen: number) {
  let [lower, upper, all] = [0, 0, 0];
  for (let bits = 0; bits < 2 ** ranks.length; bits++) {
    const chosen = ranks.filter((_, i) => (bits >> i) & 1);
    if (chosen.length !== size) continue;
    const total = chosen.reduce((a, b) => a + b, 0);
    all += 1;
    lower += total <= seen ? 1 : 0;
    upper += total >= seen ? 1 : 0;
  }
  return { lower: lower / all, upper: upper / all };
}

describe('the rank sum test', () => {
  it('gives two of thirty-five choices for three values below four', () => {
    const { statistic, p, exact } = mannWhitney([1, 2, 3], [4, 5, 6, 7]);
    expect({ statistic, exact }).toEqual({ statistic: 0, exact: true });
    expect(p).toBeCloseTo(2 / 35, 15);
  });

  it('counts every choice, with ties too, whichever sample is the larger', () => {
    // Ranks 1, 2.5, 2.5, 4.5, 4.5, 6, 7, of which the first sample has 1, 2.5 and 4.5.
    const [first, second] = [
      [1, 2, 3],
      [2, 3, 4, 5],
    ];
    const { lower, upper } = everyChoice([1, 2.5, 2.5, 4.5, 4.5, 6, 7], 3, 8);
    const p = (alternative: 'less' | 'greater', a = first, b = second) =>
      mannWhitney(a, b, { exact: true, alternative }).p;
    expect(p('less')).toBeCloseTo(lower, 12);
    expect(p('greater')).toBeCloseTo(upper, 12);
    expect(p('greater', second, first)).toBeCloseTo(lower, 12);
    expect(mannWhitney(first, second).exact).toBe(false);
  });

  it('comes close to the normal distribution for forty values each', () => {
    const random = createRandom(3);
    const draw = (shift: number) => Array.from({ length: 40 }, () => shift + random.normal());
    const [first, second] = [draw(0), draw(0.4)];
    const exact = mannWhitney(first, second).p;
    expect(mannWhitney(first, second, { exact: false }).p / exact).toBeCloseTo(1, 1);
    const { low, high } = shiftInterval(first, second);
    expect(mannWhitney(first, second, { hypothesis: low - 1e-9 }).p).toBeLessThan(0.05);
    expect(mannWhitney(first, second, { hypothesis: low + 1e-9 }).p).toBeGreaterThanOrEqual(0.05);
    expect(mannWhitney(first, second, { hypothesis: high + 1e-9 }).p).toBeLessThan(0.05);
  });

  it('calls equal things different in at most five of a hundred samples', () => {
    const random = createRandom(5);
    const draw = () => Array.from({ length: 7 }, () => random.normal());
    let found = 0;
    for (let i = 0; i < 2000; i++) found += mannWhitney(draw(), draw()).p < 0.05 ? 1 : 0;
    expect(found / 2000).toBeLessThanOrEqual(0.055);
    expect(found / 2000).toBeGreaterThan(0.02);
  });
});

describe('the signed rank test', () => {
  it('gives one of thirty-two signs for five positive values', () => {
    expect(signedRank([1, 2, 3, 4, 5], { alternative: 'greater' })).toMatchObject({ statistic: 15, p: 1 / 32 });
    expect(signedRank([1, 2, 3, 4, 5]).p).toBeCloseTo(1 / 16, 15);
  });

  it('leaves out values at the hypothesis', () => {
    const { statistic, exact } = signedRank([3, 4, 5, 6, 2], { hypothesis: 3 });
    expect({ statistic, exact }).toEqual({ statistic: 8.5, exact: false });
    expect(signedRank([1, 2, 3, 0], { exact: true, alternative: 'greater' }).p).toBeCloseTo(1 / 8, 15);
  });

  it('has an interval of the values at which it no longer rejects', () => {
    const values = [1.2, -0.4, 2.7, 3.1, 0.9, 1.75, -1.3, 2.05, 0.35, 1.6];
    const { low, high } = pseudomedianInterval(values);
    for (const [at, outside] of [
      [low, low - 1e-9],
      [high, high + 1e-9],
    ] as const) {
      expect(signedRank(values, { hypothesis: outside, exact: true }).p).toBeLessThan(0.05);
      expect(signedRank(values, { hypothesis: 2 * at - outside, exact: true }).p).toBeGreaterThanOrEqual(0.05);
    }
  });
});

it('refuses ranks that say nothing, and samples too large for an exact distribution', () => {
  expect(() => mannWhitney([], [1])).toThrow(StatisticalTestError);
  expect(() => mannWhitney([1, 1], [1, 1])).toThrow('All numbers are equal.');
  expect(() => signedRank([3, 3], { hypothesis: 3 })).toThrow('All numbers equal the hypothesis.');
  const many = Array.from({ length: 2000 }, (_, i) => i);
  expect(() => mannWhitney(many, many, { exact: true })).toThrow(/exact: false/);
  expect(() => shiftInterval([1, 2], [3], 95)).toThrow(/confidence/);
});
