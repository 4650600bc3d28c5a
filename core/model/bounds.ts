/**
 * Bounds of every queueing network, whatever its distributions (operational analysis: Denning & Buzen 1978; Lazowska
 * et al. 1984, chapter 5). Times are in seconds, rates per second.
 */

import type { Bounds } from '../stats/interval.ts';

export interface BoundsInput {
  /** Service demand at each queueing station: the total time that one request needs there. */
  readonly demands: readonly number[];
  /** Time without queueing: network, think time. */
  readonly delay: number;
  readonly population: number;
}

export interface OperationalBounds {
  readonly throughput: Bounds;
  /** Response time, without the delay. */
  readonly response: Bounds;
  /** The population above which requests are certain to queue at the busiest station. */
  readonly knee: number;
}

/** Asymptotic bounds: X ≤ min(1/D_max, N/(D + Z)), R ≥ max(D, N·D_max − Z). */
export function asymptoticBounds({ demands, delay, population }: BoundsInput): OperationalBounds {
  const total = demands.reduce((sum, demand) => sum + demand, 0);
  const most = Math.max(0, ...demands);
  return {
    throughput: {
      low: population / (population * total + delay),
      high: Math.min(1 / most, population / (total + delay)),
    },
    response: { low: Math.max(total, population * most - delay), high: population * total },
    knee: (total + delay) / most,
  };
}
