/**
 * Repeated looks at the data, stopping as soon as the result is clear, without more false alarms than a single look:
 * group-sequential testing with an error-spending function (Lan & DeMets 1983), the square of the information (Kim &
 * DeMets 1987). The O'Brien–Fleming shape (1979) spends next to nothing early. Its last look is 6 % sharper, but
 * equal builds then take a sixth more forks, and a slowdown of 5 % two thirds more: see docs/method.md, "Laboratory
 * notes".
 */
import { normalCdf, studentQuantile } from './distributions.ts';

/**
 * The part of `alpha` (two-sided) that may be spent at this information fraction. @param fraction above 0, at most 1
 */
export function spent(alpha: number, fraction: number): number {
  return alpha * fraction ** 2;
}

const GRID = 241;

/** Values of a density at evenly spaced points, with Simpson's weights. */
interface Grid {
  readonly points: readonly number[];
  readonly mass: readonly number[];
}

function gridOver(limit: number, density: (x: number) => number): Grid {
  const step = (2 * limit) / (GRID - 1);
  const points = Array.from({ length: GRID }, (_, i) => -limit + i * step);
  const weight = (i: number) => (i === 0 || i === GRID - 1 ? 1 : i % 2 === 1 ? 4 : 2);
  return { points, mass: points.map((x, i) => (density(x) * weight(i) * step) / 3) };
}

const normalDensity = (x: number, sd: number) => Math.exp(-((x / sd) ** 2) / 2) / (sd * Math.sqrt(2 * Math.PI));

/**
 * The critical values for |Z| at each look of a two-sided test, by recursive integration (Armitage, McPherson & Rowe
 * 1969): at each look, a path that has stayed within its bounds leaves with exactly the probability to be spent.
 * @param fractions of the information at each look, ascending, the last at most 1 @param spentBy the part of `alpha`
 * that may be spent up to each look, not decreasing; default `spent` @throws {RangeError} for fractions that are not
 * ascending
 */
export function criticalValues(
  alpha: number,
  fractions: readonly number[],
  spentBy: readonly number[] = fractions.map((fraction) => spent(alpha, fraction)),
): number[] {
  const values: number[] = [];
  let before: Grid = { points: [0], mass: [1] };
  let earlier = 0;
  let spentBefore = 0;
  for (const [look, fraction] of fractions.entries()) {
    if (!(fraction > earlier && fraction <= 1)) throw new RangeError(`Fractions must ascend to 1, not ${fractions}.`);
    const sd = Math.sqrt(fraction - earlier);
    const toSpend = (spentBy[look] ?? spentBefore) - spentBefore;
    const leaving = (limit: number) =>
      2 * before.points.reduce((sum, x, i) => sum + (before.mass[i] as number) * normalCdf((x - limit) / sd), 0);
    const limit = whereFalling(leaving, toSpend, 12 * Math.sqrt(fraction));
    values.push(limit / Math.sqrt(fraction));
    const last = before;
    before = gridOver(limit, (x) =>
      last.points.reduce((sum, from, i) => sum + (last.mass[i] as number) * normalDensity(x - from, sd), 0),
    );
    earlier = fraction;
    spentBefore += toSpend;
  }
  return values;
}

/** The x from 0 to `high` at which a decreasing function reaches `target`. */
function whereFalling(falling: (x: number) => number, target: number, high: number): number {
  let [low, top] = [0, high];
  for (let step = 0; step < 40; step++) {
    const middle = (low + top) / 2;
    if (falling(middle) > target) low = middle;
    else top = middle;
  }
  return (low + top) / 2;
}

/** A design: the possible looks, and the critical values at each. */
export interface Design {
  readonly confidence: number;
  /** The number of forks before the first look. */
  readonly firstLook: number;
  readonly mostForks: number;
  /** For |Z|, by look: `normal[0]` at `firstLook` forks. */
  readonly normal: readonly number[];
  /** The same for |t|, since the spread is also estimated from the forks. */
  readonly student: readonly number[];
  /** The probability of an error that is spent up to each look. */
  readonly spentBy: readonly number[];
}

/**
 * The share of the error budget that is spent. Student's tails are exact at each single look. Over all looks, each
 * with a new estimate of the spread, simulated error rates were too high by a factor of up to 1.5.
 */
const SPENT_SHARE = 0.7;

