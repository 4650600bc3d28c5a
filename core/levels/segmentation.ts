/**
 * The best segmentation of a series into levels with autoregressive noise of order one. Each segment costs its exact
 * Gaussian likelihood: its first value has the stationary variance, and each later one is predicted from the one
 * before. Without the prediction, correlated noise looks like levels (Shi, Gallagher, Lund & Killick 2022, "A
 * comparison of single and multiple changepoint techniques for time series data").
 */

/** The noise, and the rules for segments. */
export interface NoiseModel {
  /** The correlation of neighbouring values about their level, in [0, 1). */
  readonly correlation: number;
  /** The rise of the whole series from one value to the next. */
  readonly drift: number;
  /** The least number of values in a segment. */
  readonly minSize: number;
  /** Boundaries at multiples of this are tried first, then those next to the best of them. */
  readonly stride: number;
}

export interface Segmentation {
  /** The index at which each segment after the first begins, ascending. */
  readonly points: readonly number[];
  readonly score: number;
}

/**
 * The scratch space has room for this many boundaries near the points of a first pass; beyond that it is reallocated.
 */
const MOST_REFINED = 64;
/** Search stops after this many fits with more segments that are no better. */
const PATIENCE = 2;

/**
 * @param scoreOf the score of a number of segments that leave a given weighted squared error; the lowest score wins
 * @returns the best segmentation into at most `most` segments, by dynamic programming in O(most · n²)
 */
export function segmentation(
  values: readonly number[],
  model: NoiseModel,
  most: number,
  scoreOf: (segments: number, squaredError: number) => number,
  scratch: Float64Array = scratchFor(values.length, model.stride),
): Segmentation {
  const { minSize, stride } = model;
  const count = values.length;
  const sums = sumsOf(values, model);
  const all = Array.from({ length: Math.max(0, count - 2 * minSize + 1) }, (_, i) => i + minSize);
  const within = (boundaries: readonly number[]) =>
    amongBoundaries([0, ...boundaries, count], costsOf(sums, boundaries, model, scratch), minSize, most, scoreOf);
  if (stride === 1) return within(all);
  const { points } = within(all.filter((at) => at % stride === 0));
  // A level that begins between two tried boundaries was split there into two or three; now all of those are tried.
  return within(all.filter((at) => points.some((point) => Math.abs(point - at) <= stride)));
}

/** The weighted squared error of given segments. @param points the index at which each after the first begins */
export function errorOf(values: readonly number[], points: readonly number[], model: NoiseModel): number {
  const size = points.length + 2;
  const costs = costsOf(sumsOf(values, model), points, model, new Float64Array(size ** 2));
  return Array.from({ length: size - 1 }, (_, i) => costs[(i + 1) * size + i] as number).reduce((a, b) => a + b, 0);
}

/**
 * Space for the costs of all segments between boundaries that are tried together. Passes over one series can share
 * it.
 */
export function scratchFor(count: number, stride: number): Float64Array {
  const tried = Math.max(Math.ceil(count / stride) + 2, Math.min(count + 2, MOST_REFINED));
  return new Float64Array(tried ** 2);
}

/**
 * @param bounds ascending, including the start and the end of the series @param costs of the segment from the i-th to
 * the j-th of them, at `j * bounds.length + i`
 */
function amongBoundaries(
  bounds: readonly number[],
  costs: Float64Array,
  minSize: number,
  most: number,
  scoreOf: (segments: number, squaredError: number) => number,
): Segmentation {
  const size = bounds.length;
  const last = size - 1;
  let errors: Float64Array = new Float64Array(size);
  for (let j = 0; j < size; j++) errors[j] = costs[j * size] as number;
  let best = { segments: 1, score: scoreOf(1, errors[last] as number) };
  // `starts[k][j]`: the index of the bound at which the last of k + 2 segments begins, if these end at bound j. An added
  // row first has only the entry of the last bound, which gives the score; `layerAfter` fills in the others if needed.
  const starts: Int32Array[] = [];
  for (let segments = 2; segments <= most && segments - best.segments <= PATIENCE; segments++) {
    if (segments > 2) errors = layerAfter(errors, starts.at(-1) as Int32Array, bounds, costs, minSize);
    const startOf = new Int32Array(size);
    starts.push(startOf);
    const score = scoreOf(segments, leastAt(last, errors, startOf, bounds, costs, minSize));
    if (score < best.score) best = { segments, score };
  }
  const points: number[] = [];
  for (let layer = best.segments - 2, j = last; layer >= 0; layer--) {
    j = starts[layer]?.[j] as number;
    points.unshift(bounds[j] as number);
  }
  return { points, score: best.score };
}

