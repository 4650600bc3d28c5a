/** The data of the live page: current counts, and the latest figures. */
import type { RunProgress } from '../../core/results/live/progress.ts';
import type { RunTally } from '../../core/results/live/tally.ts';

/** The state of the figures; counts are null if unknown. */
export interface FiguresState {
  /** How often they were computed. */
  readonly made: number;
  /** When they were last computed, ISO 8601; null before the first time. */
  readonly madeAt: string | null;
  /** The number of slices behind them. */
  readonly slices: number;
  /** Whether they are being computed now. */
  readonly isMaking: boolean;
  /** Seconds until the next computation at the earliest; 0 if only new measurements are missing. */
  readonly againInSeconds: number;
  /** One line, if the last attempt failed. */
  readonly fault: string | null;
}

export interface LiveState {
  /** The folder, as the user would type it; null if none was found yet. */
  readonly folder: string | null;
  /** One line: why the journal cannot be read. */
  readonly fault: string | null;
  readonly tally: RunTally;
  readonly progress: RunProgress;
  readonly figures: FiguresState;
  /** CPU time of the watch itself, including its helper process. */
  readonly ownCpuSeconds: number;
  /** Its CPU time as a share of one core since it began. */
  readonly ownCpuShare: number;
  readonly nowMs: number;
}
