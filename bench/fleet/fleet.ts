/** A fleet: N replicas of one arm, their Redis and companions, and credentials for all of it. */
import { afterEnding, environmentError } from '../../core/errors.ts';
import { stopInOrder } from '../../core/stop-in-order.ts';
import type { ChainPlace, RequestWork, Secrets, ServerSettings, TlsOptions } from '../../servers/configuration.ts';
import type { ArmInfo, CompanionKind } from '../../servers/contract.ts';
import { type Credential, login } from '../load/clients/credential.ts';
import type { PreparedRequest } from '../load/protocol.ts';
import type { CpuAccounts } from '../processes/accounts.ts';
import { Semaphore } from '../processes/semaphore.ts';
import { processTree } from '../processes/trees/process-tree.ts';
import type { FleetBalancer } from './balancer/client.ts';
import { type ChainSpec, doorsOf, startChain } from './chain.ts';
import { type Companion, processesOfCompanions } from './companions/companion.ts';
import { companionsMessage, startCompanions } from './companions/start.ts';
import type { StoreCounters } from './counters.ts';
import { type DelayProxy, startDelayProxyFor } from './delay/client.ts';
import type { ForeignClients } from './foreign.ts';
import { logInAll } from './log-in.ts';
import { type Places, settingsAt } from './places.ts';
import type { RedisFaults } from './redis/faults.ts';
import { provideRedis, type RedisSource } from './redis/provide.ts';
import { addressOf, type RedisInstance } from './redis/redis.ts';
import { type Replica, type ReplicaOptions, startReplica } from './replica.ts';
import { type Argon2Setting, makeUsers, type User } from './secrets.ts';
import type { CpuPeriod, CpuShares } from './shares.ts';

