/** Where the parts of a fleet are, if not on this machine. */
import type { ServerSettings } from '../../servers/configuration.ts';
import type { Credential, login } from '../load/clients/credential.ts';
import type { Address } from '../load/connection/connection.ts';
import type { FleetBalancer } from './balancer/client.ts';
import type { RedisInstance } from './redis/redis.ts';
import type { ReplicaOptions } from './replica.ts';

export interface Places {
  /** The address and start function of the replica with this number. */
  replica(index: number): { readonly host: string; readonly launch: NonNullable<ReplicaOptions['launch']> };
  /** The balancer between clients and replicas; without one, clients choose the replica. */
  readonly balancing?: {
    /** The source address of its requests to replicas, the only one they trust as a proxy. */
    readonly proxy: string;
    start(key: string, replicas: readonly Address[], onDeath: (error: Error) => void): Promise<FleetBalancer>;
  };
  /** Starts a Redis for one fleet. */
  redis(): Promise<RedisInstance>;
  /** Logs in from where the load is sent. */
  login(...parameters: Parameters<typeof login>): Promise<Credential>;
}

/** Behind a balancer, replicas trust its forwarding header, and no other. */
export function settingsAt(places: Places | undefined, settings: ServerSettings | null): ServerSettings | null {
  const proxy = places?.balancing?.proxy;
  return proxy === undefined ? settings : { ...settings, trustedProxies: [proxy] };
}
