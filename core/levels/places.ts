/** How exactly the place of a change is known. Pure. */
import { mean } from '../stats/location.ts';

/** The places where a level may have begun, both inclusive, as indices of the first value of the new level. */
export interface Places {
  readonly first: number;
  readonly last: number;
  /** Twice the logarithm of the likelihood ratio of this change to none between the neighbouring points. */
  readonly evidence: number;
}

/** The probability with which a level began within its places. */
const CERTAIN = 0.99;

/**
 * The shortest stretches around the points of a fit that hold them with a probability of 99 %, if every place between the
 * neighbouring points is as likely at first. The levels and the noise are those of the fit, so the probability of a place
 * follows from its squared error.
 * @param values without kinds, season and drift
 * @param points the index at which each level after the first begins, ascending
 * @param correlation of neighbouring values about their level
 * @param leastSpread the lowest spread assumed for the noise
 */
export function placesOf(
  values: readonly number[],
  points: readonly number[],
  correlation: number,
  leastSpread: number,
): Places[] {
  if (points.length === 0) return [];
  const bounds = [0, ...points, values.length];
  const levels = bounds.slice(1).map((to, i) => mean(values.slice(bounds[i], to)));
  const levelAt = (at: number) => levels[points.findLastIndex((point) => point <= at) + 1] as number;
  const offs = values.map((value, at) => value - levelAt(at));
  const squares = offs.slice(1).map((off, i) => (off - correlation * (offs[i] as number)) ** 2);
  const variance = mean(squares) + leastSpread ** 2 + Number.MIN_VALUE;
  const whole = squares.length * variance;
  return points.map((point, i) => {
    const [from, to] = [bounds[i] as number, bounds[i + 2] as number];
    const [before, after] = [levels[i] as number, levels[i + 1] as number];
    const errors = errorsWithin(values.slice(from, to), before, after, correlation);
    const least = Math.min(...errors);
    const likelihoods = errors.map((error) => Math.exp((least - error) / (2 * variance)));
    const needed = CERTAIN * likelihoods.reduce((sum, one) => sum + one, 0);
    const order = [...likelihoods.keys()].toSorted((a, b) => (likelihoods[b] as number) - (likelihoods[a] as number));
    let [sum, first, last] = [0, point, point];
    for (const at of order) {
      if (sum >= needed) break;
      sum += likelihoods[at] as number;
      first = Math.min(first, from + at + 1);
      last = Math.max(last, from + at + 1);
    }
    const part = values.slice(from, to);
    const level = mean(part);
    // Without the change, both sides have one level.
    const none = errorsWithin(part, level, level, correlation)[0] as number;
    const own = errors[point - from - 1] as number;
    const evidence = values.length * Math.log(Math.max(1, (whole + none - own) / whole));
    return { first, last, evidence };
  });
}

/** The squared error of the innovations, for each place from the second value on where the level may change. */
function errorsWithin(values: readonly number[], before: number, after: number, correlation: number): number[] {
  const squareAt = (at: number, level: number, last: number) =>
    ((values[at] as number) - level - correlation * ((values[at - 1] as number) - last)) ** 2;
  const count = values.length;
  const later = new Float64Array(count + 1);
  for (let at = count - 1; at > 0; at--) later[at] = (later[at + 1] as number) + squareAt(at, after, after);
  const errors: number[] = [];
  let earlier = 0;
  for (let at = 1; at < count; at++) {
    errors.push(earlier + squareAt(at, after, before) + (later[at + 1] as number));
    earlier += squareAt(at, before, before);
  }
  return errors;
}
