/**
 * A series that follows a random walk, with independent noise in each value. This is the local level model of Harvey
 * (1989), "Forecasting, structural time series models and the Kalman filter". Steps alone fit such a series well
 * although it has none. A true additional step is larger than the random walk explains. It is a regressor of the
 * model, as in Harvey & Durbin (1986), "The effects of seat belt legislation on British road casualties".
 */
import { dot, normalise, takeOut } from '../stats/fitting/linear-algebra.ts';

export interface WanderingFit {
  /** The index at which each step begins, ascending. */
  readonly points: readonly number[];
  /** Twice the negative log-likelihood plus the penalty for steps, up to a constant. */
  readonly score: number;
}

/** The improvement that a step must bring, and where it may be. */
export interface StepRules {
  readonly penalty: number;
  /** The least number of values before and after a step. */
  readonly minSize: number;
  readonly most: number;
}

/**
 * The score is on the scale of `n ln(squared error / n)`, which it equals for a ratio of 0. It is taken at the
 * maximum-likelihood first level and noise variance. Steps are added as long as the next one improves it. O(n ·
 * steps²). @param ratio the variance of the random walk's steps, relative to that of the noise @param least a lower
 * bound for the squared error
 */
export function wanderingFit(
  values: readonly number[],
  ratio: number,
  least: number,
  { penalty, minSize, most }: StepRules,
): WanderingFit {
  const count = values.length;
  const filter = filterFor(count, ratio);
  const rest = surprises(filter, values);
  const bases = [filter.level];
  takeOut(rest, filter.level);
  const scoreOf = (steps: number) =>
    count * Math.log((dot(rest, rest) + least) / count) + filter.determinant + penalty * steps;
  const points: number[] = [];
  let score = scoreOf(0);
  while (points.length < most) {
    const isFree = (at: number) =>
      at >= minSize && at <= count - minSize && points.every((point) => Math.abs(point - at) >= minSize);
    const at = bestStep(filter, rest, bases, isFree);
    if (at === null) break;
    const before = rest.slice();
    const step = stepFrom(filter, at);
    for (const basis of bases) takeOut(step, basis);
    normalise(step);
    takeOut(rest, step);
    const next = scoreOf(points.length + 1);
    if (next >= score) {
      rest.set(before);
      break;
    }
    score = next;
    points.push(at);
    bases.push(step);
  }
  return { points: points.toSorted((a, b) => a - b), score };
}

/** The Kalman filter for a ratio; it does not depend on the values. */
interface Filter {
  /** The Kalman gain: the part of an innovation that the level takes over. */
  readonly gains: Float64Array;
  /** One over the standard deviation of each innovation, in units of the noise. */
  readonly scales: Float64Array;
  readonly determinant: number;
  /** The innovations of a constant level, normalised. */
  readonly level: Float64Array;
}

/** Series of one history have few lengths, and a history has many series. */
const filters = new Map<string, Filter>();
const MOST_FILTERS = 100;

function filterFor(count: number, ratio: number): Filter {
  const key = `${count} ${ratio}`;
  const known = filters.get(key) ?? newFilter(count, ratio);
  if (filters.size >= MOST_FILTERS) filters.clear();
  filters.set(key, known);
  return known;
}

function newFilter(count: number, ratio: number): Filter {
  const gains = new Float64Array(count);
  const scales = new Float64Array(count);
  let determinant = 0;
  let uncertainty = 0;
  for (let i = 0; i < count; i++) {
    const variance = uncertainty + 1;
    const gain = uncertainty / variance;
    gains[i] = gain;
    scales[i] = 1 / Math.sqrt(variance);
    determinant += Math.log(variance);
    uncertainty = uncertainty * (1 - gain) + ratio;
  }
  const level = surprises({ gains, scales }, new Float64Array(count).fill(1));
  normalise(level);
  return { gains, scales, determinant, level };
}

/**
 * The standardised innovations: each value minus its prediction from those before, in standard deviations of the
 * noise.
 */
function surprises({ gains, scales }: Pick<Filter, 'gains' | 'scales'>, values: ArrayLike<number>): Float64Array {
  const found = new Float64Array(values.length);
  let level = 0;
  for (let i = 0; i < found.length; i++) {
    const surprise = (values[i] as number) - level;
    level += (gains[i] as number) * surprise;
    found[i] = surprise * (scales[i] as number);
  }
  return found;
}

/** The innovations of a unit step: at first all of it, then what the level has not yet taken over. */
function stepFrom({ gains, scales }: Filter, at: number): Float64Array {
  let left = 1;
  return scales.map((scale, i) => {
    if (i < at) return 0;
    const surprise = left * scale;
    left *= 1 - (gains[i] as number);
    return surprise;
  });
}

/** The place where a step reduces the squared error most. All products with steps come from one pass backwards. */
function bestStep(
  { gains, scales }: Filter,
  rest: Float64Array,
  bases: readonly Float64Array[],
  isFree: (at: number) => boolean,
): number | null {
  let best: { at: number; gain: number } | null = null;
  let own = 0;
  let withRest = 0;
  const withBases = bases.map(() => 0);
  for (let at = rest.length - 1; at > 0; at--) {
    const kept = 1 - (gains[at] as number);
    const scale = scales[at] as number;
    own = scale ** 2 + kept ** 2 * own;
    withRest = scale * (rest[at] as number) + kept * withRest;
    let free = own;
    for (const [i, basis] of bases.entries()) {
      const product = scale * (basis[at] as number) + kept * (withBases[i] as number);
      withBases[i] = product;
      free -= product ** 2;
    }
    // A step that the others already span leaves nothing but rounding.
    if (free < 1e-9 * own || !isFree(at)) continue;
    const gain = withRest ** 2 / free;
    if (gain > (best?.gain ?? 0)) best = { at, gain };
  }
  return best?.at ?? null;
}
