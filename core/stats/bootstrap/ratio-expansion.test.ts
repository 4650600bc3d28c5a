import { describe, expect, it } from 'vitest';
import { bootstrap } from '../bootstrap.ts';
import { normalQuantile } from '../distributions.ts';
import { estimateRatioOfSums, meanEstimate, meanOf } from '../estimate.ts';
import { createRandom } from '../random.ts';
import { type RatioSample, ratioPercentiles } from './ratio-expansion.ts';
import type { StatisticOfSums } from './resample.ts';

const random = createRandom(31);
const ENDS = [0.025, 0.975];

/** Costs of blocks of unequal size, in forks that differ; `skewed` ones have long tails on one side. */
function parts(forks: number, blocks: number, skewed: boolean) {
  return Array.from({ length: forks }, () => {
    const bias = skewed ? 0.1 * (random.exponential() - 1) : 0.02 * random.normal();
    return Array.from({ length: blocks }, () => {
      const denominator = 500 + random.integer(500);
      const noise = skewed ? 0.3 * (random.exponential() - 1) : 0.05 * random.normal();
      return { numerator: denominator * 33 * (1 + bias + noise), denominator };
    });
  });
}

function sampleOf(forks: readonly (readonly { numerator: number; denominator: number }[])[]): RatioSample {
  let next = 0;
  const starts = Int32Array.from([0, ...forks.map((fork) => (next += fork.length))]);
  const all = forks.flat();
  return {
    numerators: Float64Array.from(all, ({ numerator }) => numerator),
    denominators: Float64Array.from(all, ({ denominator }) => denominator),
    starts,
  };
}

describe('percentiles without resampling', () => {
  it.each([
    [30, 1, false],
    [30, 6, true],
    [100, 3, false],
    [100, 3, true],
  ])('agree with 20,000 draws, for %i forks of %i blocks (skewed: %s)', (forks, blocks, skewed) => {
    const data = parts(forks, blocks, skewed);
    const found = ratioPercentiles(sampleOf(data), ENDS);
    const columns = [data.map((f) => f.map((p) => p.numerator)), data.map((f) => f.map((p) => p.denominator))];
    const statistic: StatisticOfSums = { ofSums: ([a = 0, b = 0]) => a / b };
    const plain = { seed: 1, resamples: 20_000, smallSample: false };
    const { value, low, high } = bootstrap(columns, statistic, plain);
    expect(found?.quotient).toBeCloseTo(value, 6);
    // The standard error of an end is 0.5 % of the width with 20,000 draws, and 1.5 % with 2,000.
    expect(Math.abs((found?.percentiles[0] ?? 0) - low) / (high - low)).toBeLessThan(0.02);
    expect(Math.abs((found?.percentiles[1] ?? 0) - high) / (high - low)).toBeLessThan(0.02);
    const deviation = (high - low) / 2 / normalQuantile(0.975);
    expect(Math.sqrt(found?.variance ?? 0) / deviation).toBeGreaterThan(0.97);
    expect(Math.sqrt(found?.variance ?? 0) / deviation).toBeLessThan(1.03);
  });

  it('follow the skewness: the end on the side of the long tail lies further out', () => {
    const found = ratioPercentiles(sampleOf(parts(40, 1, true)), ENDS);
    const [low = 0, high = 0] = found?.percentiles ?? [];
    const quotient = found?.quotient ?? 0;
    expect((high - quotient) / (quotient - low)).toBeGreaterThan(1.02);
  });

  it('have no width if all requests cost the same, and are unavailable if a block is extreme', () => {
    const exact = Array.from({ length: 40 }, (_, i) => [{ numerator: 3 * (100 + i), denominator: 100 + i }]);
    expect(ratioPercentiles(sampleOf(exact), ENDS)).toMatchObject({ quotient: 3, percentiles: [3, 3], variance: 0 });
    expect(estimateRatioOfSums(exact, { seed: 1 })).toMatchObject({ value: 3, low: 3, high: 3 });
    const wild = parts(40, 1, false);
    wild[7] = [{ numerator: 33e4, denominator: 500 }];
    expect(ratioPercentiles(sampleOf(wild), ENDS)).toBeNull();
    expect(estimateRatioOfSums(wild, { seed: 1 })).toEqual(estimateRatioOfSums(wild, { seed: 1, resamples: 2000 }));
  });

  it('work for the mean of any values, and need no seed', () => {
    const forks = Array.from({ length: 50 }, () =>
      Array.from({ length: 1 + random.integer(4) }, () => random.normal()),
    );
    const one = meanEstimate(forks, { seed: 1 });
    expect(meanEstimate(forks, { seed: 2 })).toEqual(one);
    const drawn = bootstrap([forks], meanOf, { seed: 1, resamples: 20_000 });
    expect(one.high - one.low).toBeCloseTo(drawn.high - drawn.low, 9);
    expect(Math.abs(one.low - drawn.low) / (drawn.high - drawn.low)).toBeLessThan(0.02);
  });
});

it.each([
  [30, 3, false],
  [100, 2, true],
])(
  'intervals of %i forks of %i blocks contain the true value in 93 to 97 % of cases (skewed: %s)',
  (forks, blocks, skewed) => {
    const truth = 33;
    let covered = 0;
    for (let i = 0; i < 1000; i++) {
      const { low, high } = estimateRatioOfSums(parts(forks, blocks, skewed), { seed: i });
      if (low <= truth && truth <= high) covered++;
    }
    expect(covered / 1000).toBeGreaterThan(0.93);
    expect(covered / 1000).toBeLessThan(0.97);
  },
);
