/** What a calibration is asked to do. */
import type { CalibrationDriver } from './driver.ts';
import type { Kind } from './kinds/kind.ts';

export interface CalibrateOptions {
  readonly kinds: readonly Kind[];
  readonly drivers: readonly CalibrationDriver[];
  readonly rounds: number;
  /** Whether the open loop drives a server that answers at once before anything counts. */
  readonly warmsUp: boolean;
  /** A round that the machine disturbed says little of the generator: it is repeated, this often at most. */
  readonly repeats: number;
  /** No repetition is begun that would make the whole last longer. */
  readonly budgetSeconds: number;
  readonly signal: AbortSignal;
  /** One line about what is going on. */
  readonly onProgress: (line: string) => void;
}
