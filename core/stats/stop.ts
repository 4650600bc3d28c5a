/** When to stop measuring early: as soon as every figure is known precisely enough. */

import type { Estimate } from './interval.ts';

export interface KnownWhen {
  /** The largest relative half width that counts as known: 0.02 for ±2 %. */
  readonly target: number;
  /** With fewer forks or blocks, an interval is not trusted, however narrow. */
  readonly minimumForks?: number;
  readonly minimumBlocks?: number;
}

/**
 * The longer side of the interval relative to the value: 0.02 is ±2 %. Infinity for a value of 0 that varies, 0 if
 * nothing varies.
 */
export function relativeHalfWidth({ value, low, high }: Estimate): number {
  const halfWidth = Math.max(high - value, value - low);
  return halfWidth === 0 ? 0 : halfWidth / Math.abs(value);
}

/**
 * Whether every figure is known; false without figures. Stopping at the first narrow interval favours intervals that
 * are narrow by luck. The minimum numbers limit that, as does an interval that is never narrower than its block
 * noise.
 */
export function areKnown(
  estimates: readonly Estimate[],
  { target, minimumForks = 1, minimumBlocks = 5 }: KnownWhen,
): boolean {
  const isKnown = (estimate: Estimate) =>
    estimate.forks >= minimumForks && estimate.blocks >= minimumBlocks && relativeHalfWidth(estimate) <= target;
  return estimates.length > 0 && estimates.every(isKnown);
}
