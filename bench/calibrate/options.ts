/** The options of a calibration. */
import type { CalibrationDriver } from './driver.ts';
import type { Kind } from './kinds/kind.ts';

export interface CalibrateOptions {
  readonly kinds: readonly Kind[];
  readonly drivers: readonly CalibrationDriver[];
  readonly rounds: number;
  /** Whether the open loop first drives a server that answers at once. */
  readonly warmsUp: boolean;
  /** How often a round is repeated at most. One that the machine disturbed says little about the generator. */
  readonly repeats: number;
  /** A repetition that would make the whole last longer than this is not begun. */
  readonly budgetSeconds: number;
  readonly signal: AbortSignal;
  /** Reports progress in one line. */
  readonly onProgress: (line: string) => void;
}
