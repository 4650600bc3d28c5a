/**
 * Which Redis a command uses: the one at REDIS_URL, one started from a named program, or one started from the program
 * that is found.
 */
import { checkRedisUrl } from '../../bench/fleet/redis/external.ts';
import { installedRedisVersion } from '../../bench/fleet/redis/own.ts';
import { probeRedis } from '../../bench/fleet/redis/probe.ts';
import type { RedisSource } from '../../bench/fleet/redis/provide.ts';
import { checkStoreServer, type StoreServer } from '../../bench/fleet/redis/store-server.ts';
import { usageError } from '../../core/errors.ts';
import type { JournalLine } from '../../core/results/schema.ts';
import type { FlagTable, Invocation } from '../command.ts';
import { printNote } from '../output.ts';

export const STORE_SERVER = {
  'store-server': {
    value: 'PATH',
    help: 'Start this server instead of redis-server, such as Valkey’s (default: the Redis or Valkey on the PATH).',
  },
} as const satisfies FlagTable;

/** Reads the flag; call it before faults are refused. */
export function readStoreServer({ values, faults }: Pick<Invocation, 'values' | 'faults'>, env = process.env): void {
  const named = values['store-server'];
  if (named === undefined) return;
  if (named.trim() === '') faults.push('--store-server: give the path of a server program');
  if (env.REDIS_URL)
    faults.push(
      '--store-server starts a Redis, but REDIS_URL refers to a running one: unset REDIS_URL, or omit the flag',
    );
  if (values.hosts !== undefined) faults.push('--store-server is a program on this machine: omit it with --hosts');
}

export type StoreChoice = Required<Pick<RedisSource, 'redisUrl' | 'storeServer'>>;

/**
 * Call this before a command starts or writes anything. @returns REDIS_URL in the form for processes, or null if
 * every fleet starts its own Redis @throws TollgateError (environment) if the URL cannot be used, or that Redis
 * refuses a command that a run needs
 */
async function redisUrlOf(env: NodeJS.ProcessEnv): Promise<string | null> {
  const url = env.REDIS_URL || null;
  if (url === null) return null;
  checkRedisUrl(url);
  return probeRedis(url);
}

/** The program for Tollgate's own Redis, after trying it. @throws TollgateError (environment) if it is unsuitable */
export async function storeServerOf({ values }: Pick<Invocation, 'values'>): Promise<StoreServer | null> {
  const named = values['store-server'];
  if (named === undefined) return null;
  const storeServer = await checkStoreServer(named);
  printNote(`Instead of redis-server: ${storeServer.version}, ${storeServer.path}`);
  return storeServer;
}

/** REDIS_URL and that program. @throws TollgateError (environment) from either */
export async function storeOf(invocation: Pick<Invocation, 'values'>, env = process.env): Promise<StoreChoice> {
  return { storeServer: await storeServerOf(invocation), redisUrl: await redisUrlOf(env) };
}

/**
 * The rest of a run must use the server that it began with. @param prior lines of an earlier part; empty for a new
 * run @throws UsageError if it would be another
 */
export async function refuseOtherStore(
  { redisUrl, storeServer }: StoreChoice,
  prior: readonly JournalLine[],
): Promise<void> {
  const began = prior.find((line) => line.kind === 'run')?.environment.redis ?? null;
  if (began === null || redisUrl !== null) return;
  const now = storeServer?.version ?? (await installedRedisVersion());
  // If none is found any more, starting a fleet reports that.
  if (now === null || now === began) return;
  throw usageError(
    `--resume: the run started with ${began}, and would continue with ${now}`,
    'use the same server with --store-server',
  );
}
