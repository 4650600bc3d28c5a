/** Where latency leaves its plateau. Pure. */
import type { Interval } from '../../../core/stats/interval.ts';

export interface LoadPoint extends Interval {
  /** Percent of the arm's capacity. */
  readonly load: number;
}

export interface Knee {
  /** The lowest measured load, with which the others are compared. */
  readonly from: number;
  /** The highest measured load up to which latency stays below twice its value at the lowest load. */
  readonly within: number;
  /** The next measured load, where it does not; null if there is none: the knee was not reached. */
  readonly beyond: number | null;
  /** Whether the intervals on both sides agree; otherwise the knee may be one load further up or down. */
  readonly certain: boolean;
}

const TIMES = 2;

/**
 * The knee is only known to lie between two measured loads, so both are given. Queueing theory has no such point
 * (latency rises smoothly); twice the value at the lowest load is a convention that is easy to read off a chart.
 * @param points of one arm and one quantile, in any order and unit, at distinct loads @returns null for fewer than
 * two loads
 */
export function findKnee(points: readonly LoadPoint[]): Knee | null {
  const [lowest, ...rest] = [...points].sort((a, b) => a.load - b.load);
  if (lowest === undefined || rest.length === 0) return null;
  const firstBeyond = rest.findIndex((point) => point.value >= TIMES * lowest.value);
  const beyond = firstBeyond === -1 ? undefined : rest[firstBeyond];
  const below = firstBeyond === -1 ? rest : rest.slice(0, firstBeyond);
  return {
    from: lowest.load,
    within: below.at(-1)?.load ?? lowest.load,
    beyond: beyond?.load ?? null,
    certain:
      below.every((point) => point.high < TIMES * lowest.low) &&
      (beyond === undefined || beyond.low >= TIMES * lowest.high),
  };
}
