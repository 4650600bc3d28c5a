/**
 * A ranking without false precision: arms that are statistically indistinguishable share a group, and an arm is
 * ranked lower only if that is known.
 */

import { studentCdf, studentQuantile } from './distributions.ts';
import type { EstimateOptions } from './estimate.ts';
import { holm } from './holm.ts';
import type { Estimate } from './interval.ts';
import { median } from './location.ts';
import { pairedRatio } from './ratio.ts';

export interface Comparison {
  readonly a: string;
  readonly b: string;
  /** a over b. */
  readonly ratio: Estimate;
}

/** Positive measurements by arm, `[fork][block]`; the same position in each arm is the same block. */
export type BlocksByArm = ReadonlyMap<string, readonly (readonly number[])[]>;

/** Compares every pair of arms block by block. @throws {RangeError} if the arms' blocks do not match */
export function compareAll(blocksByArm: BlocksByArm, options: EstimateOptions): Comparison[] {
  const arms = [...blocksByArm];
  return arms.flatMap(([a, forksOfA], index) =>
    arms.slice(index + 1).map(([b, forksOfB]) => {
      const pairs = forksOfA.map((fork, f) => {
        const other = forksOfB[f];
        if (other?.length !== fork.length || forksOfA.length !== forksOfB.length) {
          throw new RangeError(`The arms ${a} and ${b} were not measured in the same blocks.`);
        }
        return fork.map((value, block) => ({ value, baseline: other[block] as number }));
      });
      return { a, b, ratio: pairedRatio(pairs, options) };
    }),
  );
}

/**
 * The two-sided p-value of "the ratio is 1": the estimator's own if it has one. Otherwise it is derived from the
 * interval on the log scale: the distance to 1, in units of the half-width on that side, follows the interval's t
 * distribution. It is below 1 − confidence exactly if the interval excludes 1.
 */
export function pValueOfNoDifference(ratio: Estimate): number {
  const degrees = (ratio.forks > 1 ? ratio.forks : ratio.blocks) - 1;
  if (ratio.pNoDifference !== undefined && (ratio.forks > 1 || ratio.blocks > 1)) return ratio.pNoDifference;
  if (ratio.value === 1 || degrees < 1) return 1;
  const distance = Math.abs(Math.log(ratio.value));
  const reach = Math.abs(Math.log(ratio.value / (ratio.value > 1 ? ratio.low : ratio.high)));
  if (reach === 0) return 0;
  const t = (distance / reach) * studentQuantile((1 + ratio.confidence) / 2, degrees);
  return Math.min(1, 2 * studentCdf(-t, degrees));
}

export interface RankedArm {
  readonly arm: string;
  /** 1 plus the number of arms known to be better. */
  readonly rank: number;
}

export interface Ranking {
  /** Best first; equal ranks are sorted by their estimates. */
  readonly arms: readonly RankedArm[];
  /**
   * The maximal sets of arms without a significant difference, best first. They may overlap: a may tie with b and b
   * with c while a differs from c (Piepho 2004 shows the same with letters).
   */
  readonly groups: readonly (readonly string[])[];
}

export interface RankOptions {
  /** Which values are better; `smaller` for CPU time. */
  readonly better: 'smaller' | 'bigger';
}

/** The family-wise error rate: the chance that any two equal arms are called different. */
const ALPHA = 0.05;

/**
 * The comparisons that show a difference, corrected for their number (Holm). @param weightOf the share of `ALPHA` of
 * a comparison, chosen before the data are seen; equal by default
 */
export function differencesIn<C extends Comparison>(
  comparisons: readonly C[],
  weightOf: (comparison: C) => number = () => 1,
): ReadonlySet<C> {
  const adjusted = holm(
    comparisons.map(({ ratio }) => pValueOfNoDifference(ratio)),
    comparisons.map(weightOf),
  );
  return new Set(comparisons.filter((_, index) => (adjusted[index] as number) < ALPHA));
}

/** Ranks arms by the significant differences between them. @param arms sorted by their estimates, the best first */
export function rankByDifferences(
  arms: readonly string[],
  differences: Iterable<Comparison>,
  { better }: RankOptions,
): Ranking {
  const betterThan = new Map(arms.map((arm) => [arm, new Set<string>()]));
  for (const { a, b, ratio } of differences) {
    const aIsBetter = ratio.value < 1 === (better === 'smaller');
    betterThan.get(aIsBetter ? b : a)?.add(aIsBetter ? a : b);
  }
  const ranked = arms
    .map((arm) => ({ arm, rank: 1 + (betterThan.get(arm)?.size ?? 0) }))
    .sort((one, other) => one.rank - other.rank);
  const names = ranked.map(({ arm }) => arm);
  const alike = (one: string, other: string) => !betterThan.get(one)?.has(other) && !betterThan.get(other)?.has(one);
  return { arms: ranked, groups: maximalGroups(names, alike) };
}

/** Ranks arms by their measurements in the same blocks. @throws {RangeError} if the blocks do not match */
export function rankWithTies(blocksByArm: BlocksByArm, options: EstimateOptions & RankOptions): Ranking {
  const sign = options.better === 'smaller' ? 1 : -1;
  const middle = new Map([...blocksByArm].map(([arm, forks]) => [arm, sign * median(forks.flat())]));
  const byEstimate = [...blocksByArm.keys()].sort((one, other) => (middle.get(one) ?? 0) - (middle.get(other) ?? 0));
  return rankByDifferences(byEstimate, differencesIn(compareAll(blocksByArm, options)), options);
}

/**
 * Bron–Kerbosch with Tomita's pivot (2006): only names unlike the pivot start a branch, so that n arms that all tie
 * take n steps instead of 2ⁿ. Groups and their members keep the given order.
 */
function maximalGroups(names: readonly string[], alike: (one: string, other: string) => boolean): string[][] {
  const neighbours = names.map(
    (name, index) => new Set(names.flatMap((other, i) => (i !== index && alike(name, other) ? [i] : []))),
  );
  const likes = (index: number) => neighbours[index] as ReadonlySet<number>;
  const groups: number[][] = [];
  const grow = (group: readonly number[], candidates: readonly number[], done: readonly number[]): void => {
    if (candidates.length === 0) {
      if (done.length === 0) groups.push([...group].sort((one, other) => one - other));
      return;
    }
    const reach = (index: number) => candidates.filter((candidate) => likes(index).has(candidate)).length;
    const pivot = [...candidates, ...done].reduce((best, index) => (reach(index) > reach(best) ? index : best));
    const branches = candidates.filter((candidate) => !likes(pivot).has(candidate));
    for (const [position, branch] of branches.entries()) {
      const tried = branches.slice(0, position);
      const fits = (index: number) => likes(branch).has(index);
      grow(
        [...group, branch],
        candidates.filter((index) => fits(index) && !tried.includes(index)),
        [...done, ...tried].filter(fits),
      );
    }
  };
  if (names.length > 0) grow([], [...names.keys()], []);
  return groups.sort(byMembers).map((group) => group.map((index) => names[index] as string));
}

/** The order of two groups by their first members that differ. */
function byMembers(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((index, place) => index !== other[place]);
  return at === -1 ? one.length - other.length : (one[at] as number) - (other[at] ?? -1);
}
