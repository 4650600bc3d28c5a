/** A fleet: N replicas of one arm, the Redis they share, and credentials for all of it. */
import type { ArmInfo, Secrets } from '../../servers/contract.ts';
import { environmentError } from '../errors.ts';
import { type Credential, login } from '../load/credential.ts';
import type { Janitor } from './janitor.ts';
import type { RedisInstance } from './redis.ts';
import { useRedis } from './redis-external.ts';
import { startRedis } from './redis-own.ts';
import { type Replica, startReplica } from './replica.ts';
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
  /** One credential for each of this many users. */
  readonly users: number;
}

export interface Fleet {
  readonly spec: FleetSpec;
  readonly replicas: readonly Replica[];
  readonly redis: RedisInstance | null;
  readonly credentials: readonly Credential[];
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

/** @throws TollgateError when a part of it cannot start; what had started is stopped first */
export async function startFleet(ground: Ground, spec: FleetSpec): Promise<Fleet> {
  if (ground.users.length <= spec.users) {
    throw environmentError(
      `${spec.users} users were asked for, ${ground.users.length - 1} made`,
      'this is a fault of Tollgate: report it',
    );
  }
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
          users: ground.users.map((user) => user.record),
          ...(spec.burnIterations === undefined ? {} : { burnIterations: spec.burnIterations }),
          ...(redis ? { redis: { url: redis.url, keyPrefix: redis.keyPrefix } } : {}),
        },
        janitor: ground.janitor,
        onDeath: ground.onDeath,
      }).then((replica) => started.push(replica)),
    );
    const failed = (await Promise.allSettled(starts)).find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    const credentials = await logInAll(spec, started, ground.users);
    const applyShares = () => {
      const { shares } = ground;
      if (shares === null) return;
      if (spec.replicaShare !== null) for (const replica of started) shares.limit(replica.pid, spec.replicaShare);
      if (spec.redisShare !== null && redis !== null && redis.pid !== null) shares.limit(redis.pid, spec.redisShare);
    };
    return { spec, replicas: started, redis, credentials, applyShares, stop };
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
