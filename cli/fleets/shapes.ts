/** The request of a run in containers to a platform, and the result. */
import type { ResultFiles } from '../../containers/results.ts';
import type { RunConfig } from '../../core/results/recorded/config.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { FleetOptions } from '../options/fleet.ts';

/** The request to a platform. */
export interface FleetRun {
  readonly fleet: FleetOptions;
  readonly config: RunConfig;
  readonly arms: readonly ArmInfo[];
  /** Arguments of `bench` for every generator; the shard is added there. */
  readonly arguments: readonly string[];
  /** The estimated time of one shard, including checks. */
  readonly measureSeconds: number;
  readonly signal: AbortSignal;
  readonly onMeasured: (shard: MeasuredShard) => void;
  readonly onProgress: (step: string) => void;
  readonly onNote: (text: string) => void;
}

export interface MeasuredShard {
  readonly shard: number;
  readonly files: ResultFiles;
  readonly notes: readonly string[];
}
