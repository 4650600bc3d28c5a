/** Which Redis a command uses: the one at REDIS_URL, one that Tollgate starts from a program that is named, or one that it finds. */
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
 * Call this before a command starts or writes anything.
 * @returns REDIS_URL in the form that processes are given, or null if every fleet starts a Redis of its own
 * @throws TollgateError (environment) if the URL cannot be used, or that Redis refuses what a run asks of it
 */
async function redisUrlOf(env: NodeJS.ProcessEnv): Promise<string | null> {
  const url = env.REDIS_URL || null;
  if (url === null) return null;
  checkRedisUrl(url);
  return probeRedis(url);
}

/** The program named for Tollgate's own Redis, once it has been tried. @throws TollgateError (environment) if it cannot serve */
export async function storeServerOf({ values }: Pick<Invocation, 'values'>): Promise<StoreServer | null> {
  const named = values['store-server'];
  if (named === undefined) return null;
  const storeServer = await checkStoreServer(named);
  printNote(`Instead of redis-server: ${storeServer.version}, ${storeServer.path}`);
  return storeServer;
}

/** REDIS_URL and that program. @throws TollgateError (environment) for either */
export async function storeOf(invocation: Pick<Invocation, 'values'>, env = process.env): Promise<StoreChoice> {
  return { storeServer: await storeServerOf(invocation), redisUrl: await redisUrlOf(env) };
}

/**
 * The rest of a run stays on the server that it began with.
 * @param prior what an earlier part left; empty for a new run
 * @throws UsageError where it would be another
 */
export async function refuseOtherStore(
  { redisUrl, storeServer }: StoreChoice,
  prior: readonly JournalLine[],
): Promise<void> {
  const began = prior.find((line) => line.kind === 'run')?.environment.redis ?? null;
  if (began === null || redisUrl !== null) return;
  const now = storeServer?.version ?? (await installedRedisVersion());
  // Where none is found any more, the start of a fleet says so.
  if (now === null || now === began) return;
  throw usageError(
    `--resume: the run started with ${began}, and would continue with ${now}`,
    'use the same server with --store-server',
  );
}
