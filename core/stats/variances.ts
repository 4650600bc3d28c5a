/**
 * The spread of the arms' fork means, individually and jointly: the data, and a draw from the posterior. Three forks
 * say little about one arm's variance, but eight arms in three forks say much about a typical one.
 */

export interface Observation {
  readonly fork: number;
  readonly value: number;
  /** Its variance relative to that of a usual fork: higher if a fork has few blocks. */
  readonly scale: number;
}

/** Information from earlier runs about the baseline's processes. */
export interface BaselinePrior {
  /** Their standard deviation divided by that of the arms. */
  readonly ratio: number;
  /** The weight of that information, in degrees of freedom. */
  readonly degrees: number;
}

export interface VarianceData {
  /** For each arm, at most one observation per fork. */
  readonly arms: readonly (readonly Observation[])[];
  /** One observation for each process of the baseline in each fork. */
  readonly baseline: readonly Observation[];
  readonly forks: number;
  readonly prior: BaselinePrior | null;
}

/** One draw from the posterior: variances of usual forks. */
export interface VarianceDraw {
  readonly arms: readonly number[];
  /** The variance of one process. */
  readonly process: number;
  /** The variance of the effect shared by a fork's baseline processes. */
  readonly common: number;
  /** The common level of the arms' variances. */
  readonly level: number;
}
