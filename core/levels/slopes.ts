/**
 * A series whose trend bends: it grows from some value on, levels off, or falls. The line is continuous and piecewise
 * linear, with autoregressive noise of order one about it. Levels explain a slow rise by several steps, and one drift
 * or a random walk by no change at all. Pure.
 */
import { backSubstitution, dot, normalise, takeOut } from '../stats/fitting/linear-algebra.ts';

/** Where the trend bends. */
export interface Bend {
  /** The last index on the old line, which is the first on the new one. */
  readonly at: number;
  /** The fitted value there. */
  readonly value: number;
  /** The rise from one value to the next, before and after it. */
  readonly before: number;
  readonly after: number;
}

export interface SlopesFit {
  /** Ascending by place. */
  readonly bends: readonly Bend[];
  /** Twice the negative log-likelihood plus the penalty for bends. */
  readonly score: number;
}

/** The least number of values between bends, and from the ends: fewer do not show a slope. */
const LEAST_IN_A_SLOPE = 5;
/** Nobody reads more bends than this. */
const MOST_BENDS = 8;
/** The search stops after this many more bends without a better score: a ramp has two, and one alone explains little. */
const PATIENCE = 3;
/** After each added bend, every bend may move to a better place this many times. */
const SWEEPS = 3;
/** Smooth curves have powers of time up to the square, the cube and so on: this many. Smooth growth has no bend. */
const CURVES = 3;
/** The penalty for a bend rises by this fraction as the correlation goes from 0 to 1: a random walk looks bent. */
const RAISED = 0.3;
/** The highest correlation assumed for the residuals. */
const MOST_LEFT = 0.9;
/** If a smaller fraction of a bend is independent of the other columns, it is rounding error. */
const SPANNED = 1e-11;

/**
 * Bends are added one by one at the place that reduces the squared error most, and all move after each addition.
 * O(n · bends³).
 * @param correlation of neighbouring values about the line, in [0, 1)
 * @param least a lower bound for the squared error
 * @param penalty the improvement that a bend must bring if the noise is independent
 */
export function slopesFit(values: readonly number[], correlation: number, least: number, penalty: number): SlopesFit {
  const count = values.length;
  const straight = straightLine(values, correlation);
  const bendAt = (at: number) => innovations(count, correlation, (i) => Math.max(0, i - at));
  const projected = (places: readonly number[]) => places.reduce((known, at) => extended(known, bendAt(at)), straight);
  const own = penalty * (1 + RAISED * correlation);
  const scoreOf = (rest: Float64Array, bends: number) => {
    const error = dot(rest, rest) + least;
    return scoreWith(error, count, correlation) + own * raisedBy(rest, error) * bends;
  };

  let state = projected([]);
  let places: number[] = [];
  let best = { places, state, score: scoreOf(state.rest, 0) };
  while (places.length < MOST_BENDS && places.length - best.places.length < PATIENCE) {
    const at = bestBend(state, correlation, places);
    if (at === null) break;
    places = [...places, at];
    for (let sweep = 0; sweep < SWEEPS && places.length > 1; sweep++) {
      const before = places;
      for (const i of before.keys()) {
        const others = places.filter((_, j) => j !== i);
        const moved = bestBend(projected(others), correlation, others);
        if (moved !== null) places = places.with(i, moved);
      }
      if (places.every((place, i) => place === before[i])) break;
    }
    state = projected(places);
    const score = scoreOf(state.rest, places.length);
    if (score < best.score) best = { places, state, score };
  }
  return { bends: bendsOf(best.places, coefficientsOf(best.state), values[0] ?? 0), score: best.score };
}

/**
 * The score of the best smooth curve, which has no bend anywhere: growth that speeds up or slows down.
 * @param correlation and `least` as of `slopesFit`
 */
export function curveScore(values: readonly number[], correlation: number, least: number): number {
  const count = values.length;
  let curve = straightLine(values, correlation);
  let best = Number.POSITIVE_INFINITY;
  for (let power = 2; power < 2 + CURVES; power++) {
    const column = innovations(count, correlation, (i) => ((2 * i) / count - 1) ** power);
    curve = extended(curve, column);
    const score = scoreWith(dot(curve.rest, curve.rest) + least, count, correlation);
    best = Math.min(best, score + (power - 1) * Math.log(count));
  }
  return best;
}

/** Twice the negative log-likelihood, up to a constant. */
const scoreWith = (error: number, count: number, correlation: number) =>
  count * Math.log(error / count) - Math.log(1 - correlation ** 2);

