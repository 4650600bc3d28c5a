import { describe, expect, it } from 'vitest';
import { createRandom } from '../stats/random.ts';
import { fitLevels } from './fit.ts';
import { curveScore, slopesFit } from './slopes.ts';

const line = (length: number, valueAt: (i: number) => number) => Array.from({ length }, (_, i) => valueAt(i));

it('finds the place and the slopes of a bend, whatever the correlation that is assumed', () => {
  const values = line(60, (i) => 1e6 + (i < 25 ? 2 * i : 50 - (i - 25)));
  for (const correlation of [0, 0.4, 0.95]) {
    const { bends, score } = slopesFit(values, correlation, 1e-6, 16);
    expect(bends).toHaveLength(1);
    const [bend] = bends;
    expect(bend?.at).toBe(25);
    expect(bend?.value).toBeCloseTo(1e6 + 50, 3);
    expect(bend?.before).toBeCloseTo(2, 4);
    expect(bend?.after).toBeCloseTo(-1, 4);
    expect(score).toBeLessThan(curveScore(values, correlation, 1e-6));
  }
});

it('finds the two bends of a ramp, of which one alone explains little', () => {
  const values = line(90, (i) => Math.min(20, Math.max(0, i - 30)));
  expect(slopesFit(values, 0, 1e-6, 20).bends.map(({ at }) => at)).toEqual([30, 50]);
});

it('explains growth that speeds up by a curve', () => {
  const values = line(60, (i) => i ** 2);
  expect(curveScore(values, 0, 1e-3)).toBeLessThan(slopesFit(values, 0, 1e-3, 16).score);
});

it('needs five values on each side', () => {
  expect(slopesFit([0, 0, 0, 0, 1, 2, 3, 4], 0, 1e-6, 8).bends).toEqual([]);
  expect(slopesFit([], 0, 1, 8).bends).toEqual([]);
});

describe('among all explanations', () => {
  const random = createRandom(14);
  const found = (valueAt: (i: number) => number) =>
    line(20, () => 0).map(() =>
      fitLevels(
        line(80, (i) => valueAt(i) + random.normal()),
        0,
      ),
    );

  it('growth that begins has one bend, and no step', () => {
    const fits = found((i) => Math.max(0, i - 40) / 1.5);
    const right = fits.filter(({ bends, points }) => {
      return points.length === 0 && bends.length === 1 && Math.abs((bends[0]?.at ?? 0) - 40) <= 5;
    });
    expect(right.length).toBeGreaterThanOrEqual(17);
  });

  it('a ramp between levels has two bends, and is no row of steps', () => {
    const right = found((i) => Math.min(12, Math.max(0, (i - 30) / 1.5))).filter(
      ({ bends, points }) => points.length === 0 && bends.length === 2,
    );
    expect(right.length).toBeGreaterThanOrEqual(16);
  });

  it('a drift, a step and a curve have none', () => {
    for (const shape of [(i: number) => i / 5, (i: number) => (i < 40 ? 0 : 6), (i: number) => (i / 20) ** 2]) {
      expect(found(shape).filter(({ bends }) => bends.length > 0)).toEqual([]);
    }
  });
});
