/**
 * Two kinds of runs in one series: two configurations, or two machines, in any order. Each has its own level, and a
 * step moves both. A fit that assumes one kind sees many steps or much noise. Pure.
 */
import { median, quantile } from '../stats/location.ts';

export interface Mixture {
  /** The distance of the upper kind above the lower. */
  readonly offset: number;
  /** Whether each value is of the upper kind. */
  readonly isUpper: readonly boolean[];
}

/** With fewer switches, the kinds could be steps up and down. */
export const LEAST_SWITCHES = 6;
/** The longest average sequence of runs of one kind; longer sequences are levels. */
export const MOST_TOGETHER = 5;
/** The lowest share of runs of each kind; a rarer one consists of outliers. */
const LEAST_SHARE = 1 / 6;
/**
 * The least distance between the kinds, in standard deviations of differences between neighbours of one kind. In
 * short series the noise is poorly known, so the distance is larger.
 */
const far = (differences: number) => 4 + 32 / differences;
/**
 * How much more the large differences may spread than the small ones. Growing noise has large differences of every
 * size.
 */
const MOST_UNEVEN = 1.6;
/** The same as a part of the offset, because one kind may change its level, and so the offset. */
const MOST_UNEVEN_PART = 3 / 8;
/** The least gap between the two sizes of differences, in the same unit. */
const LEAST_GAP = 1;

/** The share of the differences that contains no step. */
const MOSTLY = 0.95;

/**
 * Neighbours of the same kind differ by noise, and others by the offset, up or down. So the sizes of differences form
 * two clusters with nothing between them. A step of the level belongs to neither, and the differences next to it show
 * which kind is which. @param values finite @param leastSpread the lowest spread assumed for the noise, including
 * rounding @returns null for a series of one kind
 */
export function mixtureOf(values: readonly number[], leastSpread: number): Mixture | null {
  const differences = values.slice(1).map((value, i) => value - (values[i] as number));
  const offset = offsetOf(differences, leastSpread);
  if (offset === null) return null;
  const isUpper = kindsOf(differences, offset);
  const switches = isUpper.flatMap((upper, i) => (i > 0 && upper !== isUpper[i - 1] ? [i] : []));
  const [first = 0, last = 0] = [switches[0], switches.at(-1)];
  // Before the first switch and after the last, there is one kind, for however long.
  const together = (last - first) / Math.max(1, switches.length - 1);
  if (switches.length < LEAST_SWITCHES || together > MOST_TOGETHER) return null;
  // Noise that has grown has large differences too, in the part where it grew; there, small ones are as common.
  if (offsetOf(differences.slice(first - 1, last), leastSpread) === null) return null;
  const mixed = isUpper.slice(first - 1, last + 1);
  const share = mixed.filter(Boolean).length / mixed.length;
  return Math.min(share, 1 - share) < LEAST_SHARE ? null : { offset, isUpper };
}

/** The offset between the kinds, if the sizes of differences form two clusters; otherwise null. */
function offsetOf(differences: readonly number[], leastSpread: number): number | null {
  if (differences.length < 2 * LEAST_SWITCHES) return null;
  const sizes = differences.map(Math.abs).toSorted((a, b) => a - b);
  const least = Math.SQRT2 * leastSpread;
  // If the kinds always alternate, all differences are large and similar.
  const needed = far(sizes.length);
  if (median(sizes) >= needed * Math.max(least, spreadAbout(median(sizes), sizes))) return median(sizes);
  // A few steps may be larger than everything else, and would form their own cluster.
  const cut = bestCut(sizes.slice(0, Math.ceil(MOSTLY * sizes.length)));
  const [small, large] = [sizes.slice(0, cut), sizes.slice(cut)];
  if (small.length === 0 || large.length < LEAST_SWITCHES) return null;
  const offset = median(large);
  const spread = Math.max(least, spreadAbout(0, small));
  if (spreadAbout(offset, large) > Math.max(MOST_UNEVEN * spread, MOST_UNEVEN_PART * offset)) return null;
  const gap = quantile(large, 0.1) - quantile(small, 0.9);
  return offset >= needed * spread && gap >= LEAST_GAP * spread ? offset : null;
}

/** A robust standard deviation of normal numbers about a centre, unaffected by a minority of them. */
export const spreadAbout = (centre: number, numbers: readonly number[]) =>
  median(numbers.map((number) => Math.abs(number - centre))) / 0.67449;

/** The best split of sorted numbers into two clusters: the lowest sum of squared errors about two means (Otsu 1979). */
function bestCut(sorted: readonly number[]): number {
  const total = sorted.reduce((sum, size) => sum + size, 0);
  let best = { cut: 0, between: 0 };
  let sum = 0;
  for (let cut = 1; cut < sorted.length; cut++) {
    sum += sorted[cut - 1] as number;
    const gap = (total - sum) / (sorted.length - cut) - sum / cut;
    const between = cut * (sorted.length - cut) * gap ** 2;
    if (between > best.between) best = { cut, between };
  }
  return best.cut;
}

/**
 * The cost of a step of the level, and of a switch between kinds whose distance differs here, relative to the offset.
 */
const STEP = 1 / 4;
const WIDER = 1 / 8;

/**
 * The most likely kinds, by the Viterbi algorithm (1967). A difference that no switch explains is a step, and costs
 * the same whatever the kinds next to it. One kind may change its level, and so the offset.
 */
function kindsOf(differences: readonly number[], offset: number): boolean[] {
  const stay = (difference: number) => Math.min((difference / offset) ** 2, STEP);
  const rise = (difference: number) => Math.min((difference / offset - 1) ** 2, difference > offset ? WIDER : STEP);
  let [lower, upper] = [0, 0];
  const cameFrom: { readonly lower: boolean; readonly upper: boolean }[] = [];
  for (const difference of differences) {
    const stays = stay(difference);
    const [down, up] = [upper + rise(-difference), lower + rise(difference)];
    cameFrom.push({ lower: down < lower + stays, upper: upper + stays <= up });
    [lower, upper] = [Math.min(lower + stays, down), Math.min(upper + stays, up)];
  }
  const kinds = [upper < lower];
  for (const from of cameFrom.toReversed()) kinds.push(kinds.at(-1) ? from.upper : from.lower);
  return kinds.toReversed();
}
