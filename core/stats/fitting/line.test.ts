import { describe, expect, it } from 'vitest';
import { bootstrap } from '../bootstrap.ts';
import { fitLine, heightAt, risesThroughZero, slopeOf } from './line.ts';

const columns = (xs: readonly number[], ys: readonly number[]) => [Float64Array.from(xs), Float64Array.from(ys)];

/** The fit to all data, which has no effect if a sample defines its own line. */
const ALL = { intercept: 1, slope: 0.5 };

describe('a line through points', () => {
  it('is exact if the points are collinear', () => {
    expect(fitLine([0, 10, 50], [-3, 2, 22])).toEqual({ slope: 0.5, intercept: -3 });
  });

  it('is that of least squares otherwise', () => {
    // By hand: means 2 and 3, slope (−1·−1 + 0·0 + 1·1) / 2 … of (1, 2), (2, 3.5), (3, 3.5).
    const line = fitLine([1, 2, 3], [2, 3.5, 3.5]);
    expect(line.slope).toBeCloseTo(0.75, 12);
    expect(line.intercept).toBeCloseTo(1.5, 12);
  });

  it('uses only the first `count` entries, as in a resample', () => {
    expect(slopeOf(ALL)(columns([0, 1, 99], [0, 2, 99]), 2)).toBe(2);
    expect(heightAt(10, ALL)(columns([0, 1, 99], [1, 3, 99]), 2)).toBe(21);
  });

  it('crosses zero where it rises through it, and otherwise at an end of the range', () => {
    const crossing = risesThroughZero(0, 200, ALL);
    expect(crossing(columns([0, 200], [-50, 50]), 2)).toBe(100);
    expect(crossing(columns([0, 200], [10, 50]), 2)).toBe(0);
    expect(crossing(columns([0, 200], [-50, -10]), 2)).toBe(200);
    expect(crossing(columns([0, 200], [50, -50]), 2)).toBe(0);
  });

  it('is that of all points if a resample contains only one x', () => {
    expect(slopeOf(ALL)(columns([10, 10], [3, 5]), 2)).toBe(0.5);
    expect(heightAt(50, ALL)(columns([10, 10], [3, 5]), 2)).toBe(26);
  });

  it('is known exactly if every block lies on it, however few there are', () => {
    const data = [[[0, 50, 200]], [[43, 1_293, 5_043]]];
    const { value, low, high } = bootstrap(data, slopeOf({ intercept: 43, slope: 25 }), { seed: 1 });
    expect(value).toBeCloseTo(25, 9);
    expect(high - low).toBeLessThan(1e-9);
  });

  it('has a crossing whose bootstrap interval contains the truth', () => {
    const xs = [0, 50, 100, 200];
    const noise = [0.8, -0.6, 0.3, -0.5, 0.6, -0.9, 0.2, 0.1];
    const forks = [0, 1, 2, 3].map((fork) =>
      [0, 1].flatMap((round) => xs.map((x, i) => ({ x, y: -5 + 0.05 * x + (noise[(fork * 3 + round + i) % 8] ?? 0) }))),
    );
    const data = [forks.map((fork) => fork.map(({ x }) => x)), forks.map((fork) => fork.map(({ y }) => y))];
    const { value, low, high } = bootstrap(data, risesThroughZero(0, 200, ALL), { seed: 1 });
    expect(value).toBeGreaterThan(90);
    expect(value).toBeLessThan(110);
    expect(low).toBeLessThan(100);
    expect(high).toBeGreaterThan(100);
  });
});
