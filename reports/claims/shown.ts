import type { Figure } from '../../core/results/schema.ts';

/** A figure that supports a verdict. Experiment, arm, factors and metric find it in figures.csv. */
export interface Shown {
  /** What it is, in a few words: `jwt-hs256, after logout`. */
  readonly label: string;
  readonly figure: Figure;
}
