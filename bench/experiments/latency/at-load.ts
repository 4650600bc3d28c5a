/**
 * Latency at exactly the load that was asked for. What a slice really had differs: the capacity is known to a few per
 * cent, and near it, latency grows as 1 / (1 - utilisation). An average over such slices is too high: with capacities
 * off by a tenth, the mean of 1 / (1 - utilisation) around 90 % is twice as high as its value there. So the logarithm of
 * latency is regressed on that of 1 / (1 - utilisation), and each slice is moved along that line to the load. Pure.
 */
import type { Slice } from '../../../core/results/schema.ts';
import { studentQuantile } from '../../../core/stats/distributions.ts';
import { type EstimateOptions, estimate } from '../../../core/stats/estimate.ts';
import type { Estimate } from '../../../core/stats/interval.ts';
import { mean, median } from '../../../core/stats/location.ts';
import { byFork, measure } from '../../measuring/slices.ts';

/**
 * Above this, a slice is beyond capacity: its queue grew for as long as it lasted, and its latency is how long that was.
 * The CPU accounts of a slice are not known to better than a scheduler tick at its ends.
 */
export const BEYOND_CAPACITY = 0.98;

/**
 * How far a slice may be from the load and still count fully, in natural logarithms of 1 / (1 - utilisation): the line
 * is straight within that, and not from an idle server to a busy one.
 */
const BANDWIDTH = 0.7;

/**
 * In every queue, the slope tends to 1 as the server becomes busy. If slices are too similar to determine it, the line
 * uses this prior: its weight is the spread of slices from which the slope would be known to be 1.
 */
const PRIOR = { slope: 1, weight: 0.05 } as const;
/** Latency does not fall as load grows; and it grows no faster than this where a queue settles within a slice. */
const SLOPES = { least: 0, most: 1.5 } as const;

/** Cores that a saturated replica keeps busy, by the typical window; null where no CPU time was read. */
export function saturatedCores(closed: readonly Slice[]): number | null {
  const cores = closed
    .map((slice) => measure(slice, 'replica_cpu_ns') / (slice.durationMs * 1e6))
    .filter((busy) => Number.isFinite(busy) && busy > 0);
  return cores.length === 0 ? null : median(cores);
}

/**
 * CPU time of the replica over that of a saturated one in the same time. Where replica and Redis share cores, or threads
 * beside the main one are at work, that is less or more than a core.
 * @returns NaN where it was not read
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
 * @param own `own[fork][slice]` at that load; forks without slices are left out
 * @param all of the same arm at all loads, these included: they tell the slope
 * @param load 0 to 1
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
  // A single slice has no interval, and the slope's alone would look like one.
  if (found.blocks < 2) return found;
  // Slices that lie beside the load together were moved together: what the slope may be off by moves them all.
  const shift = reach * Math.abs(mean(own.flat().map(distance)));
  const end = (bound: number) => Math.exp(Math.hypot(Math.log(bound / found.value), shift));
  return { ...found, low: found.value / end(found.low), high: found.value * end(found.high) };
}

interface Slope {
  readonly slope: number;
  /** Half of its 95 % interval. */
  readonly reach: number;
}

/** Slope of a line through the points, which are weighted by how near to x they are. */
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
  // Few slices, one of them stalled, say next to nothing of the slope, but it has bounds of its own.
  return { slope, reach: Math.min(reach, Math.max(slope - SLOPES.least, SLOPES.most - slope)) };
}

/** Slices whose utilisation was read, as `[fork][slice]`, each with what `micros` finds in it. */
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
