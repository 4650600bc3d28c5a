/** Values that make no level: implausible ones, and single ones far from their neighbours. Pure. */
import { median, quantile } from '../stats/location.ts';

/** An excursion: the series goes off by a factor, and comes back. */
interface Excursion {
  readonly factor: number;
  /** One that lasts longer is a level, though it ended. */
  readonly longest: (runs: number) => number;
  /** At the end of the series, from which nothing came back yet, as many begin a level. */
  readonly leastToStay: number;
}
/** By an order of magnitude nothing is the same, unless it stays; by a factor of three, a few runs may be broken. */
const EXCURSIONS: readonly Excursion[] = [
  { factor: 8, longest: (runs) => Math.max(10, runs / 10), leastToStay: 3 },
  { factor: 3, longest: () => 4, leastToStay: 1 },
];
/** The number of recent values that define what is plausible next. */
const REMEMBERED = 7;
/** A larger share of values below zero says that the series is of differences, or of another scale without a true zero. */
const MOST_BELOW_ZERO = 0.02;
/** The distance that counts as far, in standard deviations of the noise between neighbours. */
const FAR = 5;

/**
 * Excursions by a large factor, from which the series came back: runs in which nearly nothing worked, or much did not. The
 * factor is more than the noise of the series explains.
 * A series of which a quarter or more is not above zero has no orders of magnitude, nor has one that goes below zero more
 * than now and then; in those none is found.
 * @returns their indices, ascending
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
    // It is over when values are about what they were before it.
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

/**
 * Values far from their neighbours: of normal noise about one in a million. At most two stand together, since of three
 * a level can be made.
 * @param leastSpread the least spread that the noise is assumed to have
 * @returns for each its index, and the median of the closer side, which can stand in for it
 */
export function farFromNeighbours(values: readonly number[], leastSpread: number): Map<number, number> {
  const differences = stepsOf(values);
  const found = new Map<number, number>();
  if (differences.length < 2 * NEIGHBOURS) return found;
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
