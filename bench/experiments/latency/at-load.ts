/**
 * Latency at exactly the requested load. The true load of a slice differs: the capacity is known to a few percent,
 * and near it, latency grows as 1 / (1 - utilisation). An average over such slices is too high: with capacities off
 * by a tenth, the mean of 1 / (1 - utilisation) around 90 % is twice its value there. So the logarithm of latency is
 * regressed on that of 1 / (1 - utilisation), and each slice is moved along that line to the load. Pure.
 */
import type { Slice } from '../../../core/results/schema.ts';
import { studentQuantile } from '../../../core/stats/distributions.ts';
import { type EstimateOptions, estimate } from '../../../core/stats/estimate.ts';
import type { Estimate } from '../../../core/stats/interval.ts';
import { mean, median } from '../../../core/stats/location.ts';
import { byFork, measure } from '../../measuring/slices.ts';

/**
 * Above this, a slice is beyond capacity: its queue grew throughout, so its latency depends on its duration. The CPU
 * time of a slice is known only to a scheduler tick at its ends.
 */
export const BEYOND_CAPACITY = 0.98;

/**
 * The kernel bandwidth, in natural logarithms of 1 / (1 - utilisation): the line is straight within that range, but
 * not from an idle server to a busy one.
 */
const BANDWIDTH = 0.7;

/**
 * In every queue, the slope tends to 1 as the server becomes busy. If slices are too similar to determine it, the line
 * uses this prior: its weight is the spread of slices from which the slope would be known to be 1.
 */
const PRIOR = { slope: 1, weight: 0.05 } as const;
/** Latency does not fall with load, and grows no faster than this if a queue settles within a slice. */
const SLOPES = { least: 0, most: 1.5 } as const;

/** Cores used by a saturated replica, in the typical window; null if no CPU time was read. */
export function saturatedCores(closed: readonly Slice[]): number | null {
  const cores = closed
    .map((slice) => measure(slice, 'replica_cpu_ns') / (slice.durationMs * 1e6))
    .filter((busy) => Number.isFinite(busy) && busy > 0);
  return cores.length === 0 ? null : median(cores);
}

/**
 * CPU time of the replica divided by that of a saturated one in the same time. That may be less than a core, if
 * replica and Redis share cores, or more, with threads beside the main one. @returns NaN if it was not read
 */
export function utilisationOf(slice: Slice, cores: number): number {
  return measure(slice, 'replica_cpu_ns') / measure(slice, 'cpu_wall_ns') / cores;
}

export interface LoadedLatency {
  /** 0 to `BEYOND_CAPACITY`. */
  readonly utilisation: number;
  readonly micros: number;
}

const busyness = (utilisation: number) => -Math.log(1 - utilisation);

/**
 * @param own `own[fork][slice]` at that load; empty forks are ignored @param all slices of the same arm at all loads,
 * including these, for the slope @param load 0 to 1
 */
export function latencyAt(
  own: readonly (readonly LoadedLatency[])[],
  all: readonly LoadedLatency[],
  load: number,
  options: Pick<EstimateOptions, 'seed'>,
): Estimate {
  const { slope, reach } = slopeNear(all, busyness(load));
  const distance = ({ utilisation }: LoadedLatency) => busyness(load) - busyness(utilisation);
  const moved = own.map((fork) => fork.map((point) => point.micros * Math.exp(slope * distance(point))));
  const found = estimate(moved, { ...options, statistic: 'geomean' });
  // A single slice has no interval, and that of the slope alone would be misleading.
  if (found.blocks < 2) return found;
  // Slices that deviate from the load together are moved together, so the error of the slope affects them all.
  const shift = reach * Math.abs(mean(own.flat().map(distance)));
  const end = (bound: number) => Math.exp(Math.hypot(Math.log(bound / found.value), shift));
  return { ...found, low: found.value / end(found.low), high: found.value * end(found.high) };
}

interface Slope {
  readonly slope: number;
  /** The half-width of its 95 % interval. */
  readonly reach: number;
}

/** The slope of a weighted line through the points; weights fall with the distance from x. */
function slopeNear(points: readonly LoadedLatency[], x: number): Slope {
  let weights = 0;
  let xSum = 0;
  let ySum = 0;
  let xxSum = 0;
  let xySum = 0;
  let yySum = 0;
  for (const { utilisation, micros } of points) {
    const dx = busyness(utilisation) - x;
    const weight = Math.exp((-dx * dx) / (2 * BANDWIDTH * BANDWIDTH));
    const y = Math.log(micros);
    weights += weight;
    xSum += weight * dx;
    ySum += weight * y;
    xxSum += weight * dx * dx;
    xySum += weight * dx * y;
    yySum += weight * y * y;
  }
  if (weights === 0) return { slope: PRIOR.slope, reach: 0 };
  const spread = xxSum - (xSum * xSum) / weights;
  const shared = xySum - (xSum * ySum) / weights;
  const known = spread + PRIOR.weight;
  const slope = Math.min(SLOPES.most, Math.max(SLOPES.least, (shared + PRIOR.weight * PRIOR.slope) / known));
  const degrees = Math.max(1, points.length - 2);
  const squares = Math.max(0, yySum - (ySum * ySum) / weights - 2 * slope * shared + slope * slope * spread);
  const variance = (squares / weights) * (points.length / degrees);
  const reach = studentQuantile(0.975, degrees) * Math.sqrt(variance / known);
  // A few slices, one of them stalled, say little about the slope, but it is bounded anyway.
  return { slope, reach: Math.min(reach, Math.max(slope - SLOPES.least, SLOPES.most - slope)) };
}

/** Slices with a known utilisation, as `[fork][slice]`, with the result of `micros`. */
export function loadedLatencies(
  slices: readonly Slice[],
  cores: number,
  micros: (slice: Slice) => number,
): readonly (readonly LoadedLatency[])[] {
  return byFork(slices)
    .map((fork) =>
      fork
        .map((slice) => ({ utilisation: utilisationOf(slice, cores), micros: Math.max(1, micros(slice)) }))
        .filter(({ utilisation, micros: found }) => utilisation < BEYOND_CAPACITY && Number.isFinite(found)),
    )
    .filter((fork) => fork.length > 0);
}
