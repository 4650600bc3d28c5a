import { expect, it } from 'vitest';
import { createRandom } from '../stats/random.ts';
import { wanderingScore } from './wandering.ts';

/** The same by its definition: minus twice the log-density, its covariance built and inverted. */
function byDefinition(values: readonly number[], ratio: number): number {
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
  const [y, one] = [solve(values), solve(values.map(() => 1))];
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((s, v, i) => s + v * (b[i] as number), 0);
  const error = dot(y, y) - dot(y, one) ** 2 / dot(one, one);
  return n * Math.log(error / n) + 2 * lower.reduce((s, row, i) => s + Math.log(row[i] as number), 0);
}

it('is the likelihood of the local level model', () => {
  const random = createRandom(4);
  const values = Array.from({ length: 12 }, () => random.normal());
  for (const ratio of [0, 0.1, 1, 4])
    expect(wanderingScore(values, ratio, 0)).toBeCloseTo(byDefinition(values, ratio), 8);
});
