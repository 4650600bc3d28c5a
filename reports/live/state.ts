/** What the live page shows: counts that are up to date, and the figures of the last time that they were made. */
import type { RunProgress } from '../../core/results/live/progress.ts';
import type { RunTally } from '../../core/results/live/tally.ts';

/** How the figures stand; `null` counts are not known. */
export interface FiguresState {
  /** How many times they were made. */
  readonly made: number;
  /** When they were made last, ISO 8601; null before the first time. */
  readonly madeAt: string | null;
  /** Slices that they rest on. */
  readonly slices: number;
  /** Whether they are being made at this moment. */
  readonly isMaking: boolean;
  /** Seconds until they are made again at the earliest; 0 where only new measurements are waited for. */
  readonly againInSeconds: number;
  /** One line, where the last attempt failed. */
  readonly fault: string | null;
}

export interface LiveState {
  /** The folder, as the user would type it; null where none was found yet. */
  readonly folder: string | null;
  /** One line: why the journal cannot be read. */
  readonly fault: string | null;
  readonly tally: RunTally;
  readonly progress: RunProgress;
  readonly figures: FiguresState;
  /** CPU time of the watch itself, its helper process included. */
  readonly ownCpuSeconds: number;
  /** Its CPU time as a share of one core since it began. */
  readonly ownCpuShare: number;
  readonly nowMs: number;
}
