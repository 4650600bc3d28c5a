/** How the time of a run is divided among its experiments. Pure. */

/**
 * Divides a budget by the experiments' weights.
 * @returns seconds for each, in their order
 */
export function divideBudget(totalSeconds: number, weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => (totalSeconds * weight) / sum);
}
