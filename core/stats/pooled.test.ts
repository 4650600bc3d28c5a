import { describe, expect, it } from 'vitest';
import { studentQuantile } from './distributions.ts';
import { cellsOf, type ForkCosts } from './fork-costs.ts';
import { mean, variance } from './location.ts';
import { halfWidthOf, pooledRatios } from './pooled.ts';
import { SCENARIOS, simulateForks } from './pooled-coverage.ts';
import { createRandom } from './random.ts';
import { pValueOfNoDifference } from './ties.ts';

const OPTIONS = { seed: 1 };

function fork(arms: Record<string, number[]>, ...baseline: number[][]): ForkCosts {
  return { arms: new Map(Object.entries(arms)), baseline };
}

const equal = SCENARIOS[0];
function simulated(forks: number, arms: number, blocks = 6, processes = 3, seed = 5): ForkCosts[] {
  if (equal === undefined) throw new Error('no scenario');
  return simulateForks(equal, { forks, arms, processes, blocks }, createRandom(seed));
}

const halfOf = (estimate: { low: number; high: number } | null) =>
  estimate === null ? Number.NaN : Math.log(estimate.high / estimate.low) / 2;

it("takes time linear in the number of forks: those of a hundred shards finish within a test's time limit", () => {
  // Quadratic time would be a minute.
  const forks = simulated(1_000, 6, 3, 2);
  const [arm = ''] = forks[0]?.arms.keys() ?? [];
  expect(pooledRatios(forks, OPTIONS).toBaseline(arm)?.forks).toBe(1_000);
});

describe('a fork’s cells', () => {
  it('contain differences of trimmed means of log ratios, whatever the blocks’ levels', () => {
    const cells = cellsOf(fork({ a: [5, 1, 9, 4, 3] }, [4, 0, 8, 3, 2]));
    expect((cells.arms.get('a')?.value ?? 0) - (cells.baseline[0]?.value ?? 0)).toBeCloseTo(1, 12);
  });

  it('are robust against one outlier in five blocks', () => {
    const cells = cellsOf(fork({ a: [1, 1, 1, 1, 40] }, [0, 0, 0, 0, 0]));
    expect((cells.arms.get('a')?.value ?? 0) - (cells.baseline[0]?.value ?? 0)).toBeCloseTo(1, 12);
  });

  it('do not depend on which arms happen to be in a block', () => {
    const cells = cellsOf(fork({ a: [10, 20, 30], dear: [15, Number.NaN, 35] }, [9, 19, 29]));
    expect((cells.arms.get('a')?.value ?? 0) - (cells.baseline[0]?.value ?? 0)).toBeCloseTo(1, 10);
    expect((cells.arms.get('dear')?.value ?? 0) - (cells.arms.get('a')?.value ?? 0)).toBeCloseTo(5, 10);
  });

  it('omit an arm that shares no block with another', () => {
    const cells = cellsOf(fork({ a: [1, Number.NaN], b: [Number.NaN, 2] }, [0, Number.NaN]));
    expect([...cells.arms.keys()]).toEqual(['a']);
  });
});