export interface FleetSpec {
  /** Identifies the fleet within its fork; differs from the arm's name for an A/A copy. */
  readonly key: string;
  readonly arm: ArmInfo;
  readonly replicas: number;
  /** CPU limit of each replica in cores, or null for none. */
  readonly replicaShare: number | null;
  readonly redisShare: number | null;
  /** The period of the CPU limit; default `steady`. */
  readonly cpuPeriod?: CpuPeriod;
  /** A known slowdown of every request, in iterations of arithmetic; default none. */
  readonly burnIterations?: number;
  /** Additional work of its replicas for every request, and its requirements, which the arm may not have. */
  readonly work?: RequestWork & { readonly usesRedis: boolean; readonly companions: readonly CompanionKind[] };
  /** Another build's replica, the Node that runs it, and the reader of its output; default: this checkout's. */
  readonly program?: Pick<
    ReplicaOptions,
    'entry' | 'execPath' | 'execArgv' | 'compiled' | 'onOutput' | 'startTimeoutMs' | 'env'
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

const HOST = '127.0.0.1';

async function redisFor(environment: FleetEnvironment, spec: FleetSpec): Promise<RedisInstance | null> {
  const isUsed = spec.arm.usesRedis || spec.settings?.rateLimit === 'redis' || spec.work?.usesRedis === true;
  if (!isUsed) return null;
  if (environment.places !== undefined) return environment.places.redis();
  return provideRedis(environment, spec.key, spec.cluster ?? environment.cluster);
}

/** A load sends the cookies of its logins throughout, and ignores `Set-Cookie`, so copies must outlive it. */
const LOAD_COPY_MS = 24 * 3_600_000;

/** @returns its settings, with those that a fleet with logged-in users needs in addition; null for none */
export function settingsOf({ arm, users, settings }: FleetSpec): ServerSettings | null {
  const isCopied = arm.boundSetting === 'cookieCacheMs' && users > 0;
  return isCopied ? { cookieCacheMs: LOAD_COPY_MS, idleTimeoutMs: LOAD_COPY_MS, ...settings } : (settings ?? null);
}

async function usersOf(environment: FleetEnvironment, { rolesOf, ownUsers }: FleetSpec): Promise<readonly User[]> {
  const users = ownUsers === undefined ? environment.users : await makeUsers(ownUsers.count, ownUsers.argon2);
  if (rolesOf === undefined) return users;
  return users.map((user, i) => ({ ...user, record: { ...user.record, roles: [...rolesOf(i)] } }));
}

/** @throws TollgateError if a part of it cannot start, after stopping the others */
export async function startFleet(environment: FleetEnvironment, spec: FleetSpec): Promise<Fleet> {
  const foreign = environment.foreign?.get(spec.arm.name);
  if (foreign !== undefined) return foreign(environment, spec);
  const users = await usersOf(environment, spec);
  if (users.length <= spec.users) {
    throw environmentError(
      `${spec.users} users are needed, but only ${users.length - 1} were made`,
      'this is a bug in Tollgate: please report it',
    );
  }
  const redis = await redisFor(environment, spec);
  const settings = settingsAt(environment.places, settingsOf(spec));
  let proxy: DelayProxy | null = null;
  let companions: readonly Companion[] = [];
  let balancer: FleetBalancer | null = null;
  const started: Replica[] = [];
  const withOtherKeys: Promise<Replica>[] = [];
  /** In a chain, by port: a replacement gets the same place. */
  const places = new Map<number, ChainPlace>();
  const stop = async () => {
    const others = (await Promise.allSettled(withOtherKeys)).flatMap((start) =>
      start.status === 'fulfilled' ? [start.value] : [],
    );
    try {
      await stopInOrder([[balancer], [...started, ...others], [proxy], companions, [redis]]);
    } finally {
      environment.shares?.sweep();
      environment.accounts?.sweep();
    }
  };
  try {
    if (spec.delayed && redis !== null) proxy = await startDelayProxyFor(redis, environment);
    const kinds = new Set([...(spec.arm.companions ?? []), ...(spec.work?.companions ?? [])]);
    companions = await startCompanions({ companions: [...kinds] }, environment);
    const account = (pid: number) => void environment.accounts?.add(pid);
    // Before the replicas start: processes that it starts for them are included in its account.
    processesOfCompanions(companions, processTree).forEach(account);
    const reached = redis === null ? null : addressOf(redis, proxy?.url);
    const start = (index: number, port: number, secrets = environment.secrets, chain = places.get(port)) => {
      const { host = HOST, ...place } = environment.places?.replica(index) ?? {};
      return startReplica({
        start: {
          arm: spec.arm.name,
          host,
          port,
          secrets,
          users: users.map((user) => user.record),
          ...(settings === null ? {} : { settings }),
          ...(spec.tls === undefined ? {} : { tls: spec.tls }),
          ...(spec.burnIterations === undefined ? {} : { burnIterations: spec.burnIterations }),
          ...(spec.work === undefined ? {} : { work: { module: spec.work.module, name: spec.work.name } }),
          ...(reached === null ? {} : { redis: reached }),
          ...companionsMessage(companions),
          ...(chain === undefined ? {} : { chain }),
        },
        janitor: environment.janitor,
        onDeath: environment.onDeath,
        ...place,
        ...spec.program,
      });
    };
    const starting = environment.starts ?? new Semaphore(spec.replicas);
    const startAt = async (place: ChainPlace) => {
      const replica = await starting.run(() => start(started.length, 0, undefined, place));
      places.set(replica.address.port, place);
      // From the last service to the edge.
      started.unshift(replica);
      return replica;
    };
    const starts =
      spec.chain === undefined
        ? Array.from({ length: spec.replicas }, (_, index) =>
            starting.run(() => start(index, 0)).then((replica) => void started.push(replica)),
          )
        : [startChain(spec.chain, startAt)];
    const failed = (await Promise.allSettled(starts)).find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    for (const { pid } of started) account(pid);
    for (const pid of redis?.pids ?? []) account(pid);
    if (proxy !== null) account(proxy.pid);
    const addresses = started.map(({ address }) => address);
    balancer = (await environment.places?.balancing?.start(spec.key, addresses, environment.onDeath)) ?? null;
    const doors = balancer !== null ? [balancer] : spec.chain === undefined ? started : doorsOf(spec.chain, started);
    const credentials = await logInAll(spec, doors, users, environment.places?.login ?? login);
    const limitRedis = (cores: number | null) => {
      for (const pid of [...(redis?.pids ?? []), ...processesOfCompanions(companions, processTree)]) {
        if (cores === null) environment.shares?.release(pid);
        else environment.shares?.limit(pid, cores, 'steady');
      }
    };
    const applyShares = () => {
      const { shares } = environment;
      if (shares === null) return;
      if (spec.replicaShare !== null)
        for (const replica of started) shares.limit(replica.pid, spec.replicaShare, spec.cpuPeriod ?? 'steady');
      if (spec.redisShare !== null) limitRedis(spec.redisShare);
    };
    const replaceReplica = async (index: number) => {
      const old = started[index];
      if (old === undefined) throw new RangeError(`fleet ${spec.key} has no replica ${index}`);
      await old.stop();
      const fresh = await start(index, old.address.port);
      started[index] = fresh;
      account(fresh.pid);
    };
    const startWithKeys = (secrets: Secrets) => {
      const starts = Array.from({ length: spec.replicas }, (_, index) => starting.run(() => start(index, 0, secrets)));
      withOtherKeys.push(...starts);
      return Promise.all(starts);
    };
    const front = balancer === null ? {} : { balancer };
    const parts = { spec, replicas: started, redis, companions, ...front, proxy, credentials, users };
    return { ...parts, replaceReplica, startWithKeys, applyShares, limitRedis, stop };
  } catch (error) {
    // The error is what broke first, not what could not be stopped afterwards.
    throw await afterEnding(error, stop);
  }
}

/** Starts several fleets together. @throws the first error, after stopping those that were started */
export async function startFleets(environment: FleetEnvironment, specs: readonly FleetSpec[]): Promise<Fleet[]> {
  const results = await Promise.allSettled(specs.map((spec) => startFleet(environment, spec)));
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return started;
  throw await afterEnding(failed.reason, () => stopInOrder([started]));
}
