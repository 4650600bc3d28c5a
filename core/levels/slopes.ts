/**
 * A series whose trend bends: it grows from some value on, levels off, or falls. The line is continuous and piecewise
 * linear, with autoregressive noise of order one about it. Levels explain a slow rise by several steps, and one drift
 * or a random walk by no change at all. Pure.
 */

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
  /** The same of the best smooth curve, which has no bend anywhere; lower if it explains the series better. */
  readonly curveScore: number;
}

/** The least number of values between bends, and from the ends: fewer do not show a slope. */
const LEAST_IN_A_SLOPE = 5;
/** Nobody reads more bends than this. */
const MOST_BENDS = 8;
/** The search stops after this many bends more that are no better: a ramp has two, and one alone explains little. */
const PATIENCE = 3;
/** How often each bend may move to a better place after another one was added. */
const SWEEPS = 3;
/** How many powers of time are tried beside the straight line: growth that speeds up or slows down is no bend. */
const CURVES = 3;
/** How much dearer a bend becomes with full correlation: a series that nearly wanders looks bent. */
const RAISED = 0.3;
/** The most correlation that is assumed of what the line leaves. */
const MOST_LEFT = 0.9;
/** What remains of a bend that the other lines span already is rounding. */
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
  const origin = values[0] ?? 0;
  const target = innovations(count, correlation, (i) => (values[i] as number) - origin);
  const lines = [innovations(count, correlation, () => 1), innovations(count, correlation, (i) => i)];
  const bendAt = (at: number) => innovations(count, correlation, (i) => Math.max(0, i - at));
  const projected = (places: readonly number[]) => projection(target, [...lines, ...places.map(bendAt)]);
  const own = penalty * (1 + RAISED * correlation);
  const scoreOf = (rest: Float64Array, bends: number) => {
    const error = squares(rest) + least;
    return count * Math.log(error / count) - Math.log(1 - correlation ** 2) + own * raisedBy(rest, error) * bends;
  };

  let state = projected([]);
  let places: number[] = [];
  let best = { places, state, score: scoreOf(state.rest, 0) };
  while (places.length < MOST_BENDS && places.length - best.places.length < PATIENCE) {
    const at = bestBend(state, correlation, places);
    if (at === null) break;
    places = [...places, at];
    state = projected(places);
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
  const powers = Array.from({ length: CURVES }, (_, i) =>
    innovations(count, correlation, (at) => ((2 * at) / count - 1) ** (i + 2)),
  );
  const curves = powers.map((_, i) => {
    const { rest } = projection(target, [...lines, ...powers.slice(0, i + 1)]);
    return scoreOf(rest, 0) + (i + 1) * Math.log(count);
  });
  const { state: fitted, score } = best;
  return { bends: bendsOf(best.places, fitted.solve(), origin), score, curveScore: Math.min(...curves) };
}

/**
 * By how much correlation that is left in the noise makes a bend dearer: neighbours that agree are worth fewer
 * values, as the standard error of a mean shows.
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

interface Projection {
  /** Orthonormal directions of the columns. */
  readonly bases: readonly Float64Array[];
  /** What the columns do not explain. */
  readonly rest: Float64Array;
  /** The coefficient of each column. */
  readonly solve: () => number[];
}

/** Least squares by the modified Gram-Schmidt process. */
function projection(target: Float64Array, columns: readonly Float64Array[]): Projection {
  const bases: Float64Array[] = [];
  const factors: number[][] = [];
  for (const column of columns) {
    const own = column.slice();
    const products = bases.map((basis) => takeOut(own, basis));
    const length = Math.sqrt(squares(own));
    for (let i = 0; i < own.length; i++) own[i] = (own[i] as number) / length;
    bases.push(own);
    factors.push([...products, length]);
  }
  const rest = target.slice();
  const sides = bases.map((basis) => takeOut(rest, basis));
  const solve = () => {
    const found = sides.slice();
    for (let j = found.length - 1; j >= 0; j--) {
      found[j] = (found[j] as number) / (factors[j]?.[j] as number);
      for (let i = 0; i < j; i++) found[i] = (found[i] as number) - (factors[j]?.[i] as number) * (found[j] as number);
    }
    return found;
  };
  return { bases, rest, solve };
}

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

/** Takes a normalised direction out of a vector. @returns how much of it there was */
function takeOut(vector: Float64Array, direction: Float64Array): number {
  let product = 0;
  for (let i = 0; i < vector.length; i++) product += (vector[i] as number) * (direction[i] as number);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) - product * (direction[i] as number);
  return product;
}

function squares(vector: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += (vector[i] as number) ** 2;
  return sum;
}
