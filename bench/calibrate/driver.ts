/** A generator under calibration: it drives a server of known truth and says what it found. */

import type { PercentileValue } from '../../core/results/histogram.ts';
import type { Address } from '../load/connection/connection.ts';
import type { OpenGenerator } from '../load/open/client.ts';
import type { Load } from './kinds/kind.ts';
import type { Schedule, Window } from './truth/protocol.ts';

export interface DriveRequest {
  readonly address: Address;
  readonly load: Load;
  /** Those that are wanted; a driver gives what it has. */
  readonly percentiles: readonly number[];
}

/** Of the measured part, the warm-up left out. */
export interface DriveResult {
  /** Requests that were answered, with whatever status. */
  readonly count: number;
  /** Where the driver looks at a part of what it sends: when that was. */
  readonly window?: Window;
  /** Where each request names its place in a schedule: when it was due. */
  readonly schedule?: Schedule;
  /** For which the generator was ready to run and had to wait for a core; null or left out where that is not known. */
  readonly cpuWaitMs?: number | null;
  /** Requests per second. */
  readonly achievedRate: number;
  readonly percentiles: PercentileValue[];
  /** Answers with another status than 2xx. */
  readonly errors: number;
  /** Requests that were given up. */
  readonly timeouts: number;
}

export interface CalibrationDriver {
  readonly name: string;
  /** `open`: sends at the rate of the load. `closed`: as fast as its connections allow. */
  readonly mode: 'open' | 'closed';
  /** False for a foreign generator, which is shown for comparison and cannot fail the calibration. */
  readonly judged: boolean;
  /** Requests sent before the measured ones, for that it may know this load. */
  warmupRequests(load: Load): number;
  /** How many requests its count may miss: those that it drops in flight when it stops. */
  countSlack(load: Load): number;
  /**
   * @param open the open loop's processes, kept and warm
   * @throws Error in one clear line when the server cannot be driven; the signal's reason when aborted
   */
  drive(request: DriveRequest, signal: AbortSignal, open: OpenGenerator): Promise<DriveResult>;
}
