import { describe, expect, it } from 'vitest';
import { createRandom } from './random.ts';
import { oneSampleTest, pairedTest, StatisticalTestError, studentTest, welchTest } from './tests.ts';

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
