/** Values that belong to no level: implausible ones, and single ones far from their neighbours. Pure. */
import { median, quantile } from '../stats/location.ts';

/** An excursion: the series changes by a factor, and returns. */
interface Excursion {
  readonly factor: number;
  /** A longer one is a level, although it ended. */
  readonly longest: (runs: number) => number;
  /** This many values at the end of the series, after which nothing has returned yet, begin a level. */
  readonly leastToStay: number;
}
/** A change by an order of magnitude is implausible unless it lasts; at a factor of three, a few runs may be broken. */
const EXCURSIONS: readonly Excursion[] = [
  { factor: 8, longest: (runs) => Math.max(10, runs / 10), leastToStay: 3 },
  { factor: 3, longest: () => 4, leastToStay: 1 },
];
/** The number of recent values that define a plausible next value. */
const REMEMBERED = 7;
/**
 * If a larger share of values is below zero, the series contains differences, or has another scale without a true
 * zero.
 */
const MOST_BELOW_ZERO = 0.02;
/** The distance that counts as far, in standard deviations of the noise between neighbours. */
const FAR = 5;

/**
 * Excursions by a large factor from which the series returned: runs in which nearly nothing, or only a part, worked.
 * The factor exceeds what the noise of the series explains. None are found in a series where a quarter or more is not
 * above zero, or that is below zero more than occasionally: it has no orders of magnitude. @returns their indices,
 * ascending
 */
export function implausible(values: readonly number[]): number[] {
  const positive = values.filter((value) => value > 0);
  if (values.length < 5 || positive.length <= 0.75 * values.length) return [];
  const below = values.filter((value) => value < 0);
  if (below.length > Math.max(1, MOST_BELOW_ZERO * values.length)) return [];
  const noise = Math.exp((FAR * noiseOf(stepsOf(positive.map(Math.log)))) / Math.SQRT2);
  const found = EXCURSIONS.flatMap((kind) => excursionsIn(values, Math.max(kind.factor, noise), kind));
  return [...new Set(found)].toSorted((a, b) => a - b);
}

function excursionsIn(values: readonly number[], factor: number, { longest, leastToStay }: Excursion): number[] {
  let known = [median(values.filter((value) => value > 0).slice(0, 2 * REMEMBERED + 1))];
  const found: number[] = [];
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    const level = median(known);
    if (isWithin(value, level, factor)) {
      known = [...known, value].slice(-REMEMBERED);
      continue;
    }
    // It ends when values are about what they were before it.
    const back = values.findIndex((later, i) => i > at && isWithin(later, level, Math.sqrt(factor)));
    const length = (back < 0 ? values.length : back) - at;
    if (back < 0 ? length < leastToStay : length <= longest(values.length)) {
      found.push(...Array.from({ length }, (_, i) => at + i));
      at += length - 1;
    } else if (value > 0) known = [value];
  }
  return found;
}

const stepsOf = (values: readonly number[]) => values.slice(1).map((value, i) => value - (values[i] as number));

const isWithin = (value: number, level: number, factor: number) => value > level / factor && value < level * factor;

/**
 * Quantiles of the absolute value of a standard normal variable. If whole numbers repeat, most differences can be
 * zero; the next quantile then shows how far the others reach.
 */
const QUANTILES = [
  { probability: 0.5, deviations: 0.67449 },
  { probability: 0.75, deviations: 1.15035 },
  { probability: 0.9, deviations: 1.64485 },
];

/**
 * A robust standard deviation of differences between neighbours, unaffected by a minority of them; 0 if nearly all
 * are equal.
 */
function noiseOf(differences: readonly number[]): number {
  const middle = median(differences);
  const sizes = differences.map((difference) => Math.abs(difference - middle));
  const found = QUANTILES.map(({ probability, deviations }) => quantile(sizes, probability) / deviations);
  return found.find((deviation) => deviation > 0) ?? 0;
}

/** The number of neighbours on each side to compare a value with. */
const NEIGHBOURS = 3;

/**
 * Values far from their neighbours: about one in a million with normal noise. At most two occur in a row, since three
 * can be a level. @param leastSpread the lowest spread assumed for the noise @returns for each its index, and the
 * median of the closer side, which can replace it
 */
export function farFromNeighbours(values: readonly number[], leastSpread: number): Map<number, number> {
  const differences = stepsOf(values);
  const found = new Map<number, number>();
  if (differences.length < 2 * NEIGHBOURS) return found;
  const spread = Math.max(leastSpread, noiseOf(differences) / Math.SQRT2);
  // The distance that a steady drift alone creates between a value and the middle of its neighbours.
  const far = FAR * spread + NEIGHBOURS * Math.abs(median(differences));
  for (const [i, value] of values.entries()) {
    const sides = [values.slice(Math.max(0, i - NEIGHBOURS), i), values.slice(i + 1, i + 1 + NEIGHBOURS)].filter(
      (side) => side.length > 0,
    );
    // At an end, the only side may contain a change of level, so all of it has to be far.
    const gaps = (sides.length === 2 ? sides.map(median) : sides.flat()).map((neighbour) => neighbour - value);
    const isOneWay = gaps.every((gap) => gap > far) || gaps.every((gap) => gap < -far);
    const isNear = (other: number | undefined) => other !== undefined && Math.abs(other - value) <= far;
    if (!isOneWay || (isNear(values[i - 1]) && isNear(values[i + 1]))) continue;
    const [closest = 0] = sides.map((side) => median(side) - value).toSorted((a, b) => Math.abs(a) - Math.abs(b));
    found.set(i, value + closest);
  }
  return found;
}
