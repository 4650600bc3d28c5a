import { describe, expect, it } from 'vitest';
import { createRandom } from '../stats/random.ts';
import { fitLevels } from './fit.ts';

/**
 * The annual flow of the Nile at Aswan, 1871 to 1970, in 10⁸ m³ (Cobb 1978, "The problem of the Nile", Biometrika 65).
 * Its one change, after 1898, is the textbook example.
 */
const NILE = [
  1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140, 1100,
  1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969, 831, 726, 456,
  824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759, 781, 865, 845, 944, 984, 897,
  822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890, 744, 749, 838, 1050, 918, 986, 797, 923, 975,
  815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
];

it('finds the one change of the Nile, in 1899', () => {
  expect(NILE).toHaveLength(100);
  expect(fitLevels(NILE, 1).points).toEqual([28]);
  expect(fitLevels(NILE.map(Math.log), 0.003).points).toEqual([28]);
});

/** The share of series in which a change is reported. */
function alarms(make: (random: ReturnType<typeof createRandom>) => number[], trials = 100): number {
  const random = createRandom(7);
  let count = 0;
  for (let trial = 0; trial < trials; trial++) {
    const { points, bends } = fitLevels(make(random), 0);
    if (points.length + bends.length > 0) count++;
  }
  return count / trials;
}

function noise(random: ReturnType<typeof createRandom>, count: number, correlation: number): number[] {
  const values = [random.normal()];
  while (values.length < count) {
    const kept = correlation * (values.at(-1) as number);
    values.push(kept + Math.sqrt(1 - correlation ** 2) * random.normal());
  }
  return values;
}

describe('a series without a change of level', () => {
  it.each([
    [10, 0],
    [40, 0],
    [150, 0],
    [40, 0.5],
    [150, 0.8],
  ])('is left alone: %i values of noise with correlation %f', (count, correlation) => {
    expect(alarms((random) => noise(random, count, correlation))).toBeLessThan(0.06);
  });

  it('is left unchanged: a drift, a random walk, and a random walk with noise', () => {
    const drift = (random: ReturnType<typeof createRandom>) => noise(random, 60, 0).map((value, i) => value + i / 10);
    const walk = (random: ReturnType<typeof createRandom>, step: number) => {
      let place = 0;
      return Array.from({ length: 60 }, () => {
        place += step * random.normal();
        return place;
      });
    };
    expect(alarms(drift)).toBeLessThan(0.06);
    expect(alarms((random) => walk(random, 1))).toBeLessThan(0.06);
    // A random walk with half the noise is the hardest to distinguish from steps.
    const underNoise = (step: number) => alarms((random) => walk(random, step).map((value) => value + random.normal()));
    expect(underNoise(0.1)).toBeLessThan(0.1);
    expect(underNoise(0.5)).toBeLessThan(0.2);
  });
});

it('finds steps in correlated noise, and beside a drift', () => {
  const random = createRandom(8);
  let found = 0;
  for (let trial = 0; trial < 50; trial++) {
    const values = noise(random, 100, 0.5).map((value, i) => value + (i < 40 ? 0 : 5) + (trial % 2 === 0 ? i / 20 : 0));
    const { points } = fitLevels(values, 0);
    if (points.length === 1 && Math.abs((points[0] ?? 0) - 40) <= 3) found++;
  }
  expect(found).toBeGreaterThanOrEqual(45);
});

it('finds a step on a level that wanders, and in a seasonal series', () => {
  const random = createRandom(11);
  const week = [0, 0, 0, 0, 0, 4, 6];
  let [wandering, repeating] = [0, 0];
  const isFound = (points: readonly number[]) => points.length === 1 && Math.abs((points[0] ?? 0) - 60) <= 5;
  for (let trial = 0; trial < 30; trial++) {
    let place = 0;
    const walked = Array.from({ length: 100 }, (_, i) => {
      place += random.normal() / 3;
      return place + random.normal() + (i < 60 ? 0 : 7);
    });
    if (isFound(fitLevels(walked, 0).points)) wandering++;
    const weekly = Array.from({ length: 100 }, (_, i) => (week[i % 7] as number) + random.normal() + (i < 60 ? 0 : 3));
    const fit = fitLevels(weekly, 0);
    if (isFound(fit.points) && fit.season?.period === 7) repeating++;
  }
  expect(wandering).toBeGreaterThanOrEqual(24);
  expect(repeating).toBeGreaterThanOrEqual(27);
});

it('describes the noise', () => {
  const random = createRandom(9);
  const mean = (correlation: number) =>
    Array.from({ length: 40 }, () => fitLevels(noise(random, 150, correlation), 0).correlation).reduce(
      (a, b) => a + b,
    ) / 40;
  expect(mean(0)).toBeLessThan(0.02);
  expect(mean(0.8)).toBeCloseTo(0.8, 1);
});

it('places the changes of a long series exactly, although it first tries only every third place', () => {
  const random = createRandom(10);
  const values = Array.from({ length: 1700 }, (_, i) => (i < 500 ? 0 : i < 1301 ? 10 : 3) + 0.1 * random.normal());
  expect(fitLevels(values, 0).points).toEqual([500, 1301]);
});

it('needs two levels of three values', () => {
  expect(fitLevels([1, 1, 9, 9, 9], 0.01).points).toEqual([]);
  expect(fitLevels([1, 1, 1, 9, 9, 9], 0.01).points).toEqual([3]);
  expect(fitLevels([], 0.01).points).toEqual([]);
});
