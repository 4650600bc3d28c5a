import { expect, it } from 'vitest';
import { createRandom, type Random } from '../../core/stats/random.ts';
import { type Probe, probeCommit, SURE, searchFirstBad, sideOf } from './search.ts';

const COMMITS = Array.from({ length: 16 }, (_, i) => `c${i}`);
const sure = (side: Probe['side']): Probe => ({ side, probability: 0.99 });

it('finds each first bad commit in logarithmic steps', async () => {
  for (const [first, name] of COMMITS.entries()) {
    const found = await searchFirstBad(COMMITS, async (commit) =>
      sure(COMMITS.indexOf(commit) >= first ? 'bad' : 'good'),
    );
    expect(found.candidates).toEqual([name]);
    expect(found.probes.length).toBeLessThanOrEqual(4);
    expect(found.confidence).toBeCloseTo(0.99 ** found.probes.length, 10);
  }
});

it('avoids commits that cannot be probed, and lists the remaining candidates', async () => {
  const found = await searchFirstBad(COMMITS, async (commit) => {
    const index = COMMITS.indexOf(commit);
    if (index === 6 || index === 7) return { side: 'skip', probability: 1 };
    return sure(index >= 7 ? 'bad' : 'good');
  });
  expect(found.candidates).toEqual(['c6', 'c7', 'c8']);
});

it('needs no probe if there is one commit', async () => {
  const found = await searchFirstBad(['only'], () => Promise.reject(new Error('not asked')));
  expect(found).toMatchObject({ candidates: ['only'], confidence: 1, probes: [] });
});

it('skips a commit without a measurement, which says nothing about the others either', async () => {
  const whole = [0.1, 0.11, 0.09, 0.1];
  const decided: (readonly number[])[] = [];
  const how = { fewest: 3, isLate: () => true, onFork: () => {} };
  const unmeasured = await probeCommit(async (index) => [0.1, Number.NaN][index] ?? 0.1, whole, decided, how);
  expect(unmeasured).toEqual({ side: 'skip', probability: 1 });
  expect(decided).toEqual([]);
  const bad = await probeCommit(async (index) => [0.1, 0.11, 0.09][index] ?? 0.1, whole, decided, how);
  expect(bad.side).toBe('bad');
  expect(decided).toEqual([[0.1, 0.11, 0.09]]);
});

const about = (random: Random, forks: number, centre: number) =>
  Array.from({ length: forks }, () => centre + random.normal());

/** Adds forks until one side is certain, as a search does; null if it is not within 60 forks. */
function decide(random: Random, isBad: boolean, change: number, wholeForks: number): Probe | null {
  const whole = about(random, wholeForks, change);
  const logs = about(random, 3, isBad ? change : 0);
  for (; logs.length < 60; logs.push(...about(random, 1, isBad ? change : 0))) {
    const probe = sideOf(logs, whole);
    if (probe.probability >= SURE) return probe;
  }
  return null;
}

it.each([
  [4, 2],
  [4, 3],
  [6, 1],
  [6, 2],
  [9, 1],
  [9, 1.5],
])('errs in no more steps than asked, where %i forks showed a change of %f of their spread', (forks, change) => {
  const random = createRandom(9);
  let [decided, wrong] = [0, 0];
  for (let trial = 0; trial < 3000; trial++) {
    const isBad = trial % 2 === 0;
    const probe = decide(random, isBad, change, forks);
    if (probe === null) continue;
    decided++;
    if ((probe.side === 'bad') !== isBad) wrong++;
  }
  const asked = 1 - SURE;
  expect(wrong / decided).toBeLessThan(asked + 3 * Math.sqrt(asked / decided));
});

it('is right as often as it claims', () => {
  const random = createRandom(9);
  let [right, claimed] = [0, 0];
  for (let trial = 0; trial < 4000; trial++) {
    const isBad = trial % 2 === 0;
    const { side, probability } = sideOf(about(random, 3, isBad ? 1.7 : 0), about(random, 6, 1.7));
    claimed += probability;
    if ((side === 'bad') === isBad) right++;
  }
  expect(right / 4000).toBeGreaterThan(0.85);
  expect((right - claimed) / 4000).toBeGreaterThan(-0.01);
});

it('distinguishes two values without variation', () => {
  expect(sideOf([0, 0, 0], [0.1, 0.1, 0.1, 0.1])).toEqual({ side: 'good', probability: 1 });
  expect(sideOf([0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.1])).toEqual({ side: 'bad', probability: 1 });
});

it('also estimates the spread from commits that were decided before', () => {
  const random = createRandom(3);
  const others = [about(random, 9, 0), about(random, 9, 2)];
  const [logs, whole] = [about(random, 3, 0), about(random, 4, 2)];
  expect(sideOf(logs, whole, others).probability).not.toBe(sideOf(logs, whole).probability);
});
