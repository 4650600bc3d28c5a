/** A fleet: N replicas of one arm, the Redis and the companions they share, and credentials for all of it. */
import { afterEnding, environmentError } from '../../core/errors.ts';
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
import { type DelayProxy, startDelayProxy } from './delay/client.ts';
import type { ForeignClients } from './foreign.ts';
import { logInAll } from './log-in.ts';
import { type Places, settingsAt } from './places.ts';
import type { RedisFaults } from './redis/faults.ts';
import { provideRedis, type RedisSource } from './redis/provide.ts';
import { addressOf, type RedisInstance } from './redis/redis.ts';
import { isLoopback, parseRedisUrl } from './redis/url.ts';
import { type Replica, type ReplicaOptions, startReplica } from './replica.ts';
import { type Argon2Setting, makeUsers, type User } from './secrets.ts';
import type { CpuPeriod, CpuShares } from './shares.ts';
import { stopInOrder } from './stop.ts';

export interface FleetSpec {
  /** Names the fleet within its fork; differs from the arm's name for an A/A copy. */
  readonly key: string;
  readonly arm: ArmInfo;
  readonly replicas: number;
  /** Fraction of a core for each replica, or null for no limit. */
  readonly replicaShare: number | null;
  readonly redisShare: number | null;
  /** How replicas are held to their share; `steady` when left out. */
  readonly cpuPeriod?: CpuPeriod;
  /** A known slowdown of every request, in iterations of arithmetic; none when left out. */
  readonly burnIterations?: number;
  /** Further work of its replicas for every request, and what that needs, which the arm may not have. */
  readonly work?: RequestWork & { readonly usesRedis: boolean; readonly companions: readonly CompanionKind[] };
  /** Another build's replica and the Node that runs it; this checkout's when left out. And who reads its output. */
  readonly program?: Pick<
    ReplicaOptions,
    'entry' | 'execPath' | 'execArgv' | 'compiled' | 'onOutput' | 'startTimeoutMs' | 'env'
  >;
  /** Settings of its replicas; their defaults when left out. */
  readonly settings?: ServerSettings;
  /** The replicas then speak HTTPS. */
  readonly tls?: TlsOptions;
  /** Roles of the user with this number, instead of the usual ones; the administrator is the last user. */
  readonly rolesOf?: (index: number) => readonly string[];
  /** Whether its Redis is a cluster; the run's own setting when left out. */
  readonly cluster?: boolean;
  /** The replicas then reach Redis through a process that can delay its replies. */
  readonly delayed?: true;
  /** If present, the replicas are a chain of services: the edge first, and last the auth service, if there is one. */
  readonly chain?: ChainSpec;
  /** Its own users, this many and an administrator, with passwords hashed at this cost; by default those of the run. */
  readonly ownUsers?: { readonly count: number; readonly argon2: Argon2Setting };
  /** One credential for each of this many users. */
  readonly users: number;
}

/** Parts that only a fleet other than our arms has: its replicas do not follow the contract. */
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
  /** What clients talk to instead of the replicas; absent if they choose the replica. */
  readonly balancer?: FleetBalancer;
  /** The proxy between the replicas and Redis, if the fleet was asked for `delayed`. */
  readonly proxy: DelayProxy | null;
  readonly credentials: readonly Credential[];
  /** All users that its replicas know: those with a credential first, the administrator last. */
  readonly users: readonly User[];
  /** Replaces the replica with this number by a fresh one on its port; the old one is killed if it lives. */
  replaceReplica(index: number): Promise<void>;
  /** Starts as many replicas again, on the same Redis and with other keys. They end with the fleet, and are not counted in it. */
  startWithKeys(secrets: Secrets): Promise<readonly Replica[]>;
  /** Holds replicas, Redis and companions to their shares from now on: after warm-up, which would take limited replicas too long. */
  applyShares(): void;
  /** Holds Redis, or each node of it, and each companion to this fraction of a core from now on; null frees them. */
  limitRedis(cores: number | null): void;
  stop(): Promise<void>;
}

