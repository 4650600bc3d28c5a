/** Where latency leaves its plateau. Pure. */
import type { Interval } from '../../../core/stats/interval.ts';

export interface LoadPoint extends Interval {
  /** Per cent of the arm's capacity. */
  readonly load: number;
}

export interface Knee {
  /** The lowest measured load, with which the others are compared. */
  readonly from: number;
  /** The highest measured load up to which latency stays below twice its value at the lowest load. */
  readonly within: number;
  /** The next measured load, where it does not; null where it stays so to the end: the knee was not reached. */
  readonly beyond: number | null;
  /** The intervals on both sides agree; else the knee may as well lie one load further or nearer. */
  readonly certain: boolean;
}

const TIMES = 2;

/**
 * The knee is only ever known to lie between two measured loads, so both are given. Queueing theory knows no such
 * point (latency rises smoothly); twice the value at the lowest load is a rule, chosen to be read off a chart.
 * @param points of one arm and one quantile, in any order and unit, at distinct loads
 * @returns null for fewer than two loads
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