describe('pooled ratios', () => {
  it('estimate the mean over forks of log ratios', () => {
    const log = Math.log;
    const ratios = pooledRatios(
      [fork({ a: [log(20)], b: [log(40)] }, [log(10)]), fork({ a: [log(60)], b: [log(80)] }, [log(20)])],
      OPTIONS,
    );
    expect(ratios.toBaseline('a')?.value).toBeCloseTo(Math.sqrt(2 * 3), 10);
    expect(ratios.toArm('b', 'a')?.value).toBeCloseTo(Math.sqrt(2 * (80 / 60)), 10);
    expect(ratios.toBaseline('a')).toMatchObject({ forks: 2, blocks: 2, confidence: 0.95 });
  });

  it('are reciprocal', () => {
    const ratios = pooledRatios(simulated(3, 8), OPTIONS);
    const [one, other] = [ratios.toArm('arm-1', 'arm-2'), ratios.toArm('arm-2', 'arm-1')];
    expect((one?.value ?? 0) * (other?.value ?? 0)).toBeCloseTo(1, 12);
    expect((one?.low ?? 0) * (other?.high ?? 0)).toBeCloseTo(1, 6);
  });

  it('are narrower on average than Student’s t of the same log ratios, with three forks', () => {
    let [pooled, plain] = [0, 0];
    for (let seed = 0; seed < 12; seed++) {
      const forks = simulated(3, 8, 1, 3, seed);
      const ratios = pooledRatios(forks, OPTIONS);
      for (const arm of forks[0]?.arms.keys() ?? []) {
        const logs = forks.map(({ arms, baseline }) => (arms.get(arm)?.[0] ?? 0) - mean(baseline.flat()));
        pooled += halfOf(ratios.toBaseline(arm));
        plain += studentQuantile(0.975, 2) * Math.sqrt(variance(logs) / 3);
      }
    }
    expect(pooled / plain).toBeLessThan(0.8);
  });

  it('equal Student’s t interval for one arm and one process', () => {
    const logs = [0.1, 0.2, 0.4];
    const ratios = pooledRatios(
      logs.map((log) => fork({ a: [log] }, [0])),
      { seed: 3, draws: 8000 },
    );
    const deviation = Math.sqrt(logs.reduce((sum, log) => sum + (log - 0.7 / 3) ** 2, 0) / 2);
    const expected = (studentQuantile(0.975, 2) * deviation) / Math.sqrt(3);
    expect(halfOf(ratios.toBaseline('a')) / expected).toBeGreaterThan(0.9);
    expect(halfOf(ratios.toBaseline('a')) / expected).toBeLessThan(1.1);
  });

  it('give the same interval for the same seed', () => {
    const forks = simulated(4, 3);
    expect(pooledRatios(forks, OPTIONS).toBaseline('arm-1')).toEqual(pooledRatios(forks, OPTIONS).toBaseline('arm-1'));
  });

  it('have no width exactly if a ratio is the same in every block', () => {
    const constant = (shift: number) =>
      fork({ a: [1 + shift, 2 + shift], b: [2 + shift, 3.1 + shift] }, [shift, 1 + shift]);
    const ratios = pooledRatios([constant(0), constant(0.5)], OPTIONS);
    expect(halfOf(ratios.toBaseline('a'))).toBe(0);
    expect(halfOf(ratios.toBaseline('b'))).toBeGreaterThan(0.01);
  });

  it('are at least as wide as block noise requires, if fork means agree by chance', () => {
    const noisy = fork({ a: [0.3, -0.3, 0.3, -0.3] }, [0, 0, 0, 0]);
    const half = halfOf(pooledRatios([noisy, noisy, noisy], OPTIONS).toBaseline('a'));
    expect(half).toBeCloseTo((1.959_964 * 0.3 * Math.sqrt(4 / 3)) / Math.sqrt(12), 6);
  });

  it('use the blocks of a single fork, with a trimmed mean and its standard error', () => {
    const ratios = pooledRatios([fork({ a: [1, 2, 3, 6, 90] }, [0, 0, 0, 0, 0])], OPTIONS);
    const found = ratios.toBaseline('a');
    expect(found).toMatchObject({ forks: 1, blocks: 5 });
    expect(Math.log(found?.value ?? 0)).toBeCloseTo(11 / 3, 10);
    // Winsorised: 2 2 3 6 6, with a variance of 4.2.
    expect(halfOf(found)).toBeCloseTo((studentQuantile(0.975, 2) * Math.sqrt(4.2 * 5)) / 3, 8);
    expect(pooledRatios([fork({ a: [1] }, [0])], OPTIONS).toBaseline('a')).toMatchObject({
      value: Math.E,
      low: Math.E,
      high: Math.E,
      blocks: 1,
      forks: 1,
    });
  });

  it('omit what a fork lacks: an arm, a block, the baseline', () => {
    const [one, two, three] = simulated(3, 3).map((each) => ({ ...each, arms: new Map(each.arms) }));
    if (!(one && two && three)) throw new Error('three forks were asked for');
    two.arms.delete('arm-1');
    three.arms.set('arm-2', [Number.NaN, ...(three.arms.get('arm-2') ?? []).slice(1)]);
    const ratios = pooledRatios([one, two, three], OPTIONS);
    expect(ratios.toBaseline('arm-1')).toMatchObject({ forks: 2, blocks: 12 });
    expect(ratios.toBaseline('arm-2')).toMatchObject({ forks: 3, blocks: 17 });
    expect(ratios.toBaseline('unknown')).toBeNull();
    const without = pooledRatios(
      [one, two, three].map((each) => ({ ...each, baseline: [] })),
      OPTIONS,
    );
    expect(without.toBaseline('arm-0')).toBeNull();
    expect(halfOf(without.toArm('arm-0', 'arm-2'))).toBeGreaterThan(0);
    expect(pooledRatios([], OPTIONS).toBaseline('arm-0')).toBeNull();
  });

  it('weigh a truncated fork less', () => {
    const forks = simulated(4, 4);
    const cut = forks.map((each, index) =>
      index < 3
        ? each
        : {
            arms: new Map(
              [...each.arms].map(([name, values]) => [name, [(values[0] ?? 0) + (name === 'arm-0' ? 1 : 0)]]),
            ),
            baseline: each.baseline.map((values) => values.slice(0, 1)),
          },
    );
    const found = Math.log(pooledRatios(cut, OPTIONS).toBaseline('arm-0')?.value ?? 0);
    expect(found).toBeLessThan(1 / 4);
  });
});