function straightLine(values: readonly number[], correlation: number): Projection {
  const count = values.length;
  // Relative to the first value, so that large values close together lose no digits.
  const origin = values[0] ?? 0;
  const target = innovations(count, correlation, (i) => (values[i] as number) - origin);
  const level = innovations(count, correlation, () => 1);
  return extended(
    extended(nothing(target), level),
    innovations(count, correlation, (i) => i),
  );
}

/**
 * The factor on the penalty for a bend if the residuals are still correlated: n values with correlation ρ tell as much
 * about a mean as n (1 − ρ) / (1 + ρ) independent ones.
 */
function raisedBy(rest: Float64Array, error: number): number {
  let product = 0;
  for (let i = 1; i < rest.length; i++) product += (rest[i] as number) * (rest[i - 1] as number);
  const left = Math.min(MOST_LEFT, Math.max(0, product / error));
  return (1 + left) / (1 - left);
}

function bendsOf(places: readonly number[], coefficients: readonly number[], origin: number): Bend[] {
  const [level = 0, drift = 0, ...turns] = coefficients;
  const sorted = places.map((at, i) => ({ at, turn: turns[i] as number })).toSorted((a, b) => a.at - b.at);
  let [slope, value, from] = [drift, origin + level, 0];
  return sorted.map(({ at, turn }) => {
    value += slope * (at - from);
    from = at;
    const before = slope;
    slope += turn;
    return { at, value, before, after: slope };
  });
}

/** Each value minus its prediction from the one before; the first in units of the stationary noise. */
function innovations(count: number, correlation: number, valueAt: (index: number) => number): Float64Array {
  const found = new Float64Array(count);
  let before = 0;
  for (let i = 0; i < count; i++) {
    const value = valueAt(i);
    found[i] = i === 0 ? Math.sqrt(1 - correlation ** 2) * value : value - correlation * before;
    before = value;
  }
  return found;
}

/** Least squares by the modified Gram-Schmidt process, column by column. */
interface Projection {
  /** Orthonormal directions of the columns. */
  readonly bases: readonly Float64Array[];
  /** What the columns do not explain. */
  readonly rest: Float64Array;
  /** Each column as a sum of directions, up to its own. */
  readonly factors: readonly (readonly number[])[];
  /** How much of the target lies in each direction. */
  readonly sides: readonly number[];
}

const nothing = (target: Float64Array): Projection => ({ bases: [], rest: target, factors: [], sides: [] });

function extended({ bases, rest, factors, sides }: Projection, column: Float64Array): Projection {
  const products = bases.map((basis) => takeOut(column, basis));
  const length = normalise(column);
  const left = rest.slice();
  const side = takeOut(left, column);
  return {
    bases: [...bases, column],
    rest: left,
    factors: [...factors, [...products, length]],
    sides: [...sides, side],
  };
}

/** The coefficient of each column. */
const coefficientsOf = ({ factors, sides }: Projection) =>
  backSubstitution(
    sides.map((_, i) => factors.map((column) => column[i] ?? 0)),
    sides,
  );

/**
 * The place where a bend reduces the squared error most; null if none is free. A bend rises by one with each value, so
 * its products with all vectors come from two running sums, in one pass backwards.
 */
function bestBend({ bases, rest }: Projection, correlation: number, taken: readonly number[]): number | null {
  const count = rest.length;
  const vectors = [rest, ...bases];
  const sums = new Float64Array(vectors.length);
  const risen = new Float64Array(vectors.length);
  const fresh = 1 - correlation;
  let size = 0;
  let best: { at: number; gain: number } | null = null;
  for (let at = count - 2; at >= LEAST_IN_A_SLOPE; at--) {
    size += (fresh * (count - 1 - at) + correlation) ** 2;
    let free = size;
    let product = 0;
    for (let j = 0; j < vectors.length; j++) {
      const sum = (sums[j] as number) + ((vectors[j] as Float64Array)[at + 1] as number);
      sums[j] = sum;
      risen[j] = (risen[j] as number) + sum;
      const own = fresh * (risen[j] as number) + correlation * sum;
      if (j === 0) product = own;
      else free -= own ** 2;
    }
    if (at > count - 1 - LEAST_IN_A_SLOPE || free < SPANNED * size) continue;
    const gain = product ** 2 / free;
    if (gain > (best?.gain ?? 0) && taken.every((place) => Math.abs(place - at) >= LEAST_IN_A_SLOPE))
      best = { at, gain };
  }
  return best?.at ?? null;
}
