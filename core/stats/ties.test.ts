import { describe, expect, it } from 'vitest';
import { createRandom } from './random.ts';
import { compareAll, differencesIn, pValueOfNoDifference, rankByDifferences, rankWithTies } from './ties.ts';

/** Arms measured in the same drifting blocks, with given true costs. */
function measure(costs: Record<string, number>, noise = 0.02, seed = 1) {
  const random = createRandom(seed);
  const blocks = new Map(Object.keys(costs).map((arm) => [arm, Array.from({ length: 5 }, (): number[] => [])]));
  for (let fork = 0; fork < 5; fork++) {
    for (let block = 0; block < 10; block++) {
      const drift = 1 + random.random();
      for (const [arm, cost] of Object.entries(costs)) {
        blocks.get(arm)?.[fork]?.push(cost * drift * Math.exp(noise * random.normal()));
      }
    }
  }
  return blocks;
}

describe('ranking with ties', () => {
  it('groups arms of equal cost and ranks the others', () => {
    const { arms, groups } = rankWithTies(measure({ dear: 120, twin: 50, other: 50, cheap: 30 }), {
      seed: 1,
      better: 'smaller',
    });
    expect(arms.map(({ rank }) => rank)).toEqual([1, 2, 2, 4]);
    expect(arms[0]?.arm).toBe('cheap');
    expect(groups.map((group) => [...group].sort())).toEqual([['cheap'], ['other', 'twin'], ['dear']]);
  });

  it('reverses if bigger is better', () => {
    const { arms } = rankWithTies(measure({ slow: 100, fast: 200 }), { seed: 1, better: 'bigger' });
    expect(arms).toEqual([
      { arm: 'fast', rank: 1 },
      { arm: 'slow', rank: 2 },
    ]);
  });

  it('allows overlapping groups, since being tied is not transitive', () => {
    // a and c are clearly apart, and b is uncertain between them.
    const blocks = measure({ a: 100, c: 104 }, 0.004);
    const blurred = measure({ b: 102 }, 0.3, 8).get('b') ?? [];
    const withBlur = new Map([...blocks, ['b', blurred] as const]);
    const { groups } = rankWithTies(withBlur, { seed: 1, better: 'smaller' });
    expect(groups.map((group) => [...group].sort())).toEqual([
      ['a', 'b'],
      ['b', 'c'],
    ]);
  });

  it('seldom separates equal arms, however many there are', () => {
    let split = 0;
    for (let seed = 0; seed < 40; seed++) {
      const twins = measure({ a: 50, b: 50, c: 50, d: 50 }, 0.05, 100 + seed);
      if (rankWithTies(twins, { seed, better: 'smaller', resamples: 400 }).groups.length > 1) split++;
    }
    // Expected at most 2 of 40; 7 or more would happen by chance once in some 300 times.
    expect(split).toBeLessThan(7);
  });

  it.each([
    { arms: 35, apart: Number.POSITIVE_INFINITY, groups: 1 },
    { arms: 35, apart: 1, groups: 35 },
    { arms: 60, apart: 20, groups: 41 },
  ])(
    'groups $arms arms that differ from $apart places on in an instant',
    ({ arms: count, apart, groups: expected }) => {
      // After one start, no two of many arms may be separable: without a pivot, that takes 2^35 steps.
      const arms = Array.from({ length: count }, (_, index) => `arm-${index}`);
      const comparisons = arms.flatMap((a, i) =>
        arms.slice(i + 1).map((b, j) => {
          const differ = j + 1 >= apart;
          const ratio = { value: 0.5, low: 0.4, high: differ ? 0.6 : 1.2, confidence: 0.95, blocks: 40, forks: 4 };
          return { a, b, ratio: { ...ratio, pNoDifference: differ ? 0 : 1 } };
        }),
      );
      const { groups } = rankByDifferences(arms, differencesIn(comparisons), { better: 'smaller' });
      expect(groups).toHaveLength(expected);
      expect(groups[0]).toEqual(arms.slice(0, Math.min(apart, count)));
      expect(groups.at(-1)).toEqual(arms.slice(expected - 1));
    },
  );

  it('refuses arms that were not measured in the same blocks', () => {
    const unequal = new Map([
      ['a', [[1, 2]]],
      ['b', [[1]]],
    ]);
    expect(() => compareAll(unequal, { seed: 1 })).toThrow(/same blocks/);
  });
});

describe('the p-value of no difference', () => {
  const ratio = { confidence: 0.95, blocks: 40, forks: 4 };

  it('is 0.05 if a 95 % interval just touches 1', () => {
    expect(pValueOfNoDifference({ ...ratio, value: 1.1, low: 1, high: 1.21 })).toBeCloseTo(0.05, 9);
    expect(pValueOfNoDifference({ ...ratio, value: 0.9, low: 0.8, high: 1 })).toBeCloseTo(0.05, 9);
  });

  it('is 1 if there is no difference or only one block, and 0 for a counted difference', () => {
    expect(pValueOfNoDifference({ ...ratio, value: 1, low: 0.9, high: 1.1 })).toBe(1);
    expect(pValueOfNoDifference({ ...ratio, value: 2, low: 2, high: 2, blocks: 1, forks: 1 })).toBe(1);
    expect(pValueOfNoDifference({ ...ratio, value: 2, low: 2, high: 2 })).toBe(0);
  });
});
