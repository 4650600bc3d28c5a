import { describe, expect, it } from 'vitest';
import { createRandom } from '../../stats/random.ts';
import { acceptedBy } from './accepted-by.ts';
import { turnsOf } from './bends.ts';
import { recentWorsenings } from './recent.ts';
import type { Series } from './series.ts';
import { trendOf } from './trend.ts';

const isLarge = (from: number, to: number) => Math.abs(to / from - 1) >= 0.02;
const turns = (before: number, after: number) =>
  turnsOf([{ at: 10, value: 100, before, after }], 20, (fitted) => fitted, isLarge);

it.each([
  [0, 1, 'grows', 'up', 110],
  [0.5, 1, 'grows faster', 'up', 110],
  [1, 0.5, 'grows more slowly', null, 105],
  [1, -1, 'falls', 'down', 90],
  [-0.5, -1, 'falls faster', 'down', 90],
  [-1, -0.5, 'falls more slowly', null, 95],
  [1, 0, 'levels off', null, 100],
])('a rise of %f, then of %f: it %s', (before, after, course, towards, end) => {
  expect(turns(before, after)).toEqual([
    { at: 10, until: 20, before: 100, after: end, expected: 100 + 10 * before, course, towards },
  ]);
});

it('leaves out a bend that moves what follows by less than 2 %, and goes on to the next', () => {
  expect(turns(0, 0.1)).toEqual([]);
  const bends = [
    { at: 10, value: 100, before: 0, after: 1 },
    { at: 20, value: 110, before: 1, after: 1.1 },
  ];
  expect(turnsOf(bends, 30, (fitted) => fitted, isLarge)).toMatchObject([{ until: 30, after: 121, course: 'grows' }]);
});

function series(valueAt: (i: number) => number, count = 80): Series {
  const random = createRandom(5);
  const points = Array.from({ length: count }, (_, i) => {
    const value = 20 * valueAt(i) * (1 + 0.01 * random.normal());
    return { at: `${i}`, commit: null, runId: `run-${i}`, value, low: value, high: value, flags: [] };
  });
  return { machineClass: '', experiment: 'toll', arm: 'none', factors: {}, metric: 'cpu_us_per_request', points };
}

describe('a series that grows since run 41', () => {
  const growing = series((i) => 1 + Math.max(0, i - 40) / 200);

  it('has a change with its slope, and lines in place of levels', () => {
    const { changes, levels } = trendOf(growing);
    expect(changes).toMatchObject([{ better: 'worse', kind: null, slope: { course: 'grows', until: 79 } }]);
    const [change] = changes;
    expect(Math.abs((change?.index ?? 0) - 41)).toBeLessThanOrEqual(5);
    expect(change?.ratio).toBeCloseTo(1.2, 1);
    expect(change?.slope?.expected).toBeCloseTo(20, 0);
    expect(levels).toHaveLength(2);
    expect(levels[1]?.value).toBe(levels[0]?.end);
    expect(levels[1]).toMatchObject({ to: 80, end: change?.after });
  });

  it('gets worse as long as it grows, and no more when it has levelled off', () => {
    expect(recentWorsenings(growing, 10)[0]?.slope?.course).toBe('grows');
    expect(recentWorsenings(growing, 1)).toEqual([]);
    const levelled = series((i) => 1 + Math.min(40, Math.max(0, i - 40)) / 200, 120);
    expect(trendOf(levelled).changes.map(({ slope }) => slope?.course)).toEqual(['grows', 'levels off']);
    expect(recentWorsenings(levelled, 10)).toEqual([]);
    expect(recentWorsenings(levelled, 60)[0]?.slope?.course).toBe('grows');
  });

  it('is accepted, also if later runs move the bend', () => {
    const [change] = trendOf(growing).changes;
    if (change === undefined) throw new Error('no change');
    const accepted = (index: number) => ({
      ...{ at: '', runId: `run-${index}`, runAt: `${index}`, reason: 'known', owner: 'ada', arm: null, metric: null },
    });
    expect(acceptedBy(growing, change, [accepted(change.index + 8)])).not.toBeNull();
    expect(acceptedBy(growing, change, [accepted(change.index + 11)])).toBeNull();
  });
});
