/** Measures of location and spread. @throws {RangeError} without at least one number; all must be finite */

/** The arithmetic mean. */
export function mean(values: readonly number[]): number {
  needSome(values);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The sample variance (divisor n − 1); 0 for a single number. */
export function variance(values: readonly number[]): number {
  const centre = mean(values);
  if (values.length === 1) return 0;
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}

/**
 * The nine definitions of sample quantiles that Hyndman & Fan (1996) number. 1: the smallest number that at least this share
 * does not exceed (nearest rank; PostgreSQL's `percentile_disc`). 2: as 1, but the mean of two at a step (SAS's default).
 * 3: the nearest even rank. All others interpolate. 4: the steps of 1. 5: their middles. 6: by the mean of ranks, as
 * Minitab, Excel's `PERCENTILE.EXC` and Python's default. 7: from the lowest to the highest, as R, NumPy and Excel's
 * `PERCENTILE.INC`. 8: nearly without bias for the median. 9: the same for normal numbers.
 */
export type QuantileType = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

/** How the interpolating types place a probability among the ranks: a + p(n + 1 − a − b). */
const PLACES = {
  4: [0, 1],
  5: [0.5, 0.5],
  6: [0, 0],
  7: [1, 1],
  8: [1 / 3, 1 / 3],
  9: [3 / 8, 3 / 8],
} as const;

/** Rounding must not turn a rank into the next one. R's tolerance. */
const RANK_ROUNDING = 4 * Number.EPSILON;

/**
 * Sample quantiles. @param probabilities each in [0, 1] @param type default 7, the default of R and NumPy @throws
 * {RangeError} without numbers, or for a probability outside
 */
export function quantiles(
  values: readonly number[],
  probabilities: readonly number[],
  type: QuantileType = 7,
): number[] {
  needSome(values);
  const sorted = Float64Array.from(values).sort();
  return probabilities.map((probability) => {
    if (!(probability >= 0 && probability <= 1)) {
      throw new RangeError(`A quantile needs a probability in [0, 1], not ${probability}.`);
    }
    return type === 7 ? quantileOfSorted(sorted, probability) : quantileOfType(sorted, probability, type);
  });
}

/** One quantile; see `quantiles`. */
export function quantile(values: readonly number[], probability: number, type: QuantileType = 7): number {
  return quantiles(values, [probability], type)[0] as number;
}

function quantileOfType(sorted: Float64Array, probability: number, type: Exclude<QuantileType, 7>): number {
  const count = sorted.length;
  const at = (rank: number) => sorted[Math.min(Math.max(rank, 1), count) - 1] as number;
  const place = placeOf(count, probability, type);
  const rounding = RANK_ROUNDING * Math.max(1, place);
  const rank = Math.floor(place + rounding);
  const beyond = place - rank > rounding;
  if (type === 1) return at(beyond ? rank + 1 : rank);
  if (type === 2) return beyond ? at(rank + 1) : (at(rank) + at(rank + 1)) / 2;
  if (type === 3) return at(beyond || Math.abs(rank) % 2 === 1 ? rank + 1 : rank);
  const share = beyond ? place - rank : 0;
  return share === 0 ? at(rank) : at(rank) + share * (at(rank + 1) - at(rank));
}

/** The rank, not always whole, at which a type finds this probability. */
function placeOf(count: number, probability: number, type: Exclude<QuantileType, 7>): number {
  if (type === 1 || type === 2) return count * probability;
  if (type === 3) return count * probability - 0.5;
  const [a, b] = PLACES[type];
  return a + probability * (count + 1 - a - b);
}

/** The quantile of numbers sorted in ascending order, without copying them. */
export function quantileOfSorted(sorted: Float64Array, probability: number): number {
  const place = probability * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (place - below) * (high - low);
}

/** The middle number, or the mean of the middle two. Breakdown point 50 %. */
export function median(values: readonly number[]): number {
  needSome(values);
  return quantileOfSorted(Float64Array.from(values).sort(), 0.5);
}

/** Median absolute deviation from the median, unscaled (multiply by 1.4826 for the σ of normal data). */
export function medianAbsoluteDeviation(values: readonly number[]): number {
  const centre = median(values);
  return median(values.map((value) => Math.abs(value - centre)));
}

/**
 * Hodges–Lehmann location (1963): the median of the means of all pairs, each number also paired with itself. Nearly
 * as efficient as the mean on normal data, with a breakdown point of 29 %. Takes O(n²) time and memory.
 */
export function hodgesLehmann(values: readonly number[]): number {
  needSome(values);
  const means = values.flatMap((one, index) => values.slice(index).map((other) => (one + other) / 2));
  return median(means);
}

/** Hodges–Lehmann shift from `before` to `after`: the median of all differences `after − before`. */
export function hodgesLehmannShift(before: readonly number[], after: readonly number[]): number {
  needSome(before);
  needSome(after);
  return median(after.flatMap((later) => before.map((earlier) => later - earlier)));
}

/**
 * The mean without the lowest and the highest numbers: a share of `trim` (rounded down to whole numbers) at either
 * end. @param trim 0 or more, below 0.5
 */
export function trimmedMean(values: readonly number[], trim: number): number {
  needSome(values);
  const out = Math.floor(trim * values.length);
  const sorted = Float64Array.from(values).sort();
  let sum = 0;
  for (let i = out; i < sorted.length - out; i++) sum += sorted[i] as number;
  return sum / (sorted.length - 2 * out);
}

/**
 * The standard error of `trimmedMean`, from the winsorised variance, and its degrees of freedom (Tukey & McLaughlin
 * 1963). 0 for a single number.
 */
export function trimmedError(
  values: readonly number[],
  trim: number,
): { readonly standardError: number; readonly degrees: number } {
  needSome(values);
  const count = values.length;
  const out = Math.floor(trim * count);
  const kept = count - 2 * out;
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[out] as number, sorted[count - 1 - out] as number];
  const winsorised = sorted.map((value) => Math.min(high, Math.max(low, value)));
  return { standardError: Math.sqrt(variance(winsorised) * count) / kept, degrees: kept - 1 };
}

function needSome(values: readonly number[]): void {
  if (values.length === 0) throw new RangeError('There are no numbers to summarise.');
}
