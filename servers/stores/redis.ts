/** The connection to Redis, to one server or a cluster, that an arm's stores share. */
import { once } from 'node:events';
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import { StartError } from '../errors.ts';
import type { RedisAddress } from '../redis-address.ts';
import { type Reads, readsOf } from './read-batch.ts';

/**
 * A connection, and the prefix that separates one arm's keys from another's. In a cluster a command, transaction or script may
 * touch the keys of one slot only, so the stores read several keys at once only if they share a hash tag.
 */
export interface RedisStore {
  readonly client: Redis | Cluster;
  /** Its address, for a store that needs a separate connection. */
  readonly address: RedisAddress;
  /** Batched reads for the hot path of hand-tuned schemes. */
  readonly reads: Reads;
  readonly prefix: string;
  /** The last argument of a script that begins with `NOW`: empty for Redis' own time. */
  readonly clock: () => number | '';
}

/**
 * A command without an answer within this time is an outage: long enough for a loaded Redis, short enough for a waiting user.
 * With autopipelining a user may wait twice as long: a command issued while a pipeline is in progress is sent after it, and
 * its own time starts then.
 */
const COMMAND_TIMEOUT_MS = 1_000;
const MINIMUM_VERSION = [6, 2] as const;
const retryMs = (attempt: number) => Math.min(25 * attempt, 250);

/** Settings that fail fast where the library's defaults hang. */
const CONNECTION = {
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: COMMAND_TIMEOUT_MS,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
} satisfies RedisOptions;

/**
 * The offline queue is off: while Redis is down each request is refused at once, and no backlog hits Redis when it returns.
 * The client reconnects for ever, with at most 250 ms between attempts.
 */
const SERVER = {
  ...CONNECTION,
  enableAutoPipelining: true,
  enableOfflineQueue: false,
  retryStrategy: retryMs,
  lazyConnect: true,
} satisfies RedisOptions;

/** The library's defaults, for comparison: an unbounded queue, twenty retries, no command timeout. */
const SERVER_DEFAULTS = { lazyConnect: true } satisfies RedisOptions;

/**
 * The options for a cluster. A moved slot costs a redirection or two; the library's sixteen, 100 ms apart, would exceed
 * the command timeout.
 */
const CLUSTER = {
  enableAutoPipelining: true,
  enableOfflineQueue: false,
  maxRedirections: 4,
  slotsRefreshTimeout: COMMAND_TIMEOUT_MS,
  clusterRetryStrategy: retryMs,
  lazyConnect: true,
} satisfies ClusterOptions;

/** A cluster may need a few attempts until all of its slots are served. */
const CLUSTER_READY_MS = 5_000;

/**
 * Connects, and checks that the server supports what the stores need.
 * @param libraryDefaults keeps ioredis's defaults for a connection to a single server
 * @param autoPipelining sends the commands of one event-loop iteration together, instead of one by one
 * @param clock replaces Redis' own time in scripts, in ms since the epoch; for tests
 * @throws StartError REDIS_UNREACHABLE, REDIS_AUTH, REDIS_NOPERM, REDIS_DATABASE, REDIS_TOO_OLD or REDIS_CLUSTER; its message holds no password
 */
export async function connectRedis(
  address: RedisAddress,
  libraryDefaults = false,
  autoPipelining = true,
  clock: RedisStore['clock'] = () => '',
): Promise<RedisStore> {
  const options = libraryDefaults ? SERVER_DEFAULTS : { ...SERVER, enableAutoPipelining: autoPipelining };
  const client =
    address.cluster === true ? clusterAt(address.url, autoPipelining) : new Redis(ioredisUrl(address.url), options);
  let lastError: Error | undefined;
  // Without a listener a connection error would end the process; each command reports its own failure.
  client.on('error', (error: Error) => {
    lastError = error;
  });
  try {
    await opened(client);
    await selected(client);
    // Connect to every node now, so that no request has to wait for a connection.
    for (const node of client instanceof Cluster ? client.nodes('master') : [client]) {
      await patiently(() => node.ping());
      demand(await patiently(() => node.info('server')), address.cluster === true);
    }
    return { client, address, reads: readsOf(client, COMMAND_TIMEOUT_MS), prefix: address.keyPrefix, clock };
  } catch (error) {
    client.disconnect();
    throw error instanceof StartError ? error : startError(address.url, error, lastError);
  }
}

const START_ATTEMPTS = 4;

/** Retries a command at the start: while a busy machine loads code, an answer may be processed late, which is not an outage. */
export async function patiently<T>(command: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await command();
    } catch (error) {
      const isTimeout = error instanceof Error && error.message === 'Command timed out';
      if (!isTimeout || attempt === START_ATTEMPTS) throw error;
    }
  }
}

/** `unix:/path` and `redis+unix://user:password@/path?db=1`, of which ioredis knows the path and its options alone. */
function ioredisUrl(url: string): string {
  const [, user = '', path = '', query = ''] =
    /^(?:redis\+)?unix:(?:\/\/(?:([^/@]*)@)?)?(\/[^?]*)(?:\?(.*))?$/i.exec(url) ?? [];
  if (path === '') return url;
  const options = new URLSearchParams(query);
  const [username = '', ...password] = user.split(':');
  if (username !== '') options.set('username', decodeURIComponent(username));
  if (password.length > 0) options.set('password', decodeURIComponent(password.join(':')));
  return `${decodeURIComponent(path)}?${options}`;
}

/** Checks the database: a client whose database does not exist silently continues in database 0. */
async function selected(client: Redis | Cluster): Promise<void> {
  const database = client instanceof Redis ? Number(client.options.db ?? 0) : 0;
  if (client instanceof Redis && database !== 0) await patiently(() => client.select(database));
}

function clusterAt(url: string, autoPipelining: boolean): Cluster {
  const { hostname, port, password } = new URL(url);
  const redisOptions = { ...CONNECTION, ...(password === '' ? {} : { password: decodeURIComponent(password) }) };
  return new Cluster([{ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) }], {
    ...CLUSTER,
    enableAutoPipelining: autoPipelining,
    redisOptions,
  });
}

async function opened(client: Redis | Cluster): Promise<void> {
  if (client instanceof Redis) return client.connect();
  const isReady = once(client, 'ready', { signal: AbortSignal.timeout(CLUSTER_READY_MS) });
  // Do not await connect(): its promise never settles if the cluster becomes ready at a later attempt.
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
      'This Redis is a node of a cluster and has only part of the keys: say so (REDIS_CLUSTER=1), or use a single server.',
    );
  }
}

function startError(url: string, error: unknown, lastError: Error | undefined): StartError {
  const where = withoutPassword(url);
  const lastNodeError = (lastError as { lastNodeError?: Error } | undefined)?.lastNodeError;
  const text = [error, lastError, lastNodeError].map((each) => (each instanceof Error ? each.message : '')).join(' ');
  if (/NOPERM/.test(text)) {
    return new StartError(
      'REDIS_NOPERM',
      `Redis at ${where} does not permit this user what the stores need: allow it, or use another user in REDIS_URL.`,
      { cause: error },
    );
  }
  if (/DB index|SELECT is not allowed/i.test(text)) {
    return new StartError(
      'REDIS_DATABASE',
      `Redis at ${where} has no database with that number: use a lower one in REDIS_URL, such as /0.`,
      { cause: error },
    );
  }
  if (/NOAUTH|WRONGPASS|AUTH/.test(text)) {
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
