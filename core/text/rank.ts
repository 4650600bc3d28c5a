/** An order without false precision: items whose intervals overlap the first one's are named together with it. */

import type { Interval } from '../stats/interval.ts';

export function overlaps(a: Interval, b: Interval): boolean {
  return a.low <= b.high && b.low <= a.high;
}

export interface Ranking<T extends Interval> {
  /** Items by value, the smallest first. */
  readonly ordered: readonly T[];
  /** The smallest, and all whose intervals overlap its interval. */
  readonly least: readonly T[];
  /** The largest, and all whose intervals overlap its interval, in the order of `ordered`. */
  readonly most: readonly T[];
}

/** Null for an empty list. */
export function rank<T extends Interval>(items: readonly T[]): Ranking<T> | null {
  const ordered = [...items].sort((a, b) => a.value - b.value);
  const first = ordered[0];
  const last = ordered.at(-1);
  if (first === undefined || last === undefined) return null;
  return {
    ordered,
    least: ordered.filter((item) => overlaps(item, first)),
    most: ordered.filter((item) => overlaps(item, last)),
  };
}
