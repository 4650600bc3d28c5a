/** Tries every kind of command that a run needs on the Redis of REDIS_URL, before anything is started or written. */
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { environmentError, messageOf, TollgateError } from '../../../core/errors.ts';
import { versionOf } from './redis.ts';
import { refusalOf, unreachable } from './refusals.ts';
import { clientUrl, parseRedisUrl } from './url.ts';

/** The prefix of every key that Tollgate writes into a Redis it did not start. */
export const SHARED_PREFIX = 'tollgate:';
const LEAST = { major: 6, minor: 2 } as const;
export const LEAST_TEXT = `Redis ${LEAST.major}.${LEAST.minor} or later, or Valkey`;
const LIFE_MS = '10000';

/** The operations in scripts of the stores and the login limit, one key of each type. */
const SCRIPT = `
redis.call('TIME')
redis.call('ZADD', KEYS[1], 1, 'a')
redis.call('ZRANGE', KEYS[1], 0, -1)
redis.call('ZREMRANGEBYSCORE', KEYS[1], 5, 6)
redis.call('PEXPIREAT', KEYS[1], ARGV[2])
redis.call('HSET', KEYS[2], 'a', '1')
redis.call('HMGET', KEYS[2], 'a')
redis.call('PEXPIRE', KEYS[2], ARGV[1])
redis.call('SET', KEYS[3], '1', 'PX', ARGV[1])
redis.call('INCR', KEYS[3])
redis.call('PTTL', KEYS[3])
redis.call('DEL', KEYS[3])
return redis.call('EXISTS', KEYS[3])
`;

/** Steps in order, so that the first refusal shows its cause; each key would also expire. */
export function stepsOn(prefix: string): readonly (readonly [string, ...string[]])[] {
  // One hash tag, or a cluster would refuse the script before it says that it is one.
  const [text, list, hash, count] = ['text', 'list', 'hash', 'count'].map((name) => `${prefix}{probe}:${name}`) as [
    string,
    string,
    string,
    string,
  ];
  return [
    ['SET', text, '1', 'PX', LIFE_MS],
    ['GETEX', text, 'PX', LIFE_MS],
    ['GET', text],
    ['MGET', text, list],
    ['EXISTS', text],
    ['TYPE', text],
    ['MEMORY', 'USAGE', text],
    ['EVAL', SCRIPT, '3', list, hash, count, LIFE_MS, String(Date.now() + Number(LIFE_MS))],
    ['ZREM', list, 'b'],
    ['ZRANGE', list, '0', '-1'],
    ['SCAN', '0', 'MATCH', `${prefix}*`, 'COUNT', '1'],
    ['DEL', count],
    ['UNLINK', text, list, hash, count],
  ];
}

/** One connection without retries; it sends only the probe's commands. */
export function connectionTo(url: string): Redis {
  const client = new Redis(url, {
    lazyConnect: true,
    enableReadyCheck: false,
    disableClientInfo: true,
    // So that the first reply is to a command of ours: a server that refuses one may close the connection with it.
    protocol: 2,
    connectTimeout: 2_000,
    commandTimeout: 5_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  return client;
}

/**
 * @param text REDIS_URL as the user wrote it @returns the same in the form that is passed to processes @throws
 * TollgateError (environment) with the refusal of Redis and a hint; nothing is left in Redis
 */
export async function probeRedis(text: string): Promise<string> {
  const target = parseRedisUrl(text);
  const url = clientUrl(target);
  const { username, password, database } = target;
  // Sent explicitly: the client ignores a superfluous password or a missing database.
  const client = connectionTo(clientUrl({ ...target, username: '', password: '', database: 0 }));
  let cause: Error | undefined;
  client.on('error', (error: Error) => {
    cause ??= error;
  });
  let doing: string | undefined;
  try {
    await client.connect();
    if (username !== '') await client.auth(username, password);
    else if (password !== '') await client.auth(password);
    await client.ping();
    doing = 'INFO';
    requireSuitable(await client.info('server'));
    for (const section of ['commandstats', 'cpu']) await client.info(section);
    doing = 'SELECT';
    if (database !== 0) await client.select(database);
    for (const [command, ...args] of stepsOn(`${SHARED_PREFIX}probe:${randomBytes(6).toString('hex')}:`)) {
      doing = command;
      await client.call(command, ...args);
    }
    return url;
  } catch (error) {
    if (error instanceof TollgateError) throw error;
    // A broken connection fails every command; the cause is reported separately.
    throw refusalOf(error, doing) ?? (cause && refusalOf(cause)) ?? otherwise(error, cause, doing);
  } finally {
    client.disconnect();
  }
}

function otherwise(error: unknown, cause: Error | undefined, doing: string | undefined): TollgateError {
  if (error instanceof Error && error.name === 'ReplyError' && doing !== undefined) {
    return environmentError(
      `the Redis at REDIS_URL does not support what the servers need (its reply to ${doing}: ${messageOf(error)})`,
      `use ${LEAST_TEXT}; or unset REDIS_URL to let Tollgate start its own`,
    );
  }
  return unreachable(cause ?? error);
}

/** @param version from `versionOf` */
export function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^\D+/, '').split('.').map(Number);
  return version.startsWith('Redis') && (major < LEAST.major || (major === LEAST.major && minor < LEAST.minor));
}

/** @param info the text of `INFO server` */
function requireSuitable(info: string): void {
  const version = versionOf(info);
  if (isTooOld(version)) throw environmentError(`${version} at REDIS_URL has no GETEX`, `use ${LEAST_TEXT}`);
  if (/^(redis|server)_mode:cluster/m.test(info)) {
    throw environmentError(
      'the Redis at REDIS_URL is a node of a cluster and has only part of the keys',
      'use a single server; or unset REDIS_URL, and start a cluster of three nodes with --redis cluster',
    );
  }
}
