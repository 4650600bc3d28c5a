/**
 * The spread of the arms' fork means, each arm by itself and all together: the data, and a draw from the posterior.
 * Three forks say next to nothing about one arm's variance, but eight arms in three forks say much about a typical one.
 */

export interface Observation {
  readonly fork: number;
  readonly value: number;
  /** Its variance, relative to that of a usual fork: more where a fork has few blocks. */
  readonly scale: number;
}

/** What earlier runs say of the baseline's processes. */
export interface BaselinePrior {
  /** Their standard deviation over that of the arms. */
  readonly ratio: number;
  /** What that is worth, in degrees of freedom. */
  readonly degrees: number;
}

export interface VarianceData {
  /** For each arm, one observation a fork at most. */
  readonly arms: readonly (readonly Observation[])[];
  /** One observation for each process of the baseline in each fork. */
  readonly baseline: readonly Observation[];
  readonly forks: number;
  readonly prior: BaselinePrior | null;
}

/** One draw from the posterior; variances of usual forks. */
export interface VarianceDraw {
  readonly arms: readonly number[];
  /** The variance of one process. */
  readonly process: number;
  /** The variance of the effect that all processes of the baseline share in a fork. */
  readonly common: number;
  /** The level about which the arms' variances lie. */
  readonly level: number;
}