/** Starts the fleet of an arm that is no scheme of ours. */
export type ForeignStart = (environment: FleetEnvironment, spec: FleetSpec) => Promise<Fleet>;

/** What fleets are started with: one for the whole run. */
export interface FleetEnvironment extends RedisSource {
  /** Starts of foreign fleets by the name of the arm; none by default. */
  readonly foreign?: ReadonlyMap<string, ForeignStart>;
  readonly secrets: Secrets;
  readonly users: readonly User[];
  /** Null where CPU shares cannot be set. */
  readonly shares: CpuShares | null;
  /** Accounts for the CPU time of every process of its fleets; read from their threads where left out. */
  readonly accounts?: CpuAccounts | null;
  /** Whether a fleet's own Redis is a cluster of three nodes, unless the fleet says. */
  readonly cluster?: boolean;
  /** Where its fleets are; on this machine by default. */
  readonly places?: Places;
  /** Starting takes a second of CPU time: if many replicas started at once, each might not be ready in time. */
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

/** A cluster names its own nodes, so clients would bypass a proxy before one of them. */
async function proxyFor(
  environment: FleetEnvironment,
  spec: FleetSpec,
  redis: RedisInstance | null,
): Promise<DelayProxy | null> {
  if (!spec.delayed || redis === null) return null;
  if (redis.cluster) throw environmentError('a Redis Cluster cannot be delayed', 'omit --redis cluster');
  const { at } = parseRedisUrl(redis.url);
  if ('host' in at && at.tls && !isLoopback(at.host)) {
    throw environmentError(
      'a Redis on another machine cannot be delayed over TLS, because its certificate does not match the proxy',
      'omit the experiment distance, or unset REDIS_URL',
    );
  }
  return startDelayProxy({ janitor: environment.janitor, redisUrl: redis.url, onDeath: environment.onDeath });
}

/** A load sends the cookies of its logins for as long as it lasts, and follows no `Set-Cookie`: copies must outlive it. */
const LOAD_COPY_MS = 24 * 3_600_000;

/** @returns its settings, or what a fleet whose users are logged in for a load needs beyond the defaults; null for none */
export function settingsOf({ arm, users, settings }: FleetSpec): ServerSettings | null {
  const isCopied = arm.boundSetting === 'cookieCacheMs' && users > 0;
  return isCopied ? { cookieCacheMs: LOAD_COPY_MS, idleTimeoutMs: LOAD_COPY_MS, ...settings } : (settings ?? null);
}

async function usersOf(environment: FleetEnvironment, { rolesOf, ownUsers }: FleetSpec): Promise<readonly User[]> {
  const users = ownUsers === undefined ? environment.users : await makeUsers(ownUsers.count, ownUsers.argon2);
  if (rolesOf === undefined) return users;
  return users.map((user, i) => ({ ...user, record: { ...user.record, roles: [...rolesOf(i)] } }));
}

/** @throws TollgateError when a part of it cannot start; what had started is stopped first */
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
  /** In a chain, by port: another replica there has the same place. */
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
    proxy = await proxyFor(environment, spec, redis);
    const kinds = new Set([...(spec.arm.companions ?? []), ...(spec.work?.companions ?? [])]);
    companions = await startCompanions({ companions: [...kinds] }, environment);
    const account = (pid: number) => void environment.accounts?.add(pid);
    // Before the replicas start: processes that it starts for them from now on belong to its account.
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
      // From its end to its edge.
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
    // The cause is what broke first, and not what cannot be stopped after that.
    throw await afterEnding(error, stop);
  }
}

/**
 * Starts several fleets together.
 * @throws what the first of them failed with, once those that started are stopped
 */
export async function startFleets(environment: FleetEnvironment, specs: readonly FleetSpec[]): Promise<Fleet[]> {
  const results = await Promise.allSettled(specs.map((spec) => startFleet(environment, spec)));
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return started;
  throw await afterEnding(failed.reason, () => stopInOrder([started]));
}
