/**
 * Looking at the data again and again, and stopping as soon as it is clear, without raising more false alarms than one
 * look would: group-sequential testing with an error-spending function (Lan & DeMets 1983), whose shape is that of
 * O'Brien & Fleming (1979). Early looks spend next to nothing, so the last look is nearly as sharp as a single one.
 */
import { normalCdf, normalQuantile, studentQuantile } from './distributions.ts';

/**
 * How much of `alpha` (both sides together) may be spent when `fraction` of the information is in.
 * @param fraction above 0, at most 1
 */
export function spent(alpha: number, fraction: number): number {
  return 4 * normalCdf(normalQuantile(alpha / 4) / Math.sqrt(fraction));
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
 * 1969): a path that was never beyond its bounds so far leaves with exactly the probability that is to be spent.
 * @param fractions of the information at each look, ascending, the last at most 1
 * @throws {RangeError} for fractions that do not ascend
 */
export function criticalValues(alpha: number, fractions: readonly number[]): number[] {
  const values: number[] = [];
  let before: Grid = { points: [0], mass: [1] };
  let earlier = 0;
  let spentBefore = 0;
  for (const fraction of fractions) {
    if (!(fraction > earlier && fraction <= 1)) throw new RangeError(`Fractions must ascend to 1, not ${fractions}.`);
    const sd = Math.sqrt(fraction - earlier);
    const toSpend = spent(alpha, fraction) - spentBefore;
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

/** The x from 0 to `high` at which a falling function reaches `target`. */
function whereFalling(falling: (x: number) => number, target: number, high: number): number {
  let [low, top] = [0, high];
  for (let step = 0; step < 40; step++) {
    const middle = (low + top) / 2;
    if (falling(middle) > target) low = middle;
    else top = middle;
  }
  return (low + top) / 2;
}

/** A plan for looking: which looks there may be, and how far the interval reaches at each. */
export interface Design {
  readonly confidence: number;
  /** No look before so many forks. */
  readonly firstLook: number;
  readonly mostForks: number;
  /** For |Z|, by look: `critical[0]` at `firstLook` forks. */
  readonly critical: readonly number[];
}

/**
 * A look after each fork from `firstLook` to `mostForks`.
 * @throws {RangeError} unless 3 ≤ firstLook ≤ mostForks
 */
export function designOf(options: Omit<Design, 'critical'>): Design {
  const { confidence, firstLook, mostForks } = options;
  if (!(firstLook >= 3 && firstLook <= mostForks))
    throw new RangeError(`${firstLook} to ${mostForks} forks: at least 3`);
  const looks = Array.from({ length: mostForks - firstLook + 1 }, (_, i) => (firstLook + i) / mostForks);
  return { ...options, critical: criticalValues(1 - confidence, looks) };
}

export interface SequentialInterval {
  readonly mean: number;
  readonly halfWidth: number;
}

/**
 * The interval that holds at this look and at all looks together (Jennison & Turnbull 1989): the mean, and as many
 * standard errors as the design asks, with tails of Student's t, since the spread too is estimated from these forks.
 * @param values one a fork; Infinity wide before the first look
 */
export function sequentialInterval(values: readonly number[], design: Design): SequentialInterval {
  const forks = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / forks;
  const z = design.critical[Math.min(forks, design.mostForks) - design.firstLook];
  if (forks < design.firstLook || z === undefined) return { mean, halfWidth: Number.POSITIVE_INFINITY };
  return { mean, halfWidth: tailAsStudent(z, forks - 1) * standardError(values, mean) };
}

/** How far t must lie out to be as unlikely as z. */
export function tailAsStudent(z: number, degrees: number): number {
  return -studentQuantile(Math.max(normalCdf(-z), 1e-12), degrees);
}

export function standardError(values: readonly number[], mean: number): number {
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}
