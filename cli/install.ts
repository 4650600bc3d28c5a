/** Installs the programs that a command needs, if they are missing. */
import { BROWSER } from '../bench/experiments/browser/plan.ts';
import { postgresPath } from '../bench/fleet/postgres/cluster.ts';
import type { RedisSource } from '../bench/fleet/redis/provide.ts';
import type { Experiment } from '../bench/measuring/experiment.ts';
import { findRedisServer } from '../bench/processes/programs.ts';
import { environmentError } from '../core/errors.ts';
import { type SetupOptions, setUp } from '../scripts/setup/set-up.ts';
import type { ArmInfo } from '../servers/contract.ts';

export interface Needs {
  readonly redis: boolean;
  /** Whether the server program is needed, whatever REDIS_URL names; absent means no. */
  readonly ownRedis?: boolean;
  /** Whether an arm keeps state in PostgreSQL; absent means no. */
  readonly postgres?: boolean;
  readonly experiments?: readonly Experiment[];
  /** Experiments that may be skipped. */
  readonly optional?: readonly Experiment[];
}

/** The requirements of arms. @param store a named server need not be found */
export function needsOfArms(
  arms: readonly Pick<ArmInfo, 'usesRedis' | 'companions'>[],
  { storeServer = null }: Pick<RedisSource, 'storeServer'> = {},
): Needs {
  return {
    redis: storeServer === null && arms.some(({ usesRedis }) => usesRedis),
    postgres: arms.some(({ companions = [] }) => companions.includes('postgres')),
  };
}

/** @throws TollgateError (environment) if there is still no Redis, or no PostgreSQL; the signal's reason if it was aborted */
export async function install(
  { redis, ownRedis = false, postgres = false, experiments = [], optional = [] }: Needs,
  signal: AbortSignal,
): Promise<void> {
  const options: SetupOptions = { env: process.env, signal };
  // Without a browser, one experiment fails or is skipped, and says so; the others are measured.
  if (experiments.some(({ name }) => name === BROWSER) && !process.env.CHROMIUM_PATH)
    await setUp(['chromium'], { ...options, toleratesMissing: optional.some(({ name }) => name === BROWSER) });
  const isNeeded = redis && (ownRedis || !process.env.REDIS_URL);
  if (isNeeded) await setUp(['redis'], ownRedis ? { ...options, env: { ...process.env, REDIS_URL: '' } } : options);
  if (postgres) await setUp(['postgres'], options);
  signal.throwIfAborted();
  if (isNeeded && findRedisServer() === null) {
    throw environmentError(
      'Redis not found',
      ownRedis ? 'install redis-server or valkey' : 'install redis-server or valkey, or set REDIS_URL',
    );
  }
  // Its own error names the alternatives.
  if (postgres) postgresPath();
}
