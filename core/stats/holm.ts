/**
 * Among many comparisons, some differ by chance. Holm's method (1979) bounds the probability of even one false
 * positive.
 */

/**
 * Adjusted p-values in the given order, to be compared with the family-wise error rate (0.05, for example). Valid
 * under any dependence between the comparisons. @param weights positive shares of the error rate, chosen before the
 * data are seen; equal by default. A test with half of the weight is judged at half the level or more, however many
 * others there are (Holm's section 3) @throws {RangeError} for a p outside [0, 1]
 */
export function holm(pValues: readonly number[], weights: readonly number[] = pValues.map(() => 1)): number[] {
  for (const p of pValues) if (!(p >= 0 && p <= 1)) throw new RangeError(`A p-value lies in [0, 1], not at ${p}.`);
  if (weights.length !== pValues.length || weights.some((weight) => !(weight > 0 && weight < Infinity))) {
    throw new RangeError('Each p-value needs a weight, which is positive and finite.');
  }
  const tests = pValues.map((p, index) => ({ p, index, weight: weights[index] as number }));
  const rising = tests.sort((one, other) => one.p / one.weight - other.p / other.weight);
  const adjusted = new Array<number>(pValues.length).fill(1);
  // The weight of each test and all after it, summed from the end: subtracting from a total would add rounding
  // errors.
  const left = new Float64Array(tests.length);
  for (let rank = tests.length - 1; rank >= 0; rank--) {
    left[rank] = (left[rank + 1] ?? 0) + (rising[rank] as (typeof tests)[number]).weight;
  }
  let highest = 0;
  for (const [rank, { p, index, weight }] of rising.entries()) {
    highest = Math.max(highest, Math.min(1, ((left[rank] as number) * p) / weight));
    adjusted[index] = highest;
  }
  return adjusted;
}
