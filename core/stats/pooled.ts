/**
 * Ratios of costs, arm to baseline and arm to arm, whose intervals rest on the variances of all arms together.
 *
 * An interval from one ratio's forks alone has k − 1 degrees of freedom: with three forks a factor of 4.3 at 95 %, with which
 * eight arms are measured as badly as one. Here the estimate is the same, the mean over forks of log ratios, but its variance
 * comes from a model of all arms (`variance-sampler.ts`). Uncertainty about variances is integrated out, so that the interval
 * has Student-like tails of as many degrees of freedom as the data and earlier runs together are worth.
 *
 * Half an interval is never less than the noise of blocks alone makes it: fork means that agree by chance must not look
 * like certainty. With one fork, blocks replace forks; `forks: 1` says so. The interval has no width only where a ratio
 * is the same in every block. The tests simulate how often the truth is covered; see docs/method.md.
 */
import { normalCdf, normalQuantile, studentCdf, studentQuantile } from './distributions.ts';
import { BLOCK_TRIM, cellsOf, type ForkCell, type ForkCells, type ForkCosts } from './fork-costs.ts';
import type { Estimate, Interval } from './interval.ts';
import { mean, trimmedError, trimmedMean, variance } from './location.ts';
import { drawVariances } from './variance-sampler.ts';
import type { BaselinePrior, Observation, VarianceDraw } from './variances.ts';

export interface PooledOptions {
  readonly seed: number;
  /** Between 0 and 1; default 0.95. */
  readonly confidence?: number;
  /** Information from earlier runs; default none, as in every run. docs/method.md says what it would add. */
  readonly prior?: BaselinePrior | null;
  /** Default 1,000. */
  readonly draws?: number;
}

export interface PooledRatios {
  /** Null if no block has both. */
  toBaseline(arm: string): Estimate | null;
  toArm(arm: string, against: string): Estimate | null;
}

/** One side of a ratio in one fork. */
interface Side {
  readonly value: number;
  /** Log costs by block, averaged over processes. */
  readonly series: readonly number[];
  /** The variance of `value` relative to a usual fork's; one for each process. */
  readonly scales: readonly number[];
}

/** Both sides in one fork, with its weight. */
interface Common {
  readonly one: Side;
  readonly other: Side;
  /** Log ratios by block. */
  readonly logs: readonly number[];
  readonly weight: number;
}

/** The variance of a side's value under a posterior draw. */
type VarianceOf = (draw: VarianceDraw, side: Side) => number;

