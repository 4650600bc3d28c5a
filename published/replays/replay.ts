/** A replay repeats the method of published benchmarks on the servers and primitives of this repository. */
import type { RedisSource } from '../../bench/fleet/redis/provide.ts';
import type { Estimate } from '../../core/stats/interval.ts';
import type { ReplayName } from '../benchmark.ts';
import type { Finding, FindingName } from '../finding.ts';

export interface ReplayContext extends Omit<RedisSource, 'runId'> {
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onStep: (text: string) => void;
}

export interface Replay {
  readonly name: ReplayName;
  readonly title: string;
  /** Its description. */
  readonly method: string;
  /** Approximate duration on two otherwise idle cores. */
  readonly seconds: number;
  /** The figures that it produces. */
  readonly finds: readonly FindingName[];
  /**
   * @throws TollgateError if something cannot start; ChildError if a process fails. All processes of the replay have
   * then ended
   */
  run(context: ReplayContext): Promise<readonly Finding[]>;
}

export function finding(name: FindingName, { value, low, high, blocks, forks }: Estimate): Finding {
  return { name, value, low, high, blocks, forks };
}
