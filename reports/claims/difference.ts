/** The difference of two independent estimates. Pure. */
import type { Interval } from '../../core/stats/interval.ts';

/**
 * The distance of each end is that of the matching ends, added in quadrature (MOVER: Zou & Donner 2008). It has no
 * width if neither estimate has one.
 */
export function differenceOf(a: Interval, b: Interval): Interval {
  const value = a.value - b.value;
  return {
    value,
    low: value - Math.hypot(a.value - a.low, b.high - b.value),
    high: value + Math.hypot(a.high - a.value, b.value - b.low),
  };
}
