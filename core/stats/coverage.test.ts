/**
 * Coverage of the intervals on data from known parameters. The noise is like that of paired blocks on a small
 * machine: log-normal, with outliers on one side, and an effect of each fork shared by its blocks.
 */
import { describe, expect, it } from 'vitest';
import { estimateRatioOfSums } from './estimate.ts';
import { createRandom } from './random.ts';
import { type Pair, pairedRatio } from './ratio.ts';

const REPLICATIONS = 1000;
const RESAMPLES = 500;
const OUTLIER_SHARE = 0.03;
const OUTLIER_MEAN = 0.12;

interface Noise {
  readonly betweenForks: number;
  readonly withinForks: number;
}

/** Pairs whose log ratio has the mean `OUTLIER_SHARE × OUTLIER_MEAN`; the machine's drift is common to both. */
function simulate(forks: number, blocks: number, noise: Noise, random: ReturnType<typeof createRandom>): Pair[][] {
  return Array.from({ length: forks }, () => {
    const bias = noise.betweenForks * random.normal();
    return Array.from({ length: blocks }, () => {
      const outlier = random.random() < OUTLIER_SHARE ? OUTLIER_MEAN * random.exponential() : 0;
      const baseline = 30 * Math.exp(0.3 * random.normal());
      return { value: baseline * Math.exp(bias + noise.withinForks * random.normal() + outlier), baseline };
    });
  });
}

function coverage(forks: number, blocks: number, noise: Noise): number {
  const random = createRandom(20).derive(`${forks} x ${blocks}`);
  const truth = Math.exp(OUTLIER_SHARE * OUTLIER_MEAN);
  let covered = 0;
  for (let seed = 0; seed < REPLICATIONS; seed++) {
    const { low, high } = pairedRatio(simulate(forks, blocks, noise, random), { seed, resamples: RESAMPLES });
    if (low <= truth && truth <= high) covered++;
  }
  return covered / REPLICATIONS;
}

const NOISES = [
  { betweenForks: 0.015, withinForks: 0.05 },
  { betweenForks: 0.01, withinForks: 0.07 },
  { betweenForks: 0.02, withinForks: 0.03 },
];

describe.each(NOISES)('with forks that differ by $betweenForks and blocks by $withinForks, 95 % intervals', (noise) => {
  it.each([
    [4, 8],
    [5, 10],
    [6, 12],
    [8, 20],
  ])('hold the truth 93 to 97 times in a hundred with %i forks of %i blocks', (forks, blocks) => {
    const share = coverage(forks, blocks, noise);
    expect(share).toBeGreaterThan(0.93);
    expect(share).toBeLessThan(0.97);
  });

  it('contain the truth no less often with two forks of ten blocks, where they are very wide', () => {
    const share = coverage(2, 10, noise);
    expect(share).toBeGreaterThan(0.94);
    expect(share).toBeLessThan(0.985);
  });
});

describe('95 % intervals from one fork', () => {
  it('contain the truth 93 to 97 times in a hundred if forks do not differ', () => {
    const share = coverage(1, 30, { betweenForks: 0, withinForks: 0.05 });
    expect(share).toBeGreaterThan(0.93);
    expect(share).toBeLessThan(0.97);
  });

  it('miss it too often if forks differ, which is why one fork is flagged', () => {
    expect(coverage(1, 30, { betweenForks: 0.015, withinForks: 0.05 })).toBeLessThan(0.85);
  });
});

describe('95 % intervals of a ratio of sums', () => {
  it('contain the truth 93 to 97 times in a hundred with blocks of unequal size', () => {
    const random = createRandom(21);
    const truth = 33 * Math.exp((0.015 ** 2 + 0.05 ** 2) / 2);
    let covered = 0;
    for (let seed = 0; seed < REPLICATIONS; seed++) {
      const forks = Array.from({ length: 6 }, () => {
        const bias = 0.015 * random.normal();
        return Array.from({ length: 10 }, () => {
          const denominator = 500 + random.integer(500);
          return { numerator: denominator * 33 * Math.exp(bias + 0.05 * random.normal()), denominator };
        });
      });
      const { low, high } = estimateRatioOfSums(forks, { seed, resamples: RESAMPLES });
      if (low <= truth && truth <= high) covered++;
    }
    expect(covered / REPLICATIONS).toBeGreaterThan(0.93);
    expect(covered / REPLICATIONS).toBeLessThan(0.97);
  });
});
