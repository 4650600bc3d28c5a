/** A generator under calibration: it loads a server of known truth and reports its results. */

import type { PercentileValue } from '../../core/results/histogram.ts';
import type { Address } from '../load/connection/connection.ts';
import type { OpenGenerator } from '../load/open/client.ts';
import type { Load } from './kinds/kind.ts';
import type { Schedule, Window } from './truth/protocol.ts';

export interface DriveRequest {
  readonly address: Address;
  readonly load: Load;
  /** The requested percentiles; a driver gives those that it has. */
  readonly percentiles: readonly number[];
}

/** Results of the measured part, without the warm-up. */
export interface DriveResult {
  /** Requests that were answered, with any status. */
  readonly count: number;
  /** The time of the part that counts, if the driver counts only a part of its requests. */
  readonly window?: Window;
  /** When each request was due, if requests name their place in a schedule. */
  readonly schedule?: Schedule;
  /** Time for which the generator was ready to run but waited for a core; null or absent if unknown. */
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
  /** Requests sent before the measured ones, so that the server warms up under this load. */
  warmupRequests(load: Load): number;
  /** How many requests its count may miss: those in flight when it stops. */
  countSlack(load: Load): number;
  /**
   * @param open the open loop's processes, kept and warm @throws Error with one clear line if the server cannot be
   * driven; the signal's reason when aborted
   */
  drive(request: DriveRequest, signal: AbortSignal, open: OpenGenerator): Promise<DriveResult>;
}
