import { expect, it } from 'vitest';
import { createRandom } from '../../../core/stats/random.ts';
import { armInfo } from '../../testing/arm-info.ts';
import { SCALE_PLANS, scaleGrid } from './plan.ts';
import { canPrepare, reachesOf, reachFor, roundSeconds, scheduleOf, seriesSeconds, startsOf } from './starts.ts';

const replicas = [1, 2, 3, 4, 6, 8];

it('uses fewer replicas if more would not be warm, and omits the client and cluster variants only as a last resort', () => {
  const reaches = reachesOf(null, replicas);
  expect(reaches).toEqual([
    { replicas: [1, 2, 3, 4, 6, 8], withVariants: true },
    { replicas: [1, 2, 3, 4], withVariants: true },
    { replicas: [1, 2, 4], withVariants: false },
  ]);
  const most = (affordable: number) =>
    reachFor(reaches, ({ replicas: counts }) => 7 * Math.max(...counts) <= affordable);
  expect(most(56)).toBe(reaches[0]);
  expect(most(55)).toBe(reaches[1]);
  expect(most(1)).toBe(reaches[2]);
  // A start of the full profile's own budget, on two cores: nine fleets, each alone.
  expect(canPrepare(8, 840 / 27, 2)).toBe(true);
  expect(canPrepare(14, 840 / 27, 2)).toBe(false);
  expect(reachesOf([1, 16], replicas)[0]?.replicas).toEqual([1, 16]);
});

it('starts each fleet alone, or all together if there is no time for that', () => {
  const fleets = [{ replicas: 8 }, { replicas: 8 }, { replicas: 4 }];
  const alone = fleets.map((fleet) => [fleet]);
  const { full, quick } = SCALE_PLANS;
  expect(startsOf(fleets, full, 230, 2)).toEqual({ groups: alone, passes: 3 });
  expect(startsOf(fleets, full, 220, 2)).toEqual({ groups: [fleets], passes: 2 });
  // More time allows more starts.
  expect(startsOf(fleets, full, 400, 2).passes).toBe(5);
  expect(startsOf(fleets, full, 10_000, 2).passes).toBe(full.maxForks);
  // Twice the replicas take more than the least.
  expect(startsOf([{ replicas: 16 }], full, 100, 2).passes).toBe(2);
  expect(startsOf([{ replicas: 8 }], full, 100, 2).passes).toBe(4);
  expect(startsOf(fleets, quick, 10_000, 2)).toEqual({ groups: [fleets], passes: 1 });
});

it('starts every group once in each pass, except for earlier starts', () => {
  const groups = ['a', 'b', 'c'];
  const fresh = scheduleOf(groups, 3, createRandom(5), () => 0);
  for (const pass of [0, 1, 2]) expect(fresh.slice(3 * pass, 3 * pass + 3).sort()).toEqual(groups);
  const before: Record<string, number> = { a: 2, b: 1, c: 1 };
  const rest = scheduleOf(groups, 3, createRandom(5), (group) => before[group] ?? 0);
  expect(rest.slice(0, 2).sort()).toEqual(['b', 'c']);
  expect(rest.slice(2).sort()).toEqual(groups);
  expect(scheduleOf(groups, 1, createRandom(5), () => 1)).toEqual([]);
});

it('estimates the time of a round from all its series', () => {
  const hybrid = armInfo('hybrid', { family: 'combination', redisCommandsPerRequest: 0 });
  const cells = scaleGrid({ arms: [hybrid], variants: [], replicas, plan: SCALE_PLANS.full, redisShare: 0.02 }).filter(
    ({ series }) => series !== 'spread',
  );
  const series = [...new Set(cells.map((cell) => cell.series))];
  expect(series).toEqual(['main', 'wall', 'latency']);
  const each = series.map((name) =>
    seriesSeconds(
      SCALE_PLANS.full,
      name,
      cells.filter((cell) => cell.series === name),
      1,
    ),
  );
  expect(roundSeconds(SCALE_PLANS.full, cells)).toBeCloseTo(
    each.reduce((sum, one) => sum + one, 0),
    9,
  );
  // Six numbers of replicas of half a second and more.
  expect(each[0]).toBeGreaterThan(3);
});
