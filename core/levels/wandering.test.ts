import { expect, it } from 'vitest';
import { createRandom } from '../stats/random.ts';
import { wanderingFit } from './wandering.ts';

const NO_STEPS = { penalty: 0, minSize: 3, most: 0 };

/** The same by its definition: minus twice the log-density, its covariance built and inverted, steps by least squares. */
function byDefinition(values: readonly number[], ratio: number, steps: readonly number[] = []): number {
  const n = values.length;
  const covariance = values.map((_, i) => values.map((__, j) => (i === j ? 1 : 0) + ratio * Math.min(i, j)));
  // Cholesky, by hand.
  const lower = values.map(() => values.map(() => 0));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const [a, b] = [lower[i] as number[], lower[j] as number[]];
      const rest =
        ((covariance[i] as number[])[j] as number) - a.slice(0, j).reduce((s, v, k) => s + v * (b[k] as number), 0);
      a[j] = i === j ? Math.sqrt(rest) : rest / (b[j] as number);
    }
  }
  const solve = (right: readonly number[]) => {
    const found: number[] = [];
    for (const [i, value] of right.entries()) {
      const row = lower[i] as number[];
      found.push((value - found.reduce((s, v, k) => s + v * (row[k] as number), 0)) / (row[i] as number));
    }
    return found;
  };
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((s, v, i) => s + v * (b[i] as number), 0);
  // Gram–Schmidt: the effects of the first level and the steps are removed one by one.
  const regressors = [0, ...steps].map((at) => solve(values.map((_, i) => (i >= at ? 1 : 0))));
  let rest = solve(values);
  for (const [i, regressor] of regressors.entries()) {
    rest = rest.map((v, t) => v - (dot(rest, regressor) / dot(regressor, regressor)) * (regressor[t] as number));
    for (let j = i + 1; j < regressors.length; j++) {
      const other = regressors[j] as number[];
      regressors[j] = other.map(
        (v, t) => v - (dot(other, regressor) / dot(regressor, regressor)) * (regressor[t] as number),
      );
    }
  }
  return n * Math.log(dot(rest, rest) / n) + 2 * lower.reduce((s, row, i) => s + Math.log(row[i] as number), 0);
}

it('is the likelihood of the local level model', () => {
  const random = createRandom(4);
  const values = Array.from({ length: 12 }, () => random.normal());
  for (const ratio of [0, 0.1, 1, 4]) {
    const { points, score } = wanderingFit(values, ratio, 0, NO_STEPS);
    expect(points).toEqual([]);
    expect(score).toBeCloseTo(byDefinition(values, ratio), 8);
  }
});

it('adds the steps that improve it most, at their likelihood by least squares', () => {
  const random = createRandom(5);
  const values = Array.from({ length: 24 }, (_, i) => (i < 8 ? 0 : i < 16 ? 9 : 2) + random.normal());
  for (const ratio of [0, 0.1, 1]) {
    const one = wanderingFit(values, ratio, 0, { penalty: 0, minSize: 3, most: 1 });
    const places = Array.from({ length: 19 }, (_, i) => i + 3);
    expect(one.score).toBeCloseTo(Math.min(...places.map((at) => byDefinition(values, ratio, [at]))), 8);
    const two = wanderingFit(values, ratio, 0, { penalty: 7, minSize: 3, most: 5 });
    expect(two.points).toEqual([8, 16]);
    expect(two.score).toBeCloseTo(byDefinition(values, ratio, two.points) + 14, 8);
  }
});

it('puts no step where it does not pay, or near an end or another step', () => {
  const random = createRandom(6);
  const noise = Array.from({ length: 40 }, () => random.normal());
  expect(wanderingFit(noise, 0.1, 0, { penalty: 16, minSize: 3, most: 9 }).points).toEqual([]);
  const { points } = wanderingFit(noise, 0.1, 0, { penalty: 0, minSize: 4, most: 30 });
  const bounds = [0, ...points, noise.length];
  expect(points.length).toBeGreaterThan(3);
  for (const [i, end] of bounds.slice(1).entries()) expect(end - (bounds[i] as number)).toBeGreaterThanOrEqual(4);
});
