/** A Redis or Valkey of Tollgate's own: one per fleet, so that its CPU time and commands belong to one arm alone. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { environmentError, messageOf } from '../errors.ts';
import type { Janitor } from './janitor.ts';

export interface RedisInstance {
  readonly url: string;
  readonly keyPrefix: string;
  /** Null where the process is not ours to read. */
  readonly pid: number | null;
  readonly version: string;
  /** True where others may use it too. */
  readonly shared: boolean;
  /** Commands executed for clients since it started, ours for watching it left out. */
  commands(): Promise<number>;
  /** CPU time since it started by its own account, in ns (µs resolution). */
  cpuNanos(): Promise<number>;
  stop(): Promise<void>;
}

/** Commands that watch or open a connection: not the arms' work. */
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
]);

/** @param info the text of `INFO commandstats` */
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

export function findRedisServer(path = process.env.PATH ?? ''): string | null {
  for (const name of ['redis-server', 'valkey-server']) {
    for (const directory of path.split(delimiter)) {
      const file = join(directory, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not here.
      }
    }
  }
  return null;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function watcher(url: string): Redis {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 2000,
    commandTimeout: 5000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // Faults reach us through the commands' promises.
  client.on('error', () => {});
  return client;
}

function instance(
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
    version,
    shared: pid === null,
    commands: async () => countCommands(await client.info('commandstats')),
    cpuNanos: async () => cpuOfInfo(await client.info('cpu')),
    stop,
  };
}

async function readVersion(client: Redis): Promise<string> {
  const info = await client.info('server');
  const valkey = /^valkey_version:(\S+)/m.exec(info)?.[1];
  if (valkey) return `Valkey ${valkey}`;
  return `Redis ${/^redis_version:(\S+)/m.exec(info)?.[1] ?? 'unknown'}`;
}

/** Resolves when the server says that it is ready; rejects with its last line when it ends instead. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4000);
      if (/ready to accept connections/i.test(output)) resolve();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4000);
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(output.trim().split('\n').at(-1) ?? 'it ended at once')));
  });
}

/**
 * Starts an own server: own port and directory, a fresh password, loopback only, nothing written to disk.
 * The configuration goes in by standard input, so that the password stands in no argument and no file.
 * @throws TollgateError (environment) when none is installed or it does not start
 */
export async function startRedis(janitor: Janitor): Promise<RedisInstance> {
  const server = findRedisServer();
  if (server === null) {
    throw environmentError(
      'no Redis or Valkey server was found on the PATH',
      'run npm run setup, or install redis-server, or set REDIS_URL to one that you may use',
    );
  }
  const directory = mkdtempSync(join(tmpdir(), 'tollgate-redis-'));
  janitor.watchDirectory(directory);
  const password = randomBytes(24).toString('base64url');
  let reason = '';
  // Another process may take the free port before the server does.
  for (let attempt = 0; attempt < 5; attempt++) {
    const port = await freePort();
    const child = spawn(server, ['-'], { detached: true, stdio: ['pipe', 'pipe', 'pipe'], cwd: directory });
    janitor.watch(child);
    child.stdin.on('error', () => {});
    child.stdin.end(
      [
        `port ${port}`,
        'bind 127.0.0.1',
        `dir ${directory}`,
        `requirepass ${password}`,
        'save ""',
        'appendonly no',
        'daemonize no',
        'loglevel notice',
        '',
      ].join('\n'),
    );
    try {
      await ready(child);
    } catch (error) {
      reason = messageOf(error);
      continue;
    }
    const url = `redis://:${password}@127.0.0.1:${port}`;
    const client = watcher(url);
    await client.connect();
    const version = await readVersion(client);
    return instance(url, 'tollgate:', child.pid ?? null, client, version, async () => {
      client.disconnect();
      if (child.exitCode === null && child.signalCode === null) {
        const exit = once(child, 'exit');
        // Nothing in it is worth keeping, and a frozen server would not hear anything gentler.
        child.kill('SIGKILL');
        await exit;
      }
      rmSync(directory, { recursive: true, force: true });
    });
  }
  throw environmentError(`${server} does not start: ${reason}`, 'start it by hand to see why, or set REDIS_URL');
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/;

/** @throws TollgateError (usage) for what is no Redis URL, or one beyond this machine */
export function checkRedisUrl(url: string): void {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw environmentError('REDIS_URL is not a URL', 'write it as redis://[:PASSWORD@]127.0.0.1:6379');
  }
  if (parsed.protocol !== 'redis:') {
    throw environmentError(
      `REDIS_URL has the scheme ${parsed.protocol}//`,
      'write it as redis://[:PASSWORD@]HOST:PORT',
    );
  }
  if (!LOOPBACK.test(parsed.hostname) && process.env.TOLLGATE_ALLOW_REMOTE !== '1') {
    throw environmentError(
      `REDIS_URL names ${parsed.hostname}, which is not this machine`,
      'use a Redis on loopback, or set TOLLGATE_ALLOW_REMOTE=1 if you may load that one',
    );
  }
}

/**
 * Uses a Redis that is there already, below a key prefix of its own; its keys are removed at the end.
 * @throws TollgateError (environment) when it cannot be reached, asks for a password, or is too old for GETEX
 */
export async function useRedis(url: string, keyPrefix: string): Promise<RedisInstance> {
  checkRedisUrl(url);
  const client = watcher(url);
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    client.disconnect();
    const text = messageOf(error);
    if (/NOAUTH|WRONGPASS|invalid password|no password is set/i.test(text)) {
      throw environmentError(
        'the Redis at REDIS_URL refuses us: it needs another password',
        'put the password into the URL, redis://:PASSWORD@HOST:PORT, or unset REDIS_URL to let Tollgate start its own',
      );
    }
    throw environmentError(
      `the Redis at REDIS_URL does not answer (${text})`,
      'start it, correct REDIS_URL, or unset it to let Tollgate start its own',
    );
  }
  const version = await readVersion(client);
  const [major = 0, minor = 0] = version.replace(/^\D+/, '').split('.').map(Number);
  if (version.startsWith('Redis') && (major < 6 || (major === 6 && minor < 2))) {
    client.disconnect();
    throw environmentError(`${version} at REDIS_URL has no GETEX`, 'use Redis 6.2 or later, or Valkey');
  }
  return instance(url, keyPrefix, null, client, version, async () => {
    try {
      for await (const keys of client.scanStream({ match: `${keyPrefix}*`, count: 1000 })) {
        if (Array.isArray(keys) && keys.length > 0) await client.unlink(keys as string[]);
      }
    } catch {
      // It went away: so did our keys, or they end by their own expiry.
    }
    client.disconnect();
  });
}

/** The version that a run will use: of REDIS_URL, or of the installed server. Null where there is none. */
export async function redisVersion(url: string | null): Promise<string | null> {
  if (url !== null) {
    const redis = await useRedis(url, 'tollgate:version:');
    await redis.stop();
    return redis.version;
  }
  const server = findRedisServer();
  if (server === null) return null;
  const { stdout } = await promisify(execFile)(server, ['--version']);
  const version = /v=(\S+)/.exec(stdout)?.[1] ?? 'unknown';
  return `${/valkey/i.test(stdout) ? 'Valkey' : 'Redis'} ${version}`;
}
