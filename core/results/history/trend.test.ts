import { describe, expect, it } from 'vitest';
import { createRandom } from '../../stats/random.ts';
import { series } from '../testing/history.ts';
import { acceptedBy } from './accepted-by.ts';
import { recentWorsenings } from './recent.ts';
import type { Series } from './series.ts';
import { changesOf, trendOf } from './trend.ts';

const noisy = (level: number, count: number) =>
  Array.from({ length: count }, (_, i) => level * (1 + 0.004 * ((i * 7) % 5) - 0.008));

it('finds where a level changed, in which direction, and by how much', () => {
  const [change, ...more] = changesOf(series([...noisy(20, 9), ...noisy(22, 6)]));
  expect(more).toEqual([]);
  expect(change?.index).toBe(9);
  expect(change?.ratio).toBeCloseTo(1.1, 2);
  expect(change?.better).toBe('worse');
  expect(change?.at.runId).toBe('run-9');
  expect(changesOf(series([...noisy(20, 9), ...noisy(22, 6)], 'throughput_rps'))[0]?.better).toBe('better');
});

it('alerts only for a recent change for the worse', () => {
  const worse = series([...noisy(20, 9), ...noisy(22, 6)]);
  expect(recentWorsenings(worse, 10)[0]?.index).toBe(9);
  expect(recentWorsenings(worse, 5)).toEqual([]);
  expect(recentWorsenings(series([...noisy(22, 9), ...noisy(20, 6)]), 10)).toEqual([]);
  expect(recentWorsenings(series(noisy(20, 15)), 10)).toEqual([]);
  // Worse, and fixed since.
  expect(recentWorsenings(series([...noisy(20, 9), ...noisy(24, 5), ...noisy(20, 5)]), 30)).toEqual([]);
});

it('alerts for a worsening that later changes undo in part only', () => {
  const partly = series([...noisy(20, 20), ...noisy(24, 6), ...noisy(22.9, 5)]);
  expect(changesOf(partly).map(({ better }) => better)).toEqual(['worse', 'better']);
  expect(recentWorsenings(partly, 15).map(({ index }) => index)).toEqual([20]);
  const twice = series([...noisy(20, 20), ...noisy(22, 6), ...noisy(23, 5)]);
  expect(recentWorsenings(twice, 15).map(({ index }) => index)).toEqual([20, 26]);
  const fixed = series([...noisy(20, 20), ...noisy(24, 6), ...noisy(22, 5), ...noisy(20, 5)]);
  expect(recentWorsenings(fixed, 20)).toEqual([]);
  const counted = series([0, 0, 0, 0, 3, 3, 3, 1, 1, 1]);
  expect(recentWorsenings(counted, 10).map(({ index }) => index)).toEqual([4]);
  expect(recentWorsenings(series([...counted.points.map(({ value }) => value), 0, 0, 0]), 13)).toEqual([]);
});

it('adds up small steps until they are worth a report', () => {
  const counts = [500, 509, 518, 527].flatMap((count) => Array.from({ length: 20 }, () => count));
  const { changes, levels } = trendOf(series(counts));
  expect(changes).toMatchObject([{ index: 40, before: 500, after: 518, better: 'worse' }]);
  expect(changes[0]?.last.runId).toBe('run-39');
  expect(levels.map(({ from, to }) => [from, to])).toEqual([
    [0, 40],
    [40, 80],
  ]);
  // A small step beside a large one belongs to the level that it is next to.
  const beside = [500, 509, 600].flatMap((count) => Array.from({ length: 20 }, (_, i) => count + (i % 2)));
  const wide = trendOf(series(beside));
  expect(wide.changes.map(({ index }) => index)).toEqual([40]);
  expect(wide.levels[0]?.value).toBeGreaterThan(501);
  expect(wide.levels[0]?.value).toBeLessThan(509);
});

