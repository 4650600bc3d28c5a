/** The connection to Redis, one server or a cluster, that an arm's stores share. */
import { once } from 'node:events';
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import type { RedisAddress } from '../contract.ts';
import { StartError, StoreUnavailable } from '../errors.ts';
import { type Reads, readsOf } from './read-batch.ts';

/**
 * A connection and the prefix that keeps one arm's keys apart from another's. In a cluster a command, a transaction or a
 * script may touch keys of one slot alone, so the stores ask for several keys at once only where they share a hash tag.
 */
export interface RedisStore {
  readonly client: Redis | Cluster;
  /** For the hot path of hand-tuned schemes. */
  readonly reads: Reads;
  readonly prefix: string;
}

/**
 * No answer within this is an outage: long enough for a loaded Redis, short enough for a user who waits. With
 * autopipelining a user may wait for it twice: a command that comes while a pipeline is on its way is sent when that one
 * has ended, and its own time begins then.
 */
const COMMAND_TIMEOUT_MS = 1_000;
const MINIMUM_VERSION = [6, 2] as const;
const retryMs = (attempt: number) => Math.min(25 * attempt, 250);

/** Tuned to fail fast, where the library's defaults hang. */
const CONNECTION = {
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: COMMAND_TIMEOUT_MS,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
} satisfies RedisOptions;

/**
 * The offline queue is off: while Redis is away each request is refused at once and no backlog falls on Redis when it
 * returns. Reconnection goes on for ever, at most 250 ms apart.
 */
const SERVER = {
  ...CONNECTION,
  enableAutoPipelining: true,
  enableOfflineQueue: false,
  retryStrategy: retryMs,
  lazyConnect: true,
} satisfies RedisOptions;

/** As the library comes, to be seen beside it: a queue without an end, twenty retries, no limit to a command's time. */
const SERVER_DEFAULTS = { lazyConnect: true } satisfies RedisOptions;

/**
 * The same for a cluster. A slot that moves costs a redirection or two; the library's sixteen, each 100 ms after the last,
 * would keep a user waiting well beyond the time that a command has.
 */
const CLUSTER = {
  enableAutoPipelining: true,
  enableOfflineQueue: false,
  maxRedirections: 4,
  slotsRefreshTimeout: COMMAND_TIMEOUT_MS,
  clusterRetryStrategy: retryMs,
  lazyConnect: true,
} satisfies ClusterOptions;

/** A cluster may need a few tries until all of its slots are served. */
const CLUSTER_READY_MS = 5_000;

/** A promise of Redis whose failure is an outage (503), whatever went wrong. */
export function orUnavailable<T>(command: Promise<T>): Promise<T> {
  return command.catch((cause: unknown) => {
    throw new StoreUnavailable(cause);
  });
}

/**
 * Connects, and makes sure that the server can do what the stores need.
 * @param libraryDefaults leaves a single server's connection as ioredis makes it
 * @param autoPipelining sends commands of one event-loop turn together; false has each on its own
 * @throws StartError REDIS_UNREACHABLE, REDIS_AUTH, REDIS_TOO_OLD or REDIS_CLUSTER; its message holds no password
 */
export async function connectRedis(
  address: RedisAddress,
  libraryDefaults = false,
  autoPipelining = true,
): Promise<RedisStore> {
  const options = libraryDefaults ? SERVER_DEFAULTS : { ...SERVER, enableAutoPipelining: autoPipelining };
  const client = address.cluster === true ? clusterAt(address.url, autoPipelining) : new Redis(address.url, options);
  let lastError: Error | undefined;
  // Without a listener a broken connection would end the process; each command reports its own failure.
  client.on('error', (error: Error) => {
    lastError = error;
  });
  try {
    await opened(client);
    // Every node, so that none has to be connected to by the first requests that need it.
    for (const node of client instanceof Cluster ? client.nodes('master') : [client]) {
      await patiently(() => node.ping());
      demand(await patiently(() => node.info('server')), address.cluster === true);
    }
    return { client, reads: readsOf(client, COMMAND_TIMEOUT_MS), prefix: address.keyPrefix };
  } catch (error) {
    client.disconnect();
    throw error instanceof StartError ? error : startError(address.url, error, lastError);
  }
}

const START_ATTEMPTS = 4;

/** While code is loaded on a busy machine, an answer that is there may not be heard in time: at the start that is no outage. */
async function patiently<T>(command: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await command();
    } catch (error) {
      const isTimeout = error instanceof Error && error.message === 'Command timed out';
      if (!isTimeout || attempt === START_ATTEMPTS) throw error;
    }
  }
}

function clusterAt(url: string, autoPipelining: boolean): Cluster {
  const { hostname, port, password } = new URL(url);
  const redisOptions = { ...CONNECTION, ...(password === '' ? {} : { password: decodeURIComponent(password) }) };
  return new Cluster([{ host: hostname, port: Number(port) }], {
    ...CLUSTER,
    enableAutoPipelining: autoPipelining,
    redisOptions,
  });
}

async function opened(client: Redis | Cluster): Promise<void> {
  if (client instanceof Redis) return client.connect();
  const isReady = once(client, 'ready', { signal: AbortSignal.timeout(CLUSTER_READY_MS) });
  // Not the promise of connect(): it is never settled where the cluster is ready at a later try only.
  client.connect().catch(() => {});
  await isReady;
}

/** @param info the text of `INFO server` */
function demand(info: string, isCluster: boolean): void {
  const version = /redis_version:(\d+)\.(\d+)/.exec(info);
  const [major, minor] = [Number(version?.[1]), Number(version?.[2])];
  if (major < MINIMUM_VERSION[0] || (major === MINIMUM_VERSION[0] && minor < MINIMUM_VERSION[1])) {
    throw new StartError(
      'REDIS_TOO_OLD',
      `Redis ${major}.${minor} lacks GETEX: use Redis ${MINIMUM_VERSION.join('.')} or later, or Valkey.`,
    );
  }
  if (!isCluster && /redis_mode:cluster/.test(info)) {
    throw new StartError(
      'REDIS_CLUSTER',
      'This Redis is a node of a cluster and holds a part of the keys: say so (REDIS_CLUSTER=1), or use a single server.',
    );
  }
}

function startError(url: string, error: unknown, lastError: Error | undefined): StartError {
  const where = withoutPassword(url);
  const lastNodeError = (lastError as { lastNodeError?: Error } | undefined)?.lastNodeError;
  const text = [error, lastError, lastNodeError].map((each) => (each instanceof Error ? each.message : '')).join(' ');
  if (/NOAUTH|WRONGPASS|NOPERM|AUTH/.test(text)) {
    return new StartError(
      'REDIS_AUTH',
      `Redis at ${where} refuses the password: set REDIS_URL=redis://:password@host:port with the right one.`,
      { cause: error },
    );
  }
  if (/cluster support disabled/i.test(text)) {
    return new StartError(
      'REDIS_CLUSTER',
      `Redis at ${where} is a single server, not a cluster: unset REDIS_CLUSTER, or name a node of a cluster.`,
      { cause: error },
    );
  }
  return new StartError(
    'REDIS_UNREACHABLE',
    `Redis at ${where} cannot be reached: start it, or set REDIS_URL to where it listens.`,
    { cause: error },
  );
}

function withoutPassword(url: string): string {
  return URL.parse(url)?.host ?? 'the given URL';
}
