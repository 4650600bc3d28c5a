import type { Figure } from '../../core/results/schema.ts';

/** A figure that supports a verdict. Experiment, arm, factors and metric find it in figures.csv. */
export interface Shown {
  /** A short description: `jwt-hs256, after logout`. */
  readonly label: string;
  readonly figure: Figure;
}
