/** What a replay is: the method of published benchmarks, repeated on the servers and primitives of this code. */
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
  /** What it does, in words. */
  readonly method: string;
  /** Roughly, on two cores that nothing else uses. */
  readonly seconds: number;
  /** The figures that it makes. */
  readonly finds: readonly FindingName[];
  /** @throws TollgateError where something cannot start; ChildError where a process fails. Nothing of it is left running. */
  run(context: ReplayContext): Promise<readonly Finding[]>;
}

export function finding(name: FindingName, { value, low, high, blocks, forks }: Estimate): Finding {
  return { name, value, low, high, blocks, forks };
}
