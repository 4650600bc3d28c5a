import { expect, it } from 'vitest';
import { createRandom } from '../../core/stats/random.ts';
import { type Probe, pooledSpread, searchFirstBad, sideOf } from './search.ts';

const COMMITS = Array.from({ length: 16 }, (_, i) => `c${i}`);
const sure = (side: Probe['side']): Probe => ({ side, probability: 0.99 });

it('finds each first bad commit in the steps that halving takes', async () => {
  for (const [first, name] of COMMITS.entries()) {
    const found = await searchFirstBad(COMMITS, async (commit) =>
      sure(COMMITS.indexOf(commit) >= first ? 'bad' : 'good'),
    );
    expect(found.candidates).toEqual([name]);
    expect(found.probes.length).toBeLessThanOrEqual(4);
    expect(found.confidence).toBeCloseTo(0.99 ** found.probes.length, 10);
  }
});

it('goes round commits that cannot be probed, and says which are left', async () => {
  const found = await searchFirstBad(COMMITS, async (commit) => {
    const index = COMMITS.indexOf(commit);
    if (index === 6 || index === 7) return { side: 'skip', probability: 1 };
    return sure(index >= 7 ? 'bad' : 'good');
  });
  expect(found.candidates).toEqual(['c6', 'c7', 'c8']);
});

it('needs no probe where there is one commit', async () => {
  const found = await searchFirstBad(['only'], () => Promise.reject(new Error('not asked')));
  expect(found).toMatchObject({ candidates: ['only'], confidence: 1, probes: [] });
});

it('is as sure of a side as it is right', () => {
  const random = createRandom(9);
  const change = Math.log(1.05);
  let right = 0;
  let claimed = 0;
  for (let trial = 0; trial < 4000; trial++) {
    const bad = trial % 2 === 0;
    const logs = Array.from({ length: 3 }, () => (bad ? change : 0) + 0.03 * random.normal());
    const { side, probability } = sideOf(logs, change, 0.03);
    claimed += probability;
    if ((side === 'bad') === bad) right++;
  }
  expect(right / 4000).toBeGreaterThan(0.85);
  expect(Math.abs(right - claimed) / 4000).toBeLessThan(0.02);
});

it('takes the spread about each group’s own mean', () => {
  expect(pooledSpread([[1, 3], [11, 13], [5]])).toBeCloseTo(Math.SQRT2, 10);
  expect(pooledSpread([[1]])).toBeNaN();
});