/**
 * A look after each fork from `firstLook` to `mostForks`.
 * @throws {RangeError} unless 3 ≤ firstLook ≤ mostForks
 */
export function designOf(options: Pick<Design, 'confidence' | 'firstLook' | 'mostForks'>): Design {
  const { confidence, firstLook, mostForks } = options;
  if (!(firstLook >= 3 && firstLook <= mostForks))
    throw new RangeError(`${firstLook} to ${mostForks} forks: at least 3`);
  const alpha = SPENT_SHARE * (1 - confidence);
  return designWith(
    { confidence, firstLook, mostForks },
    looksOf(options).map((count) => spent(alpha, count / mostForks)),
  );
}

/**
 * The same design with more forks, decided after `forks` of them. It is valid if the decision does not depend on
 * their results, such as when another comparison left time unused: the spent error is kept, and the rest is spread
 * over the remaining looks (Lan & DeMets 1983).
 */
export function extendDesign(design: Design, forks: number, mostForks: number): Design {
  if (mostForks <= design.mostForks || forks >= design.mostForks) return design;
  const alpha = SPENT_SHARE * (1 - design.confidence);
  const already = design.spentBy[forks - design.firstLook] ?? 0;
  const now = forks < design.firstLook ? 0 : spent(alpha, forks / mostForks);
  const extended = { confidence: design.confidence, firstLook: design.firstLook, mostForks };
  return designWith(
    extended,
    looksOf(extended).map((count, i) =>
      count <= forks
        ? (design.spentBy[i] ?? 0)
        : already + ((alpha - already) * (spent(alpha, count / mostForks) - now)) / (alpha - now),
    ),
  );
}

function looksOf({ firstLook, mostForks }: Pick<Design, 'firstLook' | 'mostForks'>): number[] {
  return Array.from({ length: mostForks - firstLook + 1 }, (_, i) => firstLook + i);
}

function designWith(
  options: Pick<Design, 'confidence' | 'firstLook' | 'mostForks'>,
  spentBy: readonly number[],
): Design {
  const looks = looksOf(options);
  const normal = criticalValues(
    SPENT_SHARE * (1 - options.confidence),
    looks.map((count) => count / options.mostForks),
    spentBy,
  );
  const student = normal.map((z, i) => tailAsStudent(z, degreesOf(looks[i] ?? options.mostForks)));
  return { ...options, normal, student, spentBy };
}

export interface SequentialInterval {
  readonly mean: number;
  readonly halfWidth: number;
}

/** Prior knowledge of the spread of forks: from A/A runs, or from other comparisons on the same machine. */
export interface SpreadPrior {
  /** The standard deviation of a fork. */
  readonly deviation: number;
  /** The weight of that knowledge, in degrees of freedom. */
  readonly degrees: number;
}

/**
 * The lowest variance of ln(variance) assumed between groups: their spreads differ by a sixth. So no prior is worth
 * more than twenty degrees of freedom, however many forks it rests on.
 */
const LEAST_UNLIKENESS = 0.1;

/** The variance of ln(variance) assumed before any is seen: spreads that differ by a factor of 1.6. It counts as two groups. */
const ASSUMED_UNLIKENESS = { value: 1, groups: 2 } as const;

/**
 * One or two groups do not show how much groups differ. With one other group of half the spread, and any weight
 * worth its trouble, an interval is too narrow more often than it promises: see docs/method.md, "Laboratory notes".
 */
const LEAST_GROUPS = 3;

/**
 * A prior for the spread of a group of forks from other groups, each about its own mean. It has less weight if the
 * spreads of these groups differ by more than chance. Null if fewer than three groups have two forks and vary.
 *
 * With it, an interval keeps its promise on average over the groups, since one whose spread is smaller than that of
 * the others gets a wider one. @param groups such as the log ratios of each arm compared before
 */
