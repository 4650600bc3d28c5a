/**
 * How precisely the mean over fresh starts is known, for several cells of a run together.
 *
 * Two starts of one cell say almost nothing about how much starts differ: Student's quantile of one degree of freedom is
 * 12.7. So a cell's variance is estimated together with those of the other cells (empirical Bayes, Smyth 2004, with its
 * two parameters integrated out): variances are scaled inverse chi-squares about a common level, close to it if the
 * cells are alike, and free of it if they are not. With one cell this is Student's interval.
 */
import { logGamma, studentCdf } from '../distributions.ts';
import { mean } from '../location.ts';

/** The value of one cell in each start that has one. */
export type ByStart = ReadonlyMap<number, number>;

/** Degrees of freedom of the cells' variances about their level, equally likely a priori. */
const LIKENESS = [1, 3, 9] as const;
/** The level's prior is flat on a logarithmic scale, from this factor below the least spread to as much above the largest. */
const RANGE = Math.exp(16);
const STEP = 0.5;
/** A smaller standard deviation of logarithms is rounding. */
const LEAST_SPREAD = 1e-9;
/** A part of the distribution with less weight than this is left out. */
const LEAST_WEIGHT = 1e-7;

interface Spread {
  readonly degrees: number;
  /** The sample's variance; 0 without degrees of freedom. */
  readonly variance: number;
}

function spreadOf(cell: ByStart): Spread {
  const values = [...cell.values()];
  if (values.length < 2) return { degrees: 0, variance: 0 };
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const degrees = values.length - 1;
  return { degrees, variance: Math.max(LEAST_SPREAD ** 2, squares / degrees) };
}

/** How alike the cells' deviations are in the same starts: 1 if a start makes all cells higher or lower together. */
function likenessOf(cells: readonly ByStart[]): number {
  const scaled = cells
    .filter(({ size }) => size > 1)
    .map((cell) => {
      const centre = mean([...cell.values()]);
      const root = Math.sqrt([...cell.values()].reduce((sum, value) => sum + (value - centre) ** 2, 0));
      return new Map([...cell].map(([start, value]) => [start, root > 0 ? (value - centre) / root : 0]));
    });
  const products = scaled.flatMap((one, i) =>
    scaled
      .slice(i + 1)
      .map((other) => [...one].reduce((sum, [start, value]) => sum + value * (other.get(start) ?? 0), 0)),
  );
  return products.length === 0 ? 0 : Math.min(1, Math.max(0, mean(products)));
}

/** The logarithm of the density of a sample's variance if the true one varies about `level` with these degrees. */
function logDensity({ degrees, variance }: Spread, level: number, likeness: number): number {
  if (degrees === 0) return 0;
  const ratio = (degrees * variance) / (likeness * level);
  const constants = logGamma((degrees + likeness) / 2) - logGamma(likeness / 2);
  return constants + (degrees / 2) * Math.log(ratio) - ((degrees + likeness) / 2) * Math.log1p(ratio);
}

interface Part {
  readonly level: number;
  readonly likeness: number;
  readonly weight: number;
}

/** The distribution of the cells' common level, and of how alike they are. */
function partsOf(spreads: readonly Spread[], worth: number): Part[] {
  const known = spreads.filter(({ degrees }) => degrees > 0).map(({ variance }) => variance);
  const [low, high] = [Math.log(Math.min(...known) / RANGE), Math.log(Math.max(...known) * RANGE)];
  const count = Math.ceil((high - low) / STEP);
  const parts = LIKENESS.flatMap((likeness) =>
    Array.from({ length: count + 1 }, (_, i) => {
      const level = Math.exp(low + ((high - low) * i) / count);
      return { level, likeness, log: worth * spreads.reduce((sum, own) => sum + logDensity(own, level, likeness), 0) };
    }),
  );
  const highest = Math.max(...parts.map(({ log }) => log));
  return parts
    .map(({ level, likeness, log }) => ({ level, likeness, weight: Math.exp(log - highest) }))
    .filter(({ weight }) => weight > LEAST_WEIGHT);
}

/** Half the interval of a mean of `count` values under a mixture of Student's distributions. */
function halfWidth(own: Spread, count: number, parts: readonly Part[], confidence: number): number {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  const each = parts.map(({ level, likeness, weight }) => {
    const degrees = likeness + own.degrees;
    const variance = (likeness * level + own.degrees * own.variance) / degrees;
    return { degrees, error: Math.sqrt(variance / count), weight: weight / total };
  });
  const beyond = (half: number) =>
    each.reduce((sum, { degrees, error, weight }) => sum + 2 * weight * studentCdf(-half / error, degrees), 0);
  let [low, high] = [0, Math.max(...each.map(({ error }) => error))];
  while (beyond(high) > 1 - confidence) [low, high] = [high, 2 * high];
  while (high - low > 1e-3 * high) {
    const middle = (low + high) / 2;
    if (beyond(middle) > 1 - confidence) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * Half the interval of each cell's mean. If starts affect all cells alike, further cells add no information, so their worth
 * shrinks to that of one.
 *
 * @returns null for each if no cell has two starts: nothing shows how much starts differ
 */
export function halfWidthsOfMeans(cells: readonly ByStart[], confidence = 0.95): readonly (number | null)[] {
  const spreads = cells.map(spreadOf);
  const several = spreads.filter(({ degrees }) => degrees > 0).length;
  if (several === 0) return cells.map(() => null);
  const parts = partsOf(spreads, 1 / (1 + (several - 1) * likenessOf(cells) ** 2));
  return cells.map((cell, i) => halfWidth(spreads[i] as Spread, Math.max(1, cell.size), parts, confidence));
}
