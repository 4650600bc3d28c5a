/** Many comparisons at once find differences by chance; Holm's method (1979) bounds the chance of a single such find. */

/**
 * Adjusted p-values, in the order given: compare each with the chance of any false find that is allowed (0.05, say).
 * Valid whatever the dependence between the comparisons. Throws RangeError for a p outside [0, 1].
 */
export function holm(pValues: readonly number[]): number[] {
  for (const p of pValues) if (!(p >= 0 && p <= 1)) throw new RangeError(`A p-value lies in [0, 1], not at ${p}.`);
  const rising = pValues.map((p, index) => ({ p, index })).sort((one, other) => one.p - other.p);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let highest = 0;
  for (const [rank, { p, index }] of rising.entries()) {
    highest = Math.max(highest, Math.min(1, (pValues.length - rank) * p));
    adjusted[index] = highest;
  }
  return adjusted;
}
