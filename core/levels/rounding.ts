/** How coarsely the values of a series are rounded. Pure. */

/** Values that are all multiples of a step above this share of their size are few kinds of value, and not rounded ones. */
const COARSEST = 0.1;
/** Fewer different values can be a step apart by chance. */
const LEAST_DIFFERENT = 3;
/** A value this close to a multiple, in parts of the step, is one: decimal fractions are not exact. */
const CLOSE = 1e-6;

/**
 * The rounding error: half the step that all distances between values are multiples of, or half of one for whole numbers.
 * @returns 0 for values that are not visibly rounded
 */
export function roundingOf(values: readonly number[]): number {
  const least = values.length > 0 && values.every(Number.isInteger) ? 0.5 : 0;
  const different = [...new Set(values)].toSorted((a, b) => a - b);
  // Where most values differ, the smallest distance is chance.
  if (different.length < LEAST_DIFFERENT || different.length > values.length / 2) return least;
  const distances = different.slice(1).map((value, i) => value - (different[i] as number));
  const step = Math.min(...distances);
  const isMultiple = (distance: number) => Math.abs(distance / step - Math.round(distance / step)) < CLOSE;
  const size = Math.max(...different.map(Math.abs));
  return step <= COARSEST * size && distances.every(isMultiple) ? Math.max(least, step / 2) : least;
}
