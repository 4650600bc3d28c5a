/** A fleet: N replicas of one arm, the Redis they share, and credentials for all of it. */
import type { ArmInfo, Secrets, ServerSettings, TlsOptions } from '../../servers/contract.ts';
import { environmentError } from '../errors.ts';
import { type Credential, login } from '../load/credential.ts';
import type { Janitor } from './janitor.ts';
import type { RedisInstance } from './redis.ts';
import { useRedis } from './redis-external.ts';
import { startRedis } from './redis-own.ts';
import { type Replica, type ReplicaOptions, startReplica } from './replica.ts';
import type { User } from './secrets.ts';
import type { CpuShares } from './shares.ts';

export interface FleetSpec {
  /** Names the fleet within its fork; differs from the arm's name for an A/A copy. */
  readonly key: string;
  readonly arm: ArmInfo;
  readonly replicas: number;
  /** Fraction of a core for each replica, or null for no limit. */
  readonly replicaShare: number | null;
  readonly redisShare: number | null;
  /** A known slowdown of every request, in iterations of arithmetic; none when left out. */
  readonly burnIterations?: number;
  /** Another build's replica and the Node that runs it; this checkout's when left out. */
  readonly program?: Pick<ReplicaOptions, 'entry' | 'execPath' | 'execArgv'>;
  /** What is set for its replicas; their defaults when left out. */
  readonly settings?: ServerSettings;
  /** With it the replicas speak HTTPS. */
  readonly tls?: TlsOptions;
  /** Roles of the user with this number, in place of those that everybody has; the administrator is the last. */
  readonly rolesOf?: (index: number) => readonly string[];
  /** One credential for each of this many users. */
  readonly users: number;
}

export interface Fleet {
  readonly spec: FleetSpec;
  readonly replicas: readonly Replica[];
  readonly redis: RedisInstance | null;
  readonly credentials: readonly Credential[];
  /** Everybody that its replicas know: those with a credential first, the administrator last. */
  readonly users: readonly User[];
  /** Holds replicas and Redis to their shares from now on: after warm-up, which limited replicas would draw out. */
  applyShares(): void;
  stop(): Promise<void>;
}

/** What a driver needs to start fleets: one for the whole run. */
export interface Ground {
  readonly janitor: Janitor;
  readonly secrets: Secrets;
  readonly users: readonly User[];
  /** Null where no share can be given. */
  readonly shares: CpuShares | null;
  /** From REDIS_URL; null where Tollgate starts its own. */
  readonly redisUrl: string | null;
  readonly runId: string;
  readonly onDeath: (error: Error) => void;
}

const HOST = '127.0.0.1';

async function redisFor(ground: Ground, spec: FleetSpec): Promise<RedisInstance | null> {
  if (!spec.arm.usesRedis) return null;
  if (ground.redisUrl !== null) return useRedis(ground.redisUrl, `tollgate:${ground.runId}:${spec.key}:`);
  return startRedis(ground.janitor);
}

function usersOf(ground: Ground, { rolesOf }: FleetSpec): readonly User[] {
  if (rolesOf === undefined) return ground.users;
  return ground.users.map((user, i) => ({ ...user, record: { ...user.record, roles: [...rolesOf(i)] } }));
}

/** @throws TollgateError when a part of it cannot start; what had started is stopped first */
export async function startFleet(ground: Ground, spec: FleetSpec): Promise<Fleet> {
  if (ground.users.length <= spec.users) {
    throw environmentError(
      `${spec.users} users were asked for, ${ground.users.length - 1} made`,
      'this is a fault of Tollgate: report it',
    );
  }
  const users = usersOf(ground, spec);
  const redis = await redisFor(ground, spec);
  const started: Replica[] = [];
  const stop = async () => {
    await Promise.all(started.map((replica) => replica.stop()));
    await redis?.stop();
    ground.shares?.sweep();
  };
  try {
    const starts = Array.from({ length: spec.replicas }, () =>
      startReplica({
        start: {
          arm: spec.arm.name,
          host: HOST,
          port: 0,
          secrets: ground.secrets,
          users: users.map((user) => user.record),
          ...(spec.settings === undefined ? {} : { settings: spec.settings }),
          ...(spec.tls === undefined ? {} : { tls: spec.tls }),
          ...(spec.burnIterations === undefined ? {} : { burnIterations: spec.burnIterations }),
          ...(redis ? { redis: { url: redis.url, keyPrefix: redis.keyPrefix } } : {}),
        },
        janitor: ground.janitor,
        onDeath: ground.onDeath,
        ...spec.program,
      }).then((replica) => started.push(replica)),
    );
    const failed = (await Promise.allSettled(starts)).find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    const credentials = await logInAll(spec, started, users);
    const applyShares = () => {
      const { shares } = ground;
      if (shares === null) return;
      if (spec.replicaShare !== null) for (const replica of started) shares.limit(replica.pid, spec.replicaShare);
      if (spec.redisShare !== null && redis !== null && redis.pid !== null) shares.limit(redis.pid, spec.redisShare);
    };
    return { spec, replicas: started, redis, credentials, users, applyShares, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Logs users in evenly over the replicas, so that each replica meets credentials that another one issued. */
async function logInAll(spec: FleetSpec, replicas: readonly Replica[], users: readonly User[]): Promise<Credential[]> {
  const credentials: Credential[] = [];
  for (const [i, user] of users.slice(0, spec.users).entries()) {
    const replica = replicas[i % replicas.length];
    if (replica) credentials.push(await login(replica.address, user, { baseline: spec.arm.baseline }));
  }
  return credentials;
}
