/** Estimates how coarsely the values of a series are rounded. Pure. */

/** If the values are multiples of a step above this share of their size, they are a few distinct values, not rounded ones. */
const COARSEST = 0.1;
/** Fewer distinct values may be a step apart by chance. */
const LEAST_DIFFERENT = 3;
/** Tolerance for a multiple, as a fraction of the step: decimal fractions are not exact. */
const CLOSE = 1e-6;

/**
 * The rounding error: half the step of which all distances between values are multiples, or 0.5 for whole numbers.
 *
 * @returns 0 if the values are not visibly rounded
 */
export function roundingOf(values: readonly number[]): number {
  const least = values.length > 0 && values.every(Number.isInteger) ? 0.5 : 0;
  const different = [...new Set(values)].toSorted((a, b) => a - b);
  // If most values differ, the smallest distance is due to chance.
  if (different.length < LEAST_DIFFERENT || different.length > values.length / 2) return least;
  const distances = different.slice(1).map((value, i) => value - (different[i] as number));
  const step = Math.min(...distances);
  const isMultiple = (distance: number) => Math.abs(distance / step - Math.round(distance / step)) < CLOSE;
  const size = Math.max(...different.map(Math.abs));
  return step <= COARSEST * size && distances.every(isMultiple) ? Math.max(least, step / 2) : least;
}
