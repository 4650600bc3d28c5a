/** Starts the fleets that checks talk to: two replicas as processes, with the settings of a variant, and their Redis. */
import type { ArmInfo } from '../../../servers/contract.ts';
import { makeCertificate } from '../../fleet/certificate.ts';
import type { FleetEnvironment } from '../../fleet/fleet.ts';
import { useRedis } from '../../fleet/redis/external.ts';
import { startRedis } from '../../fleet/redis/own.ts';
import type { RedisInstance } from '../../fleet/redis/redis.ts';
import { startReplica } from '../../fleet/replica.ts';
import { makeUsers } from '../../fleet/secrets.ts';
import type { Endpoint } from '../http.ts';
import type { GateFleet, RedisControl } from '../target.ts';
import { VARIANTS, type VariantName } from './variants.ts';

export type GateEnvironment = Pick<FleetEnvironment, 'janitor' | 'secrets' | 'users' | 'redisUrl' | 'runId'>;

/** Starts a fleet for some checks: of the arm itself, or of a mutant of it. */
export type Stage = (arm: ArmInfo, variant: VariantName) => Promise<GateFleet>;

export interface StageOptions {
  /** The program of a replica, where it is not the servers' own: mutants have one. */
  readonly entry?: string;
  /** The arm that is named in the start message, where it is not the one that is checked. */
  readonly startAs?: string;
}

/** Ordinary users of a fleet: each check takes as many as it needs and shares them with none. */
const USERS = 160;
/** Where hashing them is dear. */
const DEAR_USERS = 8;
const HOST = '127.0.0.1';

/** Passwords are hashed as cheaply as they can be: the checks are of everything else. */
export const makeGateUsers = () => makeUsers(USERS, { memoryKiB: 64, passes: 1, cheap: true });

/** Fleets of the servers as they stand, or of the program in `options`. */
export function createStage(environment: GateEnvironment, options: StageOptions = {}): Stage {
  let fleets = 0;
  return async (arm, variantName) => {
    const { settings, tls: wantsTls, passwords } = VARIANTS[variantName];
    const users = passwords === undefined ? environment.users : await makeUsers(DEAR_USERS, passwords);
    const tls = wantsTls ? makeCertificate() : null;
    const redis = arm.usesRedis ? await redisFor(environment, `${arm.name}-${fleets++}`) : null;
    let death: string | null = null;
    let output = '';
    const start = () =>
      startReplica({
        start: {
          arm: options.startAs ?? arm.name,
          host: HOST,
          port: 0,
          secrets: environment.secrets,
          users: users.map(({ record }) => record),
          settings,
          ...(redis === null ? {} : { redis: { url: redis.url, keyPrefix: redis.keyPrefix } }),
          ...(tls === null ? {} : { tls }),
        },
        janitor: environment.janitor,
        ...(options.entry === undefined ? {} : { entry: options.entry }),
        onDeath: (error) => {
          death ??= error.message;
        },
        onOutput: (text) => {
          output = (output + text).slice(-1_000_000);
        },
      });
    const starts = await Promise.allSettled([start(), start()]);
    const [first, second] = starts;
    const stop = async () => {
      await Promise.all(starts.map((result) => (result.status === 'fulfilled' ? result.value.stop() : undefined)));
      await redis?.stop();
    };
    if (first.status === 'rejected' || second.status === 'rejected') {
      await stop();
      throw first.status === 'rejected' ? first.reason : second.status === 'rejected' ? second.reason : null;
    }
    const endpoint = ({ port }: { port: number }): Endpoint => ({
      host: HOST,
      port,
      certificate: tls?.certificate ?? null,
    });
    return {
      replicas: [endpoint(first.value.address), endpoint(second.value.address)],
      settings,
      secrets: environment.secrets,
      users,
      redis: redis === null ? null : controlOf(redis),
      death: () => death,
      output: () => output,
      stop,
    };
  };
}

/** One of its own, or a part of the one at REDIS_URL. @throws TollgateError (environment) */
export async function redisFor(environment: GateEnvironment, key: string): Promise<RedisInstance> {
  if (environment.redisUrl === null) return startRedis(environment.janitor);
  return useRedis(environment.redisUrl, `tollgate:${environment.runId}:gate-${key}:`);
}

function controlOf({ pid }: RedisInstance): RedisControl | null {
  if (pid === null) return null;
  return {
    freeze: () => void process.kill(pid, 'SIGSTOP'),
    thaw: () => void process.kill(pid, 'SIGCONT'),
  };
}
