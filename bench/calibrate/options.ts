/** The options of a calibration. */
import type { CalibrationDriver } from './driver.ts';
import type { Kind } from './kinds/kind.ts';

export interface CalibrateOptions {
  readonly kinds: readonly Kind[];
  readonly drivers: readonly CalibrationDriver[];
  readonly rounds: number;
  /** Whether the open loop is first warmed up on a server that answers at once. */
  readonly warmsUp: boolean;
  /** The most repetitions of a round. A round that the machine disturbed says little about the generator. */
  readonly repeats: number;
  /** A repetition that would make the total longer than this is not started. */
  readonly budgetSeconds: number;
  readonly signal: AbortSignal;
  /** Reports progress in one line. */
  readonly onProgress: (line: string) => void;
}
