/** The difference of two estimates that were made apart. Pure. */
import type { Interval } from '../../core/stats/interval.ts';

/**
 * Each end is as far from the difference as the two ends that lie on its side, in quadrature (MOVER: Zou & Donner 2008). It has
 * no width where neither has one.
 */
export function differenceOf(a: Interval, b: Interval): Interval {
  const value = a.value - b.value;
  return {
    value,
    low: value - Math.hypot(a.value - a.low, b.high - b.value),
    high: value + Math.hypot(a.high - a.value, b.value - b.low),
  };
}