/** @param forks log costs by block; those of the baseline are averaged over its processes */
export function pooledRatios(forks: readonly ForkCosts[], options: PooledOptions): PooledRatios {
  const cells = forks.map(cellsOf);
  const names = [...new Set(forks.flatMap(({ arms }) => [...arms.keys()]))];
  const scaleOf = scaleByBlocks(cells);
  let drawn: readonly VarianceDraw[] | null = null;
  const draws = () => {
    drawn ??= drawVariances(
      {
        arms: names.map((name) => cells.flatMap((cell, fork) => observe(cell.arms.get(name), fork, scaleOf))),
        baseline: cells.flatMap(({ baseline }, fork) => baseline.flatMap((cell) => observe(cell, fork, scaleOf))),
        forks: forks.length,
        prior: options.prior ?? null,
      },
      options.draws ?? 1000,
      options.seed,
    );
    return drawn;
  };

  const sideOfArm = (arm: string, fork: number): Side | null => {
    const cell = cells[fork]?.arms.get(arm);
    return cell ? { value: cell.value, series: forks[fork]?.arms.get(arm) ?? [], scales: [scaleOf(cell)] } : null;
  };
  const sideOfBaseline = (fork: number): Side | null => {
    const processes = cells[fork]?.baseline ?? [];
    if (processes.length === 0) return null;
    const value = mean(processes.map((cell) => cell.value));
    return { value, series: averageOf(forks[fork]?.baseline ?? []), scales: processes.map(scaleOf) };
  };
  const varianceOfArm = (arm: string): VarianceOf => {
    const index = names.indexOf(arm);
    return ({ arms }, { scales }) => (arms[index] ?? 0) * mean(scales);
  };
  const varianceOfBaseline: VarianceOf = ({ process, common }, { scales }) =>
    (process * mean(scales)) / scales.length + common;

  function compare(
    one: readonly (Side | null)[],
    other: readonly (Side | null)[],
    varianceOfOne: VarianceOf,
    varianceOfOther: VarianceOf,
  ): Estimate | null {
    const shared = commonForks(one, other);
    if (shared.length === 0) return null;
    const confidence = options.confidence ?? 0.95;
    const blocks = shared.reduce((sum, { logs }) => sum + logs.length, 0);
    const extent = { confidence, blocks, forks: shared.length };
    if (forks.length === 1) return { ...extent, ...fromBlocks(shared[0]?.logs ?? [], confidence) };
    const log = shared.reduce((sum, fork) => sum + fork.weight * (fork.one.value - fork.other.value), 0);
    if (isConstant(shared.flatMap(({ logs }) => logs))) return { ...extent, ...ratioOf(log, 0) };
    const variances = draws().map((draw) =>
      shared.reduce(
        (sum, fork) => sum + fork.weight ** 2 * (varianceOfOne(draw, fork.one) + varianceOfOther(draw, fork.other)),
        0,
      ),
    );
    const leastHalf = normalQuantile((1 + confidence) / 2) * blockNoise(shared);
    const pNoDifference = Math.max(pOfNoise(log, leastHalf, confidence), pBeyond(variances, Math.abs(log)));
    return { ...extent, ...ratioOf(log, Math.max(leastHalf, halfWidthOf(variances, confidence))), pNoDifference };
  }

  const everyFork = <T>(of: (fork: number) => T) => forks.map((_, fork) => of(fork));
  const armSides = (arm: string) => everyFork((fork) => sideOfArm(arm, fork));
  return {
    toBaseline: (arm) => compare(armSides(arm), everyFork(sideOfBaseline), varianceOfArm(arm), varianceOfBaseline),
    toArm: (arm, against) => compare(armSides(arm), armSides(against), varianceOfArm(arm), varianceOfArm(against)),
  };
}

function observe(cell: ForkCell | undefined, fork: number, scaleOf: (cell: ForkCell) => number): Observation[] {
  return cell === undefined ? [] : [{ fork, value: cell.value, scale: scaleOf(cell) }];
}

/** The mean of each block over the series that have it; NaN if none has. */
function averageOf(series: readonly (readonly number[])[]): number[] {
  const blocks = Math.max(0, ...series.map((values) => values.length));
  return Array.from({ length: blocks }, (_, block) => {
    const values = series.map((one) => one[block] ?? Number.NaN).filter(Number.isFinite);
    return values.length > 0 ? mean(values) : Number.NaN;
  });
}

/** Forks in which some block has both sides, weighted by their inverse variance. */
function commonForks(one: readonly (Side | null)[], other: readonly (Side | null)[]): Common[] {
  const found = one.flatMap((side, fork) => {
    const against = other[fork];
    if (!side || !against) return [];
    const logs = side.series.map((log, block) => log - (against.series[block] ?? Number.NaN)).filter(Number.isFinite);
    if (logs.length === 0) return [];
    return [{ one: side, other: against, logs, weight: 1 / (mean(side.scales) + mean(against.scales)) }];
  });
  const total = found.reduce((sum, { weight }) => sum + weight, 0);
  return found.map((fork) => ({ ...fork, weight: fork.weight / total }));
}

/**
 * One part of the variance of a fork's value shrinks with the number of blocks. Its size is estimated from the
 * blocks. It matters only if forks have different numbers of blocks, such as in an interrupted run.
 */
