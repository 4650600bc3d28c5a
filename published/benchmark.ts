/** A published benchmark, and the results of our replay. */
import type { FindingName, Unit } from './finding.ts';

/** A number that the source prints, or the ratio of two of them. */
export interface PublishedFigure {
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  /** Our figure for the same question; left out if there is none. */
  readonly askedHere?: FindingName;
}

/** A replay repeats a method on another machine: ratios are compared, absolute rates are not. */
export type Replayed =
  | { readonly by: ReplayName /** How ours differs from theirs. */; readonly differs: string }
  | { readonly notReplayed: string };

export type ReplayName = 'verify' | 'loops' | 'bytes';

export interface PublishedBenchmark {
  /** Its name on the command line. */
  readonly name: string;
  readonly title: string;
  readonly by: string;
  readonly address: string;
  /** A date or a commit, if known. */
  readonly version: string;
  readonly setup: string;
  /** Which of the two is ahead in the source; `neither` if it compares something else. */
  readonly winner: 'session' | 'token' | 'neither';
  readonly figures: readonly PublishedFigure[];
  readonly replay: Replayed;
  /** Two sentences. */
  readonly lesson: string;
}
