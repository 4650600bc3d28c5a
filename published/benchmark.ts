/** A benchmark that others published, and what this code makes of its method. */
import type { FindingName, Unit } from './finding.ts';

/** A number that the source prints, or the ratio of two such numbers. */
export interface PublishedFigure {
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  /** The figure of ours that asks the same question; left out where none does. */
  readonly askedHere?: FindingName;
}

/** A replay repeats a method, not a machine: absolute rates of two machines are not compared, ratios are. */
export type Replayed =
  | { readonly by: ReplayName /** How ours differs from theirs. */; readonly differs: string }
  | { readonly notReplayed: string };

export type ReplayName = 'verify' | 'loops' | 'bytes';

export interface PublishedBenchmark {
  /** Names it on the command line. */
  readonly name: string;
  readonly title: string;
  readonly by: string;
  readonly address: string;
  /** A date or a commit, as far as known. */
  readonly version: string;
  readonly setup: string;
  /** Which of the two the source finds ahead; `neither` if it compares something else. */
  readonly winner: 'session' | 'token' | 'neither';
  readonly figures: readonly PublishedFigure[];
  readonly replay: Replayed;
  /** Two sentences. */
  readonly lesson: string;
}
