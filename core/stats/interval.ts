/** Types of estimates and their intervals, used by every figure, model and text. */

/** Two ends, `low` not above `high`. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** A value and the ends of its interval, all in one unit. */
export interface Interval extends Bounds {
  readonly value: number;
}

/**
 * An interval from a sample. `blocks: 1` means that it has no width (`low = high = value`), and `forks: 1` that it does not
 * hold the difference between one start of the processes and the next. Both are flagged wherever the figure is shown.
 */
export interface Estimate extends Interval {
  /** Between 0 and 1. */
  readonly confidence: number;
  readonly blocks: number;
  readonly forks: number;
  /**
   * The two-sided p-value of a ratio being 1, if the interval alone does not say with how many degrees of freedom it
   * was made. It is below 1 − confidence exactly if the interval excludes 1.
   */
  readonly pNoDifference?: number;
}
