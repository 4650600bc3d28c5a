/** When to stop measuring: as soon as every figure is known well enough, or when the time is spent. */
import type { Estimate } from './estimate.ts';

export type StopDecision = { readonly stop: false } | { readonly stop: true; readonly by: 'interval' | 'budget' };

export interface StopState {
  /** The figures that must become known. With none, only the budget ends the sampling. */
  readonly estimates: readonly Estimate[];
  /** The largest relative half width that counts as known: 0.02 for ±2 %. */
  readonly target: number;
  readonly spentSeconds: number;
  readonly budgetSeconds: number;
  /** What the next block, or the next fork, is expected to take; sampling stops where it would not fit. */
  readonly nextSeconds: number;
  /** Before so many forks and blocks an interval is not believed, however narrow. */
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
 * Whether to go on. Looking again after every block and stopping at the first narrow interval favours intervals that
 * are narrow by luck; the minimum numbers, and an interval that is never narrower than block noise makes it, bound that.
 */
export function sampleUntilKnown(state: StopState): StopDecision {
  const { estimates, target, minimumForks = 1, minimumBlocks = 5 } = state;
  const known = (estimate: Estimate) =>
    estimate.forks >= minimumForks && estimate.blocks >= minimumBlocks && relativeHalfWidth(estimate) <= target;
  if (estimates.length > 0 && estimates.every(known)) return { stop: true, by: 'interval' };
  if (state.spentSeconds + state.nextSeconds > state.budgetSeconds) return { stop: true, by: 'budget' };
  return { stop: false };
}
