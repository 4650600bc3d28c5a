/** Values that make no level: implausible ones, and single ones far from their neighbours. Pure. */
import { median, quantile } from '../stats/location.ts';

/** A value this many times another is no measurement of the same thing, unless it stays. */
const IMPLAUSIBLE_FACTOR = 8;
/** An implausible stretch is over when values are within this factor of what they were before it. */
const BACK_WITHIN = Math.sqrt(IMPLAUSIBLE_FACTOR);
/** The number of recent values that define what is plausible next. */
const REMEMBERED = 7;
/** An excursion this long is a level, though it ended. */
const LONGEST_EXCURSION = 10;
/** Fewer implausible values than this, at the end, may be a broken run as well as a new level. */
const LEAST_TO_STAY = 3;
/** A larger share of values below zero says that the series is of differences, or of another scale without a true zero. */
const MOST_BELOW_ZERO = 0.02;

/**
 * Excursions by about an order of magnitude, from which the series came back: runs in which nearly nothing worked.
 * A series of which a quarter or more is not above zero has no orders of magnitude, nor has one that goes below zero more
 * than now and then; in those none is found.
 * @returns their indices, ascending
 */
export function implausible(values: readonly number[]): number[] {
  const positive = values.filter((value) => value > 0);
  if (values.length < 5 || positive.length <= 0.75 * values.length) return [];
  const below = values.filter((value) => value < 0);
  if (below.length > Math.max(1, MOST_BELOW_ZERO * values.length)) return [];
  const start = positive.slice(0, 2 * REMEMBERED + 1);
  let known = [median(start)];
  const found: number[] = [];
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    const level = median(known);
    if (isWithin(value, level, IMPLAUSIBLE_FACTOR)) {
      known = [...known, value].slice(-REMEMBERED);
      continue;
    }
    const back = values.findIndex((later, i) => i > at && isWithin(later, level, BACK_WITHIN));
    const length = (back < 0 ? values.length : back) - at;
    const isBroken = back < 0 ? length < LEAST_TO_STAY : length <= Math.max(LONGEST_EXCURSION, values.length / 10);
    if (isBroken) {
      found.push(...Array.from({ length }, (_, i) => at + i));
      at += length - 1;
    } else if (value > 0) known = [value];
  }
  return found;
}

const isWithin = (value: number, level: number, factor: number) => value > level / factor && value < level * factor;

/**
 * Quantiles of the sizes of normal values, in standard deviations. Where whole numbers repeat, most differences can be
 * zero, and then the next one tells how far the others reach.
 */
const QUANTILES = [
  { probability: 0.5, deviations: 0.67449 },
  { probability: 0.75, deviations: 1.15035 },
  { probability: 0.9, deviations: 1.64485 },
];

/** The standard deviation of differences between neighbours, whatever a minority of them is; 0 if nearly all are the same. */
function noiseOf(differences: readonly number[]): number {
  const middle = median(differences);
  const sizes = differences.map((difference) => Math.abs(difference - middle));
  const found = QUANTILES.map(({ probability, deviations }) => quantile(sizes, probability) / deviations);
  return found.find((deviation) => deviation > 0) ?? 0;
}

/** The number of neighbours on each side that a value is compared with. */
const NEIGHBOURS = 3;
/** The distance that counts as far, in standard deviations of the noise between neighbours. */
const FAR = 5;

/**
 * Values far from their neighbours: of normal noise about one in a million. At most two stand together, since of three
 * a level can be made.
 * @param leastSpread the least spread that the noise is assumed to have
 * @returns for each its index, and the median of the closer side, which can stand in for it
 */
export function farFromNeighbours(values: readonly number[], leastSpread: number): Map<number, number> {
  const differences = values.slice(1).map((value, i) => value - (values[i] as number));
  const found = new Map<number, number>();
  if (differences.length < 2 * LEAST_TO_STAY) return found;
  const spread = Math.max(leastSpread, noiseOf(differences) / Math.SQRT2);
  // What a steady drift alone puts between a value and the middle of its neighbours.
  const far = FAR * spread + NEIGHBOURS * Math.abs(median(differences));
  for (const [i, value] of values.entries()) {
    const sides = [values.slice(Math.max(0, i - NEIGHBOURS), i), values.slice(i + 1, i + 1 + NEIGHBOURS)].filter(
      (side) => side.length > 0,
    );
    // At an end the only side may hold a change of level, so all of it has to be far.
    const gaps = (sides.length === 2 ? sides.map(median) : sides.flat()).map((neighbour) => neighbour - value);
    const isOneWay = gaps.every((gap) => gap > far) || gaps.every((gap) => gap < -far);
    const isNear = (other: number | undefined) => other !== undefined && Math.abs(other - value) <= far;
    if (!isOneWay || (isNear(values[i - 1]) && isNear(values[i + 1]))) continue;
    const [closest = 0] = sides.map((side) => median(side) - value).toSorted((a, b) => Math.abs(a) - Math.abs(b));
    found.set(i, value + closest);
  }
  return found;
}
