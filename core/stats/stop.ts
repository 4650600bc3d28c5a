/** When to stop measuring before the time is spent: as soon as every figure is known well enough. */

import type { Estimate } from './interval.ts';

export interface KnownWhen {
  /** The largest relative half width that counts as known: 0.02 for ±2 %. */
  readonly target: number;
  /** With fewer forks or blocks an interval is not trusted, however narrow. */
  readonly minimumForks?: number;
  readonly minimumBlocks?: number;
}

/**
 * The longer side of the interval over the size of the value: 0.02 is ±2 %. Infinity for a value of 0 that varies, 0
 * where nothing varies.
 */
export function relativeHalfWidth({ value, low, high }: Estimate): number {
  const halfWidth = Math.max(high - value, value - low);
  return halfWidth === 0 ? 0 : halfWidth / Math.abs(value);
}

/**
 * Whether every figure is known; false without figures. Looking again after every block and stopping at the first
 * narrow interval favours intervals that are narrow by luck; the minimum numbers, and an interval that is never narrower
 * than block noise makes it, bound that.
 */
export function areKnown(
  estimates: readonly Estimate[],
  { target, minimumForks = 1, minimumBlocks = 5 }: KnownWhen,
): boolean {
  const isKnown = (estimate: Estimate) =>
    estimate.forks >= minimumForks && estimate.blocks >= minimumBlocks && relativeHalfWidth(estimate) <= target;
  return estimates.length > 0 && estimates.every(isKnown);
}
