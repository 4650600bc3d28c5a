/** The connection to Redis that an arm's stores share. */
import { Redis, type RedisOptions } from 'ioredis';
import { StartError, StoreUnavailable } from '../errors.ts';

/** A connection and the prefix that keeps one arm's keys apart from another's. */
export interface RedisStore {
  readonly client: Redis;
  readonly prefix: string;
}

/** No answer within this is an outage: long enough for a loaded Redis, short enough for a user who waits. */
const COMMAND_TIMEOUT_MS = 1_000;
const MINIMUM_VERSION = [6, 2] as const;

/**
 * Tuned to fail fast, where the library's defaults hang. The offline queue is off: while Redis is away each request is
 * refused at once and no backlog falls on Redis when it returns. Reconnection goes on for ever, at most 250 ms apart.
 */
const OPTIONS = {
  enableAutoPipelining: true,
  enableOfflineQueue: false,
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: COMMAND_TIMEOUT_MS,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  retryStrategy: (attempt: number) => Math.min(25 * attempt, 250),
  lazyConnect: true,
} satisfies RedisOptions;

/** A promise of Redis whose failure is an outage (503), whatever went wrong. */
export function orUnavailable<T>(command: Promise<T>): Promise<T> {
  return command.catch((cause: unknown) => {
    throw new StoreUnavailable(cause);
  });
}

/**
 * Connects, and makes sure that the server can do what the stores need.
 * @param url `redis://[:password@]host:port`
 * @throws StartError REDIS_UNREACHABLE, REDIS_AUTH or REDIS_TOO_OLD; its message holds no password
 */
export async function connectRedis(url: string, prefix: string): Promise<RedisStore> {
  const client = new Redis(url, OPTIONS);
  let lastError: Error | undefined;
  // Without a listener a broken connection would end the process; each command reports its own failure.
  client.on('error', (error: Error) => {
    lastError = error;
  });
  try {
    await client.connect();
    await client.ping();
    const version = /redis_version:(\d+)\.(\d+)/.exec(await client.info('server'));
    const [major, minor] = [Number(version?.[1]), Number(version?.[2])];
    if (major < MINIMUM_VERSION[0] || (major === MINIMUM_VERSION[0] && minor < MINIMUM_VERSION[1])) {
      throw new StartError(
        'REDIS_TOO_OLD',
        `Redis ${major}.${minor} lacks GETEX: use Redis ${MINIMUM_VERSION.join('.')} or later, or Valkey.`,
      );
    }
    return { client, prefix };
  } catch (error) {
    client.disconnect();
    throw error instanceof StartError ? error : startError(url, error, lastError);
  }
}

function startError(url: string, error: unknown, lastError: Error | undefined): StartError {
  const where = withoutPassword(url);
  const text = `${error instanceof Error ? error.message : String(error)} ${lastError?.message ?? ''}`;
  if (/NOAUTH|WRONGPASS|NOPERM|AUTH/.test(text)) {
    return new StartError(
      'REDIS_AUTH',
      `Redis at ${where} refuses the password: set REDIS_URL=redis://:password@host:port with the right one.`,
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
