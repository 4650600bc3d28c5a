/** Where the parts of a fleet are, if not on this machine. */
import type { Credential, login } from '../load/clients/credential.ts';
import type { RedisInstance } from './redis/redis.ts';
import type { ReplicaOptions } from './replica.ts';

export interface Places {
  /** The address at which the replica with this number listens, and the function that starts its process. */
  replica(index: number): { readonly host: string; readonly launch: NonNullable<ReplicaOptions['launch']> };
  /** Starts a Redis for one fleet. */
  redis(): Promise<RedisInstance>;
  /** Logs in from where the load will come from. */
  login(...parameters: Parameters<typeof login>): Promise<Credential>;
}
