/** What is known of a number: where it lies, and how surely. Every figure, model and text speaks of it in these types. */

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
 * An interval from a sample. `blocks: 1` means that there is none (`low = high = value`), and `forks: 1` that it does not
 * hold the difference between one start of the processes and the next. Both are flagged wherever the figure is shown.
 */
export interface Estimate extends Interval {
  /** Between 0 and 1. */
  readonly confidence: number;
  readonly blocks: number;
  readonly forks: number;
  /**
   * Of a ratio: the two-sided p-value of its being 1, where the interval alone does not say with how many degrees of freedom
   * it was made. Below 1 − confidence exactly where the interval leaves 1 out.
   */
  readonly pNoDifference?: number;
}