it('does not mistake one outlier for a level', () => {
  expect(changesOf(series([...noisy(20, 8), 31, ...noisy(20, 8)]))).toEqual([]);
});

it('sets broken runs aside, names them, and reports no level for them', () => {
  const broken = series([...noisy(20, 8), 0.4, 0.3, 0.5, 0.4, ...noisy(20, 8)]);
  const { changes, aside } = trendOf(broken);
  expect(changes).toEqual([]);
  expect(aside.map(({ index, reason, at }) => [index, reason, at.runId])).toEqual(
    [8, 9, 10, 11].map((index) => [index, 'implausible', `run-${index}`]),
  );
  expect(trendOf(series([...noisy(20, 8), 31, ...noisy(20, 8)])).aside.map(({ reason }) => reason)).toEqual(['apart']);
});

it('sets runs aside that are flagged as failed, unless most are', () => {
  const one = series([...noisy(20, 6), 23, 23, 23, ...noisy(20, 6)]);
  const flagged = (from: number, to: number) => ({
    ...one,
    points: one.points.map((point, i) => ({ ...point, flags: i >= from && i < to ? ['gate-failed' as const] : [] })),
  });
  expect(changesOf(one)).toHaveLength(2);
  expect(changesOf(flagged(6, 9))).toEqual([]);
  expect(trendOf(flagged(6, 9)).aside.map(({ index }) => index)).toEqual([6, 7, 8]);
  expect(trendOf(flagged(0, 9)).aside).toEqual([]);
});

it('gives the levels next to a change, without a drift', () => {
  const drifting = series(noisy(1, 40).map((one, i) => 20 * one * 1.002 ** i * (i < 20 ? 1 : 1.1)));
  const [change, ...more] = changesOf(drifting);
  expect(more).toEqual([]);
  expect(change?.index).toBe(20);
  expect(change?.ratio).toBeCloseTo(1.1, 1);
  expect(trendOf(drifting).drifts).toMatchObject([{ index: 20, better: 'worse', slope: { course: 'grows steadily' } }]);
});

it('reports a steady drift that moves the last runs, whatever run the series begins with', () => {
  const random = createRandom(2);
  const values = Array.from({ length: 200 }, (_, i) => 20 * 1.003 ** i * (1 + 0.01 * random.normal()));
  for (const from of [0, 60, 120]) {
    const drifting = series(values.slice(from));
    const { changes, drifts, levels } = trendOf(drifting);
    expect(changes).toEqual([]);
    expect(drifts).toMatchObject([{ index: 0, better: 'worse', slope: { course: 'grows steadily' } }]);
    expect(levels).toHaveLength(1);
    expect(levels[0]?.end).toBeGreaterThan((levels[0]?.value ?? 0) * 1.2);
    expect(recentWorsenings(drifting, 10)).toEqual(drifts);
  }
  const [first] = recentWorsenings(series(values), 10);
  const accepted = { at: '', runId: 'run-199', reason: 'known', owner: 'ada', arm: null, metric: null };
  const runAt = series(values).points.at(-1)?.at ?? '';
  if (first === undefined) throw new Error('no drift');
  expect(acceptedBy(series(values), first, [{ ...accepted, runAt }])).not.toBeNull();
  expect(acceptedBy(series(values), first, [{ ...accepted, runAt: 'another' }])).toBeNull();
  // It moves ten runs by less than 2 %.
  const slow = values.map((value, i) => value / 1.002 ** i);
  expect(recentWorsenings(series(slow), 10)).toEqual([]);
  const better = values.toReversed();
  expect(recentWorsenings(series(better), 10)).toEqual([]);
});