describe('an interval from a mixture of variances', () => {
  it('is the normal one for one variance, and Student’s t for inverse chi-squares', () => {
    expect(halfWidthOf([4], 0.95)).toBeCloseTo(2 * 1.959_963_985, 6);
    const random = createRandom(2);
    const variances = Array.from({ length: 100_000 }, () => 5 / random.chiSquare(5));
    expect(halfWidthOf(variances, 0.95) / studentQuantile(0.975, 5)).toBeCloseTo(1, 1);
  });
});

describe('the p-value of no difference', () => {
  it('is below 0.05 exactly if the 95 % interval excludes 1, with any number of forks', () => {
    const outcomes = [1, 2, 3, 5, 8].flatMap((forks) =>
      Array.from({ length: 30 }, (_, seed) => {
        const costs = simulated(forks, 4, 6, 3, seed);
        const [arm = '', other = ''] = costs[0]?.arms.keys() ?? [];
        return pooledRatios(costs, OPTIONS).toArm(arm, other);
      }),
    );
    expect(outcomes).toHaveLength(150);
    for (const ratio of outcomes) {
      const p = ratio?.pNoDifference ?? Number.NaN;
      const isOut = (ratio?.low ?? 0) > 1 || (ratio?.high ?? 0) < 1;
      // The half-width is accurate to a millionth.
      if (Math.abs(p - 0.05) > 1e-4) expect(p < 0.05).toBe(isOut);
    }
  });

  it('has more degrees of freedom than a ratio’s own forks', () => {
    const forks = [0, 1, 2].map((start) =>
      fork(
        Object.fromEntries(
          Array.from({ length: 8 }, (_, arm) => [
            `x${arm}`,
            [0.02, -0.02, 0.01, -0.01, 0].map((noise, block) => arm * 0.12 + noise * (((arm + block + start) % 3) - 1)),
          ]),
        ),
        [0, 0.01, -0.01, 0, 0.02],
      ),
    );
    const found = pooledRatios(forks, OPTIONS).toArm('x4', 'x0');
    if (found === null) throw new Error('both were measured');
    const { pNoDifference: _p, ...own } = found;
    expect(found.pNoDifference).toBeLessThan(pValueOfNoDifference(own) / 10);
    expect(pValueOfNoDifference(found)).toBe(found.pNoDifference);
  });
});

it('has a p-value for one start whose blocks are all equal but the outermost', () => {
  const pOf = (logs: number[]) =>
    pooledRatios([fork({ a: logs }, [0, 0, 0, 0, 0])], OPTIONS).toBaseline('a')?.pNoDifference;
  expect(pOf([1, 0, 0, 0, -1])).toBe(1);
  expect(pOf([2, 1, 1, 1, 0])).toBe(0);
});
