/** Installs the programs that a command needs, if they are missing. */
import { BROWSER } from '../bench/experiments/browser/plan.ts';
import { findRedisServer } from '../bench/fleet/redis/own.ts';
import type { Experiment } from '../bench/measuring/experiment.ts';
import { environmentError } from '../core/errors.ts';
import { type SetupOptions, setUp } from '../scripts/setup/set-up.ts';

export interface Needs {
  readonly redis: boolean;
  readonly experiments?: readonly Experiment[];
  /** Experiments that the run can go without. */
  readonly optional?: readonly Experiment[];
}

/** @throws TollgateError (environment) if there is still no Redis; the signal's reason if it was aborted */
export async function install({ redis, experiments = [], optional = [] }: Needs, signal: AbortSignal): Promise<void> {
  const options: SetupOptions = { env: process.env, signal };
  // Without a browser one experiment fails or is left out, and says so; the others are measured.
  if (experiments.some(({ name }) => name === BROWSER) && !process.env.CHROMIUM_PATH)
    await setUp(['chromium'], { ...options, toleratesMissing: optional.some(({ name }) => name === BROWSER) });
  if (redis && !process.env.REDIS_URL) await setUp(['redis'], options);
  signal.throwIfAborted();
  if (redis && !process.env.REDIS_URL && findRedisServer() === null) {
    throw environmentError('Redis not found', 'install redis-server or valkey, or set REDIS_URL');
  }
}