it('reports no drift of noise, of correlated noise or of a random walk', () => {
  const random = createRandom(3);
  let told = 0;
  for (let trial = 0; trial < 90; trial++) {
    let [noise, place] = [random.normal(), 0];
    const values = Array.from({ length: 30 + 2 * (trial % 30) }, () => {
      noise = 0.8 * noise + 0.6 * random.normal();
      place += random.normal();
      return 20 * Math.exp(0.02 * ([random.normal(), noise, place][trial % 3] as number));
    });
    told += trendOf(series(values)).drifts.length;
  }
  expect(told).toBeLessThanOrEqual(2);
});

it('distinguishes a costlier day of the week from a change of level', () => {
  const random = createRandom(3);
  const run = (i: number) => 20 * (i % 7 < 5 ? 1 : 1.2) * (i < 40 ? 1 : 1.06) * (1 + 0.01 * random.normal());
  const { changes, repeatsAfter } = trendOf(series(Array.from({ length: 70 }, (_, i) => run(i))));
  expect(repeatsAfter).toBe(7);
  expect(changes).toHaveLength(1);
  expect(Math.abs((changes[0]?.index ?? 0) - 40)).toBeLessThanOrEqual(1);
  expect(changes[0]?.ratio).toBeCloseTo(1.06, 1);
  expect(trendOf(series(Array.from({ length: 70 }, () => 20 + 0.2 * random.normal()))).repeatsAfter).toBeNull();
});

it('keeps the day of the week of a run although others are set aside', () => {
  const random = createRandom(3);
  const broken = [8, 24, 25, 51];
  const run = (i: number) =>
    (broken.includes(i) ? 0.01 : 1) * 20 * (i % 7 < 5 ? 1 : 1.2) * (i < 40 ? 1 : 1.06) * (1 + 0.01 * random.normal());
  const { changes, aside, repeatsAfter } = trendOf(series(Array.from({ length: 70 }, (_, i) => run(i))));
  expect(aside.map(({ index }) => index)).toEqual(broken);
  expect(repeatsAfter).toBe(7);
  expect(changes).toHaveLength(1);
  expect(Math.abs((changes[0]?.index ?? 0) - 40)).toBeLessThanOrEqual(1);
});

it('reads whole numbers that repeat, and differences that are negative', () => {
  const random = createRandom(4);
  const counts = Array.from({ length: 200 }, (_, i) => Math.round(46 + (i < 100 ? 0 : 2) + 0.4 * random.normal()));
  const counted = trendOf(series(counts));
  expect(counted.changes.map(({ index }) => index)).toEqual([100]);
  expect(counted.aside).toEqual([]);
  const differences = Array.from({ length: 80 }, (_, i) => (i < 40 ? 1 : 4) + random.normal());
  const differing = trendOf(series(differences));
  expect(differing.changes).toHaveLength(1);
  expect(Math.abs((differing.changes[0]?.index ?? 0) - 40)).toBeLessThanOrEqual(2);
  expect(differing.aside).toEqual([]);
});

