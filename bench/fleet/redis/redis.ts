/** A Redis or Valkey as used by a run, and its observation: commands and CPU time by its own account. */
import { Redis } from 'ioredis';
import type { RedisAddress } from '../../../servers/redis-address.ts';
import type { RedisFaults } from './faults.ts';

export interface RedisInstance {
  readonly url: string;
  readonly keyPrefix: string;
  /** Null if its process cannot be read; for a cluster, the first node's. */
  readonly pid: number | null;
  /** All its readable processes: one for each node of a cluster. */
  readonly pids: readonly number[];
  /** True if the URL is that of a cluster node, which announces the others. */
  readonly cluster: boolean;
  readonly version: string;
  /** True if others may use it as well. */
  readonly shared: boolean;
  /** Commands executed for clients since its start, without those for observation. */
  commands(): Promise<number>;
  /** CPU time since its start by its own account, in ns (µs resolution). */
  cpuNanos(): Promise<number>;
  /** Faults to inject; absent for a shared Redis or a cluster. */
  readonly faults?: RedisFaults;
  stop(): Promise<void>;
}

/** Commands for observing or connecting, which are not the arms' work. */
const NOT_COUNTED = new Set([
  'info',
  'auth',
  'hello',
  'select',
  'client',
  'ping',
  'config',
  'scan',
  'unlink',
  'command',
  'cluster',
]);

/**
 * The number of commands that Redis executed. Commands in a transaction or a script are counted, and so is the EXEC
 * or EVAL itself: Redis counts each by name, and does not say which ones a client sent. @param info the text of `INFO
 * commandstats`
 */
export function countCommands(info: string): number {
  let total = 0;
  for (const [, name = '', calls = ''] of info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)) {
    if (!NOT_COUNTED.has(name.split('|', 1)[0] ?? '')) total += Number(calls);
  }
  return total;
}

/** @param info the text of `INFO cpu` */
export function cpuOfInfo(info: string): number {
  let seconds = 0;
  for (const name of ['used_cpu_sys', 'used_cpu_user']) {
    seconds += Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? Number.NaN);
  }
  return seconds * 1e9;
}

/** A client for observation: its commands are not counted. */
export function watcher(url: string): Redis {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 2000,
    commandTimeout: 5000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // Errors reach us through the commands' promises.
  client.on('error', () => {});
  return client;
}

export function instance(
  url: string,
  keyPrefix: string,
  pid: number | null,
  client: Redis,
  version: string,
  stop: () => Promise<void>,
): RedisInstance {
  return {
    url,
    keyPrefix,
    pid,
    pids: pid === null ? [] : [pid],
    cluster: false,
    version,
    shared: pid === null,
    commands: async () => countCommands(await client.info('commandstats')),
    cpuNanos: async () => cpuOfInfo(await client.info('cpu')),
    stop,
  };
}

export async function readVersion(client: Redis): Promise<string> {
  return versionOf(await client.info('server'));
}

/** @param info the text of `INFO server` */
export function versionOf(info: string): string {
  // Another server states its own name, and gives the version it is compatible with as `redis_version`.
  const own = /^server_name:([a-z]+)\s*$/im.exec(info)?.[1] ?? 'valkey';
  const version = new RegExp(`^${own}_version:(\\S+)`, 'm').exec(info)?.[1];
  if (version && own !== 'redis') return `${own[0]?.toUpperCase()}${own.slice(1)} ${version}`;
  return `Redis ${/^redis_version:(\S+)/m.exec(info)?.[1] ?? 'unknown'}`;
}

/** The address for replicas. @param through the URL of a proxy, if there is one */
export function addressOf({ keyPrefix, url, cluster }: RedisInstance, through = url): RedisAddress {
  return { url: through, keyPrefix, ...(cluster ? { cluster: true as const } : {}) };
}
