/** Coverage of pooled intervals; `node scripts/simulate-coverage.ts` prints it for more shapes and repetitions. */
import { describe, expect, it } from 'vitest';
import { SCENARIOS, simulateCoverage } from './pooled-coverage.ts';

const REPLICATIONS = 100;
const OPTIONS = { seed: 1, draws: 200 };

describe.each(SCENARIOS)('95 % intervals, $name', (scenario) => {
  it('contain the truth 94 times in a hundred with three forks of six arms, to the baseline and between arms', () => {
    const shape = { forks: 3, arms: 6, processes: 3, blocks: 4 };
    const found = simulateCoverage(scenario, shape, REPLICATIONS, OPTIONS);
    expect(found.toBaseline).toBeGreaterThan(0.94);
    expect(found.toArm).toBeGreaterThan(0.94);
  });
});

describe.each(SCENARIOS.filter(({ processSpread, commonSpread }) => processSpread > 1 || commonSpread === 1))(
  '95 % intervals, $name',
  (scenario) => {
    it('contain it 93 times if measuring stops as soon as all are narrow, at five forks at most', () => {
      const shape = { forks: 5, arms: 4, processes: 3, blocks: 4 };
      const found = simulateCoverage(scenario, shape, REPLICATIONS, { ...OPTIONS, stopAt: 0.06 });
      expect(found.toBaseline).toBeGreaterThan(0.93);
      expect(found.toArm).toBeGreaterThan(0.93);
    });
  },
);