describe('runs of two configurations in one series', () => {
  /** @param upper factor on the costlier configuration from run 45 of 90 on, and `lower` on the other */
  function ofTwo(upper: number, lower: number): Series {
    const random = createRandom(6);
    const run = (i: number) => {
      const isUpper = random.random() < 0.4;
      return (isUpper ? 30 : 20) * (i < 45 ? 1 : isUpper ? upper : lower) * (1 + 0.01 * random.normal());
    };
    return series(Array.from({ length: 90 }, (_, i) => run(i)));
  }

  it('are separated, and their order causes no change', () => {
    const { changes, aside, mixed, levels } = trendOf(ofTwo(1, 1));
    expect({ changes, aside }).toEqual({ changes: [], aside: [] });
    expect(mixed?.ratio).toBeCloseTo(1.5, 1);
    expect([...(mixed?.upper ?? []), ...(mixed?.lower ?? [])]).toHaveLength(90);
    expect(levels.map(({ value }) => Math.round(value)).toSorted()).toEqual([20, 30]);
  });

  it('change together, or only one does', () => {
    const both = trendOf(ofTwo(1.06, 1.06));
    expect(both.changes).toMatchObject([{ index: 45, kind: null }]);
    expect(both.changes[0]?.ratio).toBeCloseTo(1.06, 1);
    expect(both.levels).toHaveLength(4);
    const one = ofTwo(1.1, 1);
    const [change, ...more] = changesOf(one);
    expect(more).toEqual([]);
    expect(change).toMatchObject({ kind: 'upper', better: 'worse' });
    expect(change?.before).toBeCloseTo(30, 0);
    expect(change?.after).toBeCloseTo(33, 0);
    expect(change?.last.value).toBeGreaterThan(28);
  });

  it('alert if either got worse, whatever the other did later', () => {
    const random = createRandom(7);
    const run = (i: number) => {
      const isUpper = i % 3 !== 0;
      const factor = isUpper ? (i < 70 ? 1 : 1.2) : i < 78 ? 1 : 0.7;
      return (isUpper ? 40 : 20) * factor * (1 + 0.01 * random.normal()) * (random.random() < 0.1 ? 1.001 : 1);
    };
    const order = createRandom(8).shuffle(Array.from({ length: 60 }, (_, i) => i));
    const shuffled = series([...order.map(run), ...Array.from({ length: 30 }, (_, i) => run(60 + i))]);
    expect(changesOf(shuffled).map(({ kind, better }) => [kind, better])).toEqual([
      ['upper', 'worse'],
      ['lower', 'better'],
    ]);
    expect(recentWorsenings(shuffled, 30)[0]?.kind).toBe('upper');
  });

  it('are not found in counts that vary by one, but in distant ones', () => {
    const random = createRandom(9);
    const counts = (a: number, b: number) => series(Array.from({ length: 60 }, () => (random.random() < 0.4 ? a : b)));
    expect(trendOf(counts(2, 3)).mixed).toBeNull();
    expect(trendOf(counts(300, 420)).mixed?.ratio).toBeCloseTo(1.4, 5);
  });
});

it('keeps three kinds of run apart, finds what all of them or one changed, and no change in their order', () => {
  const run = (upper: number, all: number) => {
    const random = createRandom(11);
    return series(
      Array.from({ length: 120 }, (_, i) => {
        const kind = random.integer(3);
        const factor = i < 60 ? 1 : all * (kind === 2 ? upper : 1);
        return 20 * 1.3 ** kind * factor * (1 + 0.01 * random.normal());
      }),
    );
  };
  const calm = trendOf(run(1, 1));
  expect(calm.changes).toEqual([]);
  expect(calm.levels.map(({ value }) => Math.round(value)).toSorted()).toEqual([20, 26, 34]);
  expect(calm.mixed?.middle.map(({ ratio }) => ratio?.toFixed(1))).toEqual(['1.3']);
  expect(changesOf(run(1, 1.06))).toMatchObject([{ kind: null, better: 'worse' }]);
  expect(changesOf(run(1.12, 1))).toMatchObject([{ kind: 'upper', better: 'worse' }]);
});

it('detects a count that rises from zero to one', () => {
  expect(recentWorsenings(series([0, 0, 0, 0, 1, 1, 1]), 10)[0]?.index).toBe(4);
});

it('has the lines of each kind of run if the trend of differences bends', () => {
  const random = createRandom(12);
  const run = (i: number) => -20 + (random.random() < 0.4 ? 30 : 0) + Math.max(0, i - 45) / 3 + 0.2 * random.normal();
  const { levels, mixed } = trendOf(series(Array.from({ length: 90 }, (_, i) => run(i))));
  expect(mixed).not.toBeNull();
  expect(levels).toHaveLength(4);
  const ends = levels.map(({ value, end }) => [Math.round(value), Math.round(end)]);
  expect(ends).toEqual(
    expect.arrayContaining([
      [-20, -20],
      [-20, -5],
      [10, 10],
      [10, 25],
    ]),
  );
});
