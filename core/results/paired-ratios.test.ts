import { expect, test } from 'vitest';
import { costRatios, pairedRatios } from './paired-ratios.ts';
import type { Figure } from './schema.ts';
import { armSummary } from './testing/arm-summary.ts';

function ratio(arm: string, against: string, value: number, more: Partial<Figure> = {}): Figure {
  return {
    experiment: 'toll',
    arm,
    factors: { in_flight: 10, against },
    metric: 'total_cpu_ratio_to_arm',
    unit: '×',
    value,
    low: value * 0.98,
    high: value * 1.02,
    confidence: 0.95,
    blocks: 40,
    forks: 8,
    source: 'measured',
    flags: [],
    ...more,
  };
}

test('a pair is found from either side, inverted exactly, with its flags', () => {
  const recorded = ratio('a', 'b', 2, { flags: ['one-fork'] });
  const pairs = pairedRatios([recorded]);
  expect(pairs?.between('a', 'b')).toMatchObject({ outcome: 'more', ratio: { value: 2 } });
  const turned = pairs?.between('b', 'a');
  expect(turned).toMatchObject({ a: 'b', b: 'a', outcome: 'less', recorded });
  expect(turned?.ratio).toMatchObject({ arm: 'b', value: 0.5, flags: ['one-fork'], factors: { against: 'a' } });
  expect([turned?.ratio.low, turned?.ratio.high]).toEqual([1 / 2.04, 1 / 1.96]);
});

test('arms are ranked without a baseline, and share a rank if no difference was found', () => {
  const pairs = pairedRatios([
    ratio('a', 'b', 1.5),
    ratio('c', 'a', 0.5),
    ratio('b', 'c', 1.34),
    ratio('d', 'b', 1.01),
    ratio('a', 'd', 1.5),
    ratio('d', 'c', 1.35),
  ]);
  expect(pairs?.ranking('smaller')?.arms).toEqual([
    { arm: 'c', rank: 1 },
    { arm: 'b', rank: 2 },
    { arm: 'd', rank: 2 },
    { arm: 'a', rank: 4 },
  ]);
  expect(pairs?.ranking('bigger')?.arms[0]).toEqual({ arm: 'a', rank: 1 });
});

test('Redis is included if the run compared it, and older results say that it is not', () => {
  const replicaOnly = ratio('a', 'b', 0.8, { metric: 'cpu_ratio_to_arm' });
  const both = costRatios([replicaOnly, ratio('a', 'b', 1.2)], []);
  expect([both?.includesRedis, both?.between('a', 'b')?.outcome]).toEqual([true, 'more']);
  const older = costRatios([replicaOnly], []);
  expect([older?.includesRedis, older?.between('a', 'b')?.outcome]).toEqual([false, 'less']);
  expect(costRatios([ratio('a', 'b', 1.2, { experiment: 'scale' })], [])).toBeNull();
});

test('an arm that broke its promises is not compared', () => {
  const costs = costRatios([ratio('a', 'broken', 3), ratio('a', 'b', 1.2)], [], new Set(['broken']));
  expect(costs?.between('a', 'broken')).toBeNull();
  expect(costs?.count).toBe(1);
});

test('one sample shows neither less nor more', () => {
  const lone = ratio('a', 'b', 1.5, { low: 1.5, high: 1.5, blocks: 1, forks: 1 });
  const pairs = pairedRatios([lone]);
  expect(pairs?.between('a', 'b')?.outcome).toBe('one sample');
  expect(pairs?.ranking('smaller')?.arms.map(({ rank }) => rank)).toEqual([1, 1]);
});

test('a comparison inherits wide intervals of both arms at the same load, and no flag of the baseline', () => {
  const own = (arm: string, inFlight: number, flags: Figure['flags']): Figure => ({
    ...ratio(arm, 'none', 2, { metric: 'total_cpu_ratio_to_baseline', flags }),
    factors: { in_flight: inFlight },
  });
  const recorded = ratio('a', 'b', 1.5, { flags: ['not-warm', 'one-fork'] });
  const figures = [
    recorded,
    own('a', 10, ['interval-wide']),
    // If the baseline had unexpected responses, both ratios to it are flagged.
    own('b', 10, ['unexpected-responses']),
    own('b', 50, ['interval-wide', 'oversubscribed']),
    own('c', 10, ['interval-wide', 'unpaired']),
  ];
  const costs = costRatios(figures, []);
  const pair = costs?.between('b', 'a');
  expect(pair?.ratio.flags).toEqual(['interval-wide', 'not-warm', 'one-fork']);
  expect(costs?.between('b', 'c')).toBeNull();
  expect(pair?.recorded).toBe(recorded);
});

test('the planned pair is decided whatever other arms were measured, and others only with more evidence', () => {
  const names = ['session', 'token', ...Array.from({ length: 8 }, (_, i) => `x${i}`)];
  // Each p is 0.01: enough for a planned comparison, not for one of 45.
  const figures = names.flatMap((a, i) => names.slice(i + 1).map((b) => ratio(a, b, 1.1, { pNoDifference: 0.01 })));
  const reference = (name: string) => armSummary(name, { family: name, tags: ['reference'] });
  const arms = ['session', 'token'].map(reference);
  const pairs = costRatios(figures, arms);
  expect(pairs?.between('session', 'token')?.outcome).toBe('more');
  expect(pairs?.between('token', 'session')?.outcome).toBe('less');
  expect(pairs?.between('session', 'x0')?.outcome).toBe('no difference');
  const rankOf = (arm: string) => pairs?.ranking('smaller')?.arms.find((ranked) => ranked.arm === arm)?.rank;
  expect([rankOf('session'), rankOf('token'), rankOf('x0')]).toEqual([2, 1, 1]);
  expect(costRatios(figures, [])?.between('session', 'token')?.outcome).toBe('no difference');
});