/** For each bound except the last, the least error of the values up to it with one more segment. */
function layerAfter(
  errors: Float64Array,
  startOf: Int32Array,
  bounds: readonly number[],
  costs: Float64Array,
  minSize: number,
): Float64Array {
  const next = new Float64Array(errors.length).fill(Number.POSITIVE_INFINITY);
  for (let j = 1; j < errors.length - 1; j++) next[j] = leastAt(j, errors, startOf, bounds, costs, minSize);
  return next;
}

/** The least error of segments that end at the j-th bound. Notes in `startOf` where the last of them begins. */
function leastAt(
  j: number,
  errors: Float64Array,
  startOf: Int32Array,
  bounds: readonly number[],
  costs: Float64Array,
  minSize: number,
): number {
  const latest = (bounds[j] as number) - minSize;
  const row = j * errors.length;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 1; i < j && (bounds[i] as number) <= latest; i++) {
    const error = (errors[i] as number) + (costs[row + i] as number);
    if (error < least) {
      least = error;
      startOf[j] = i;
    }
  }
  return least;
}

interface Sums {
  /** Each value without the drift, relative to the first. */
  readonly values: Float64Array;
  /** Running sums of each value minus its prediction from the one before, from the second value to this one. */
  readonly innovations: Float64Array;
  readonly squares: Float64Array;
}

function sumsOf(values: readonly number[], { correlation, drift }: NoiseModel): Sums {
  // Relative to the first value, so that large values close together lose no digits.
  const origin = values[0] ?? 0;
  const steady = new Float64Array(values.length);
  for (let i = 0; i < steady.length; i++) steady[i] = (values[i] as number) - origin - drift * i;
  const innovations = new Float64Array(steady.length);
  const squares = new Float64Array(steady.length);
  for (let i = 1; i < steady.length; i++) {
    const innovation = (steady[i] as number) - correlation * (steady[i - 1] as number);
    innovations[i] = (innovations[i - 1] as number) + innovation;
    squares[i] = (squares[i - 1] as number) + innovation ** 2;
  }
  return { values: steady, innovations, squares };
}

/**
 * The weighted squared error of each segment about its best level, in constant time each. With φ the correlation, it
 * is (1 − φ²)(x₀ − μ)² + Σ((xₜ − φ xₜ₋₁) − (1 − φ)μ)², minimal at a μ that the sums give. @returns costs in the
 * layout of `amongBoundaries`, for `boundaries` without the ends
 */
function costsOf(
  { values, innovations, squares }: Sums,
  boundaries: readonly number[],
  { correlation }: NoiseModel,
  scratch: Float64Array,
): Float64Array {
  const bounds = [0, ...boundaries, values.length];
  const size = bounds.length;
  const first = 1 - correlation ** 2;
  const later = 1 - correlation;
  const costs = size * size <= scratch.length ? scratch : new Float64Array(size * size);
  for (let j = 1; j < size; j++) {
    const end = bounds[j] as number;
    const sum = innovations[end - 1] as number;
    const total = squares[end - 1] as number;
    for (let i = 0; i < j; i++) {
      const start = bounds[i] as number;
      const opening = values[start] as number;
      const weight = first + (end - start - 1) * later * later;
      const weighted = first * opening + later * (sum - (innovations[start] as number));
      const square = first * opening * opening + total - (squares[start] as number);
      costs[j * size + i] = Math.max(0, square - (weighted * weighted) / weight);
    }
  }
  return costs;
}