function scaleByBlocks(cells: readonly ForkCells[]): (cell: ForkCell) => number {
  const all = cells.flatMap(({ arms, baseline }) => [...arms.values(), ...baseline]);
  const counts = all.map(({ blocks }) => blocks);
  if (new Set(counts).size <= 1) return () => 1;
  const usual = counts.length / counts.reduce((sum, count) => sum + 1 / count, 0);
  const perBlock = all.filter(({ blocks }) => blocks > 1).map((cell) => cell.standardError ** 2 * cell.blocks);
  const noise = perBlock.length > 0 ? mean(perBlock) / usual : 0;
  const names = [...new Set(cells.flatMap(({ arms }) => [...arms.keys()]))];
  const spreads = names.flatMap((name) => {
    const values = cells.flatMap(({ arms }) => arms.get(name)?.value ?? []);
    return values.length > 1 ? [variance(values)] : [];
  });
  const spread = spreads.length > 0 ? mean(spreads) : 0;
  const share = spread > 0 ? Math.min(1, noise / spread) : 1;
  return ({ blocks }) => 1 - share + (share * usual) / blocks;
}

/** The standard error of the mean over forks due to block noise alone. */
function blockNoise(shared: readonly Common[]): number {
  const known = shared
    .filter(({ logs }) => logs.length > 1)
    .map(({ logs }) => trimmedError(logs, BLOCK_TRIM).standardError ** 2 * logs.length);
  if (known.length === 0) return 0;
  const perBlock = mean(known);
  return Math.sqrt(shared.reduce((sum, { weight, logs }) => sum + (weight ** 2 * perBlock) / logs.length, 0));
}

/** The two-sided p of a normal value at this distance from 0 with this half-width; 0 if it has no width. */
function pOfNoise(log: number, half: number, confidence: number): number {
  return half > 0 ? 2 * normalCdf((-Math.abs(log) / half) * normalQuantile((1 + confidence) / 2)) : 0;
}

/** The two-sided p of a value at this distance from 0, under an equal mixture of normals with these variances. */
function pBeyond(variances: readonly number[], distance: number): number {
  const deviations = variances.map(Math.sqrt).filter((deviation) => deviation > 0);
  return deviations.length === 0 ? 0 : mean(deviations.map((deviation) => 2 * normalCdf(-distance / deviation)));
}

/** The interval of one fork: from its blocks, without variation between starts. */
function fromBlocks(logs: readonly number[], confidence: number): Interval & Pick<Estimate, 'pNoDifference'> {
  const centre = trimmedMean(logs, BLOCK_TRIM);
  if (logs.length === 1 || isConstant(logs)) return ratioOf(centre, 0);
  const { standardError, degrees } = trimmedError(logs, BLOCK_TRIM);
  // Where all but the extremes are equal, there is no spread left to compare with.
  const pOfNone = centre === 0 ? 1 : 0;
  const pNoDifference = standardError > 0 ? 2 * studentCdf(-Math.abs(centre) / standardError, degrees) : pOfNone;
  return { ...ratioOf(centre, studentQuantile((1 + confidence) / 2, degrees) * standardError), pNoDifference };
}

function ratioOf(log: number, half: number): Pick<Estimate, 'value' | 'low' | 'high'> {
  return { value: Math.exp(log), low: Math.exp(log - half), high: Math.exp(log + half) };
}

/** The rounding error of logarithms of equal ratios. */
const ROUNDING = 1e-12;

function isConstant(logs: readonly number[]): boolean {
  return logs.every((log) => Math.abs(log - (logs[0] as number)) <= ROUNDING);
}

/** The half-width of a mean about 0 under an equal mixture of normals with these variances. */
export function halfWidthOf(variances: readonly number[], confidence: number): number {
  const deviations = variances.map(Math.sqrt).filter((deviation) => deviation > 0);
  if (deviations.length === 0) return 0;
  const tail = (1 - confidence) / 2;
  let half = normalQuantile(1 - tail) * Math.sqrt(mean(variances));
  // The tail is convex in `half`, so after its first step Newton's method stays at or below the root.
  for (let step = 0; step < 60; step++) {
    let beyond = 0;
    let density = 0;
    for (const deviation of deviations) {
      const z = half / deviation;
      beyond += normalCdf(-z);
      density += Math.exp((-z * z) / 2) / (deviation * Math.sqrt(2 * Math.PI));
    }
    const move = (beyond - tail * deviations.length) / density;
    half = Math.max(0, half + move);
    if (Math.abs(move) < 1e-6 * half) break;
  }
  return half;
}
