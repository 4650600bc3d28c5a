/** Types of estimates and their intervals, used by every figure, model and text. */

/** Two ends, `low` not above `high`. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** A value and the ends of its interval, all in the same unit. */
export interface Interval extends Bounds {
  readonly value: number;
}

/**
 * An interval from a sample. With `blocks: 1` it has no width (`low = high = value`). With `forks: 1` it excludes
 * variation between starts. Both are flagged wherever the figure is shown.
 */
export interface Estimate extends Interval {
  /** Between 0 and 1. */
  readonly confidence: number;
  readonly blocks: number;
  readonly forks: number;
  /**
   * The two-sided p-value of a ratio being 1, if the interval alone does not determine it. It is below 1 − confidence
   * exactly if the interval excludes 1.
   */
  readonly pNoDifference?: number;
}
