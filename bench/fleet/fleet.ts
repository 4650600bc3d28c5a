/** What a fleet is: N replicas of one arm, their Redis and companions, and credentials for all of it. */
import type { RequestWork, Secrets, ServerSettings, TlsOptions } from '../../servers/configuration.ts';
import type { ArmInfo, CompanionKind } from '../../servers/contract.ts';
import type { Credential } from '../load/clients/credential.ts';
import type { PreparedRequest } from '../load/protocol.ts';
import type { CpuAccounts } from '../processes/accounts.ts';
import type { Semaphore } from '../processes/semaphore.ts';
import type { FleetBalancer } from './balancer/client.ts';
import type { ChainSpec } from './chain.ts';
import type { Companion } from './companions/companion.ts';
import type { StoreCounters } from './counters.ts';
import type { DelayProxy } from './delay/client.ts';
import type { ForeignClients } from './foreign.ts';
import type { Places } from './places.ts';
import type { RedisFaults } from './redis/faults.ts';
import type { RedisSource } from './redis/provide.ts';
import type { RedisInstance } from './redis/redis.ts';
import type { Replica, ReplicaOptions } from './replica.ts';
import type { Argon2Setting, User } from './secrets.ts';
import type { CpuPeriod, CpuShares } from './shares.ts';

export interface FleetSpec {
  /** Identifies the fleet within its fork; differs from the arm's name for an A/A copy. */
  readonly key: string;
  readonly arm: ArmInfo;
  readonly replicas: number;
  /** CPU limit of each replica in cores; default none. */
  readonly replicaShare?: number | null;
  /** CPU limit of Redis, or of each of its nodes, and of each companion, in cores; default none. */
  readonly redisShare?: number | null;
  /** The period of the CPU limit; default `steady`. */
  readonly cpuPeriod?: CpuPeriod;
  /** A known slowdown of every request, in iterations of arithmetic; default none. */
  readonly burnIterations?: number;
  /** Additional work of its replicas for every request, and its requirements, which the arm may not have. */
  readonly work?: RequestWork & { readonly usesRedis: boolean; readonly companions: readonly CompanionKind[] };
  /** Another build's replica, the Node that runs it, and the reader of its output; default: this checkout's. */
  readonly program?: Pick<
    ReplicaOptions,
    'entry' | 'execPath' | 'execArgv' | 'under' | 'compiled' | 'onOutput' | 'startTimeoutMs' | 'env'
  >;
  /** Settings of its replicas; default: their own defaults. */
  readonly settings?: ServerSettings;
  /** The replicas then speak HTTPS. */
  readonly tls?: TlsOptions;
  /** Roles of the user with this number; default: the usual ones. The administrator is the last user. */
  readonly rolesOf?: (index: number) => readonly string[];
  /** Whether its Redis is a cluster; default: the run's setting. */
  readonly cluster?: boolean;
  /** Puts a proxy that can delay replies between the replicas and Redis. */
  readonly delayed?: true;
  /** If present, the replicas are a chain of services: the edge first, and last the auth service, if there is one. */
  readonly chain?: ChainSpec;
  /**
   * The fleet's own users, this many and an administrator, with passwords hashed at this cost; default: those of the
   * run.
   */
  readonly ownUsers?: { readonly count: number; readonly argon2: Argon2Setting };
  /** One credential for each of this many users. */
  readonly users: number;
}

/** Parts that only a service's fleet has: its replicas do not follow the contract. */
export interface ForeignParts {
  /** The requests to repeat, one for each client session. */
  readonly requests: readonly PreparedRequest[];
  readonly clients: ForeignClients;
  /** Counters of its stores other than Redis. */
  readonly counters: readonly StoreCounters[];
  /** The store that can be broken, if Tollgate started it, and its kind, such as `postgres`. */
  readonly store: { readonly kind: string; readonly faults: RedisFaults; readonly canBeEmptied: boolean } | null;
  /** Memory of all processes of a replica together, on average. */
  rssBytes(): number;
}

export interface Fleet {
  readonly spec: FleetSpec;
  /** Absent for every arm. */
  readonly foreign?: ForeignParts;
  readonly replicas: readonly Replica[];
  readonly redis: RedisInstance | null;
  /** Companions in the order in which the arm declares them; absent if it declares none. */
  readonly companions?: readonly Companion[];
  /** What clients connect to instead of the replicas; absent if they choose the replica. */
  readonly balancer?: FleetBalancer;
  /** The proxy between the replicas and Redis, if `delayed` was requested. */
  readonly proxy: DelayProxy | null;
  readonly credentials: readonly Credential[];
  /** All users known to its replicas: those with a credential first, the administrator last. */
  readonly users: readonly User[];
  /** Replaces the replica with this number by a fresh one on its port; kills the old one if it is still running. */
  replaceReplica(index: number): Promise<void>;
  /**
   * Starts the same number of replicas on the same Redis with other keys. They end with the fleet, and are not
   * counted in it.
   */
  startWithKeys(secrets: Secrets): Promise<readonly Replica[]>;
  /** Applies the CPU limits of replicas, Redis and companions: after warm-up, which would take too long with limits. */
  applyShares(): void;
  /** Limits Redis, or each of its nodes, and each companion to this fraction of a core; null removes the limit. */
  limitRedis(cores: number | null): void;
  stop(): Promise<void>;
}

/** Starts the fleet of a service. */
export type ForeignStart = (environment: FleetEnvironment, spec: FleetSpec) => Promise<Fleet>;

/** The environment of all fleets of a run. */
export interface FleetEnvironment extends RedisSource {
  /** Start functions of services by the name of the arm; default none. */
  readonly foreign?: ReadonlyMap<string, ForeignStart>;
  readonly secrets: Secrets;
  readonly users: readonly User[];
  /** Null if CPU limits cannot be set. */
  readonly shares: CpuShares | null;
  /** Accounts for the CPU time of every process of its fleets; default: read from their threads. */
  readonly accounts?: CpuAccounts | null;
  /** Whether a fleet's own Redis is a cluster of three nodes by default. */
  readonly cluster?: boolean;
  /** Where its fleets are; on this machine by default. */
  readonly places?: Places;
  /** Limits concurrent starts: each takes a second of CPU time, so with many at once, none might be ready in time. */
  readonly starts?: Semaphore;
  readonly onDeath: (error: Error) => void;
}
