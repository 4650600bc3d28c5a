/**
 * Detects the kinds of runs that are mixed in a series. Two kinds are distinguished by the differences between neighbours,
 * so a step between them may be of any size. Three or more are distinguished by the gaps between their levels. Pure.
 */
import { median } from '../stats/location.ts';
import { LEAST_SWITCHES, MOST_TOGETHER, mixtureOf, spreadAbout } from './mixture.ts';

export interface Kinds {
  /** The distance of each kind above the lowest one, ascending; the first is 0. */
  readonly offsets: readonly number[];
  /** The kind of each value, as an index of `offsets`. */
  readonly kindOf: readonly number[];
}

/** Maximum number of kinds; more would each have few runs, and are not interpreted. */
const MOST_KINDS = 6;
/** Minimum share of runs of each kind; a rarer one consists of outliers. */
const LEAST_SHARE = 1 / 12;
/** Minimum number of runs of each kind. */
const LEAST_RUNS = 5;
/** Minimum distance between neighbouring kinds, in standard deviations of the noise, which short series estimate badly. */
const far = (count: number) => 6 + 60 / count;
/** Minimum gap between neighbouring kinds, in the same unit; the largest gap among normal values is rarely wider. */
const LEAST_GAP = 3;

/**
 * @param values finite
 * @param leastSpread minimum assumed spread of the noise, including rounding
 *
 * @returns null for a series of one kind
 */
export function kindsIn(values: readonly number[], leastSpread: number): Kinds | null {
  const many = manyKindsIn(values, leastSpread);
  if (many !== null) return many;
  const two = mixtureOf(values, leastSpread);
  return two === null ? null : { offsets: [0, two.offset], kindOf: two.isUpper.map(Number) };
}

/** The contribution of each value's kind to the level. The level is that of the most frequent kind, so most runs lie on it. */
export function addedByKind({ offsets, kindOf }: Kinds): number[] {
  const counts = offsets.map((_, kind) => kindOf.filter((one) => one === kind).length);
  const base = offsets[counts.indexOf(Math.max(...counts))] as number;
  return kindOf.map((kind) => (offsets[kind] as number) - base);
}

/** Three or more kinds: the largest number with clear gaps between them. */
function manyKindsIn(values: readonly number[], leastSpread: number): Kinds | null {
  const least = Math.max(LEAST_RUNS, LEAST_SHARE * values.length);
  if (values.length < 3 * least) return null;
  const sorted = Float64Array.from(values).sort();
  // A cut below each value whose gap is wide; a few outliers have the widest ones.
  const cuts = Array.from(sorted.keys())
    .slice(1)
    .toSorted((a, b) => gapBelow(sorted, b) - gapBelow(sorted, a))
    .slice(0, 3 * MOST_KINDS);
  for (let used = cuts.length; used >= 2; used--) {
    const bounds = [0, ...cuts.slice(0, used).toSorted((a, b) => a - b), sorted.length];
    const sizes = bounds.slice(1).map((to, i) => ({ from: bounds[i] as number, to }));
    const major = sizes.filter(({ from, to }) => to - from >= least);
    if (major.length < 3 || major.length > MOST_KINDS) continue;
    // Between neighbouring kinds: the highest value of the lower one, and the lowest value of the upper one.
    const edges = major.slice(1).map(({ from }, i) => {
      const { to } = major[i] as { to: number };
      return { below: sorted[to - 1] as number, above: sorted[from] as number };
    });
    // Each value belongs to the nearest kind, even an outlier between two kinds.
    const middles = edges.map(({ below, above }) => (below + above) / 2);
    const kindOf = values.map((value) => middles.filter((middle) => value > middle).length);
    const spread = Math.max(leastSpread, noiseWithin(values, kindOf, major.length));
    const gaps = edges.map(({ below, above }) => above - below);
    if (Math.min(...gaps) < LEAST_GAP * spread || !isInterleaved(kindOf, major.length)) continue;
    const offsets = offsetsOf(values, kindOf, major.length);
    const distances = offsets.slice(1).map((offset, kind) => offset - (offsets[kind] as number));
    if (Math.min(...distances) >= far(values.length) * spread) return { offsets, kindOf };
  }
  return null;
}

const gapBelow = (sorted: Float64Array, at: number) => (sorted[at] as number) - (sorted[at - 1] as number);

const indicesOf = (kindOf: readonly number[], kind: number) => kindOf.flatMap((one, i) => (one === kind ? [i] : []));

/** The standard deviation of the noise of one run, from differences between successive runs of one kind. */
function noiseWithin(values: readonly number[], kindOf: readonly number[], kinds: number): number {
  const differences = Array.from({ length: kinds }, (_, kind) => {
    const own = indicesOf(kindOf, kind).map((i) => values[i] as number);
    return own.slice(1).map((value, i) => value - (own[i] as number));
  }).flat();
  return spreadAbout(0, differences) / Math.SQRT2;
}

/** Whether each kind alternates with the next one, instead of being a level that begins and ends. */
function isInterleaved(kindOf: readonly number[], kinds: number): boolean {
  const switchesIn = (some: readonly number[]) => some.filter((kind, i) => i > 0 && kind !== some[i - 1]).length;
  if (kindOf.length > MOST_TOGETHER * (switchesIn(kindOf) + 1)) return false;
  return Array.from({ length: kinds - 1 }, (_, kind) => {
    return switchesIn(kindOf.filter((one) => one === kind || one === kind + 1));
  }).every((switches) => switches >= LEAST_SWITCHES);
}

/** The distance of each kind above the lowest one, measured between neighbouring runs, so that steps do not count. */
function offsetsOf(values: readonly number[], kindOf: readonly number[], kinds: number): number[] {
  const offsets = [0];
  for (let kind = 1; kind < kinds; kind++) {
    const lower = indicesOf(kindOf, kind - 1);
    const distances = indicesOf(kindOf, kind).map((i) => {
      const nearest = lower.reduce((best, j) => (Math.abs(j - i) < Math.abs(best - i) ? j : best));
      return (values[i] as number) - (values[nearest] as number);
    });
    offsets.push((offsets[kind - 1] as number) + median(distances));
  }
  return offsets;
}