export function spreadPriorOf(groups: readonly (readonly number[])[]): SpreadPrior | null {
  const known = groups
    .filter(({ length }) => length > 1)
    .map((group) => ({
      variance: trimmed(group).standardError ** 2 * group.length,
      degrees: degreesOf(group.length),
    }))
    .filter(({ variance }) => variance > 0);
  const degrees = known.reduce((sum, group) => sum + group.degrees, 0);
  if (known.length < LEAST_GROUPS) return null;
  const variance = known.reduce((sum, group) => sum + group.degrees * group.variance, 0) / degrees;
  const logs = known.map((group) => Math.log(group.variance));
  const centre = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const apart = logs.reduce((sum, log) => sum + (log - centre) ** 2, 0) / (logs.length - 1);
  const byChance = known.reduce((sum, group) => sum + 2 / group.degrees, 0) / known.length;
  const seen = Math.max(LEAST_UNLIKENESS, apart - byChance);
  const { value, groups: assumed } = ASSUMED_UNLIKENESS;
  const unlikeness = (assumed * value + (known.length - 1) * seen) / (assumed + known.length - 1);
  return { deviation: Math.sqrt(variance), degrees: 2 / (2 / degrees + unlikeness) };
}

/**
 * The repeated confidence interval, valid at all looks together (Jennison & Turnbull 1989): the trimmed mean ± the
 * design's critical value times its standard error, with Student's t because the spread is estimated. @param values
 * one per fork; the interval is infinite before the first look @param prior pooled with the spread of these forks; it
 * must not depend on them
 */
export function sequentialInterval(
  values: readonly number[],
  design: Design,
  prior: SpreadPrior | null = null,
): SequentialInterval {
  const forks = values.length;
  const { mean, standardError } = trimmed(values);
  const look = Math.min(forks, design.mostForks) - design.firstLook;
  const [z, t] = [design.normal[look], design.student[look]];
  if (z === undefined || t === undefined) return { mean, halfWidth: Number.POSITIVE_INFINITY };
  if (prior === null) return { mean, halfWidth: t * standardError };
  const own = degreesOf(forks);
  const degrees = own + prior.degrees;
  const variance = (own * standardError ** 2 + (prior.degrees * prior.deviation ** 2) / forks) / degrees;
  return { mean, halfWidth: tailAsStudent(z, degrees) * Math.sqrt(variance) };
}

/** The |t| with the same tail probability as z. */
export function tailAsStudent(z: number, degrees: number): number {
  return -studentQuantile(Math.max(normalCdf(-z), 1e-12), degrees);
}

/**
 * The share of forks to trim at either end. Occasionally a JIT settles in quite another state than usual; such forks
 * say nothing about the versions compared, and would widen every interval. See docs/method.md, "Laboratory notes".
 */
const TRIM = 0.15;

/** Up to this number of forks nothing is trimmed: it would cost more degrees of freedom than a fork adds. */
const UNTRIMMED = 6;

/** The number to trim at either end, including fractions, so that degrees of freedom rise with every fork. */
const cut = (count: number) => Math.max(0, Math.min(TRIM * count, 0.4 * (count - UNTRIMMED)));

/** Degrees of freedom of a trimmed mean (Tukey & McLaughlin 1963). */
export function degreesOf(count: number): number {
  return count - 2 * cut(count) - 1;
}

/**
 * The trimmed mean and its standard error, from the winsorised variance (Tukey & McLaughlin 1963). With a fraction,
 * the outermost kept number has a partial weight. NaN for no values.
 */
export function trimmed(values: readonly number[]): { readonly mean: number; readonly standardError: number } {
  const count = values.length;
  const out = cut(count);
  const [fewer, share] = [Math.floor(out), out - Math.floor(out)];
  const sorted = values.toSorted((a, b) => a - b);
  const sumOfKept = (left: number) => sorted.slice(left, count - left).reduce((sum, value) => sum + value, 0);
  const between = (of: (left: number) => number) =>
    share === 0 ? of(fewer) : (1 - share) * of(fewer) + share * of(fewer + 1);
  const kept = count - 2 * out;
  const squares = between((left) => winsorisedSquares(sorted, left));
  return { mean: between(sumOfKept) / kept, standardError: Math.sqrt(squares / (count - 1) / count) / (kept / count) };
}

/**
 * The sum of squares of sorted numbers about their mean, after replacing the outermost `left` at either end by the
 * next.
 */
function winsorisedSquares(sorted: readonly number[], left: number): number {
  const [low = Number.NaN, high = Number.NaN] = [sorted[left], sorted[sorted.length - 1 - left]];
  const moved = sorted.map((value) => Math.min(high, Math.max(low, value)));
  const centre = moved.reduce((sum, value) => sum + value, 0) / sorted.length;
  return moved.reduce((sum, value) => sum + (value - centre) ** 2, 0);
}
