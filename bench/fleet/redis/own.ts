/** A Redis or Valkey that Tollgate starts: one per fleet, so that its CPU time and commands belong to a single arm. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Redis } from 'ioredis';
import { afterEnding, environmentError, messageOf } from '../../../core/errors.ts';
import { authorityOf } from '../../load/connection/authority.ts';
import { deadline } from '../../processes/deadline.ts';
import { kill, killGroup } from '../../processes/ending.ts';
import type { Janitor } from '../../processes/janitor.ts';
import { findRedisServer } from '../../processes/programs.ts';
import { RELEASE, waitForRelease } from '../../processes/release.ts';
import { redisFaults } from './faults.ts';
import { instance, type RedisInstance, readVersion, watcher } from './redis.ts';

const LOOPBACK = '127.0.0.1';

/** @param host the address at which it must be free */
export function freePort(host = LOOPBACK): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, host, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Another attempt would take as long again. */
class Silent extends Error {}

/** Longer than a busy machine takes to start one. */
const READY_WITHIN_MS = 15_000;

/** Resolves when the server reports that it is ready; rejects with its last line if it exits, or is silent too long. */
function ready(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const last = listen(child, resolve, reject);
  const silent = () => {
    killGroup(child);
    reject(new Silent(`it is not ready to accept connections after ${READY_WITHIN_MS / 1000} s${last()}`));
  };
  return promise.finally(deadline(READY_WITHIN_MS, silent));
}

/** @returns the last line of its output, as the end of a sentence */
function listen(child: ChildProcess, resolve: () => void, reject: (error: Error) => void): () => string {
  let output = '';
  const last = () => output.trim().split('\n').at(-1) ?? '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-4000);
    if (/ready to accept connections/i.test(output)) resolve();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-4000);
  });
  child.once('error', reject);
  child.once('exit', () => reject(new Error(last() === '' ? 'it exited immediately' : last())));
  return () => (last() === '' ? '' : `; its last line is: ${last()}`);
}

export interface RedisServer {
  readonly child: ChildProcess;
  readonly port: number;
  /** The URL, including the password. */
  readonly url: string;
}

export interface RedisServerOptions {
  readonly janitor: Janitor;
  readonly password: string;
  /** The server program; default: the one that is found. */
  readonly program?: string;
  /** The number of attempts to start it. */
  readonly attempts?: number;
  /** Its working directory. */
  readonly directory: string;
  /** The only address at which it listens; default loopback. */
  readonly host?: string;
  /** The port; default: a free one. */
  readonly port?: number;
  /** A further condition on a free port; default: none. */
  readonly portFits?: (port: number) => Promise<boolean>;
  /** Additional lines of its configuration. */
  readonly lines?: (port: number) => readonly string[];
}

/** @throws TollgateError (environment) if none is installed */
export function redisServerPath(): string {
  const server = findRedisServer();
  if (server !== null) return server;
  throw environmentError(
    'no Redis or Valkey server was found on the PATH',
    'run npm run setup, or install redis-server, or set REDIS_URL to an existing one',
  );
}

/** Creates a directory for it, which the janitor removes if we cannot. */
export function redisDirectory(janitor: Janitor): string {
  const directory = mkdtempSync(join(tmpdir(), 'tollgate-redis-'));
  janitor.watchDirectory(directory);
  return directory;
}

/**
 * Starts a server process on a free port of one address, without persistence. The configuration is passed on standard
 * input, so that the password is in no argument and no file. @throws TollgateError (environment) if none is installed
 * or it does not start
 */
export async function startServer(options: RedisServerOptions): Promise<RedisServer> {
  const { janitor, password, directory, host = LOOPBACK, attempts = 20, portFits, lines } = options;
  const server = options.program ?? redisServerPath();
  let reason = 'no port was free';
  // Another process may take the free port before the server does.
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = options.port ?? (await freePort(host));
    if (portFits !== undefined && !(await portFits(port))) continue;
    const [file, args] = waitForRelease([server, '-'], 'input');
    const child = spawn(file, args, { detached: true, stdio: ['pipe', 'pipe', 'pipe'], cwd: directory });
    janitor.watch(child);
    child.stdin.on('error', () => {});
    child.stdin.write(RELEASE);
    child.stdin.end(
      [
        `port ${port}`,
        `bind ${host}`,
        `dir ${quoted(directory)}`,
        `requirepass ${password}`,
        'save ""',
        'appendonly no',
        'daemonize no',
        'loglevel notice',
        ...(lines?.(port) ?? []),
        '',
      ].join('\n'),
    );
    try {
      await ready(child);
      return { child, port, url: `redis://:${password}@${authorityOf({ host, port })}` };
    } catch (error) {
      reason = messageOf(error);
      // A port in use makes it exit with a code. A signal means that somebody stopped it.
      if (error instanceof Silent || child.signalCode !== null) break;
    }
  }
  throw environmentError(`${server} does not start: ${reason}`, 'start it by hand to see why, or set REDIS_URL');
}

/** A word of its configuration: without quotes, one with a space would become two (sdssplitargs). */
export const quoted = (word: string) => `"${word.replace(/["\\]/g, '\\$&')}"`;

/**
 * Starts a server, and a client that observes it. @throws TollgateError (environment) if it does not start or
 * respond; nothing of it is then running
 */
export async function startWatched(
  options: RedisServerOptions,
): Promise<RedisServer & { readonly client: Redis; readonly version: string }> {
  const server = await startServer(options);
  const client = watcher(server.url);
  try {
    await client.connect();
    return { ...server, client, version: await readVersion(client) };
  } catch (error) {
    client.disconnect();
    const failure = environmentError(
      `${options.program ?? redisServerPath()} has started, but does not respond: ${messageOf(error)}`,
      'start it by hand to see why, or set REDIS_URL',
    );
    throw await afterEnding(failure, () => kill(server.child));
  }
}

/**
 * Starts a separate server: own port and directory, a fresh password. @param host the only address at which it
 * listens @param program the server program; default: the one that is found @throws TollgateError (environment) if
 * none is installed or it does not start
 */
export async function startRedis(
  janitor: Janitor,
  host = LOOPBACK,
  program = redisServerPath(),
): Promise<RedisInstance> {
  const directory = redisDirectory(janitor);
  const options = { janitor, directory, host, program, password: freshPassword() };
  const { url, client, version, ...server } = await startWatched(options).catch((error) => {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  });
  const start = (port: number) => startServer({ ...options, port });
  const own = instance(url, 'tollgate:', server.child.pid ?? null, client, version, async () => {
    client.disconnect();
    await kill(server.child);
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    ...own,
    // Another process after a restart.
    get pid() {
      return server.child.pid ?? null;
    },
    get pids() {
      return server.child.pid === undefined ? [] : [server.child.pid];
    },
    faults: redisFaults({ server, directory, client, start }),
  };
}

export function freshPassword(): string {
  return randomBytes(24).toString('base64url');
}

/** @returns `Redis 7.0.15` of the installed server; null if none is installed */
export async function installedRedisVersion(): Promise<string | null> {
  const server = findRedisServer();
  if (server === null) return null;
  const { stdout } = await promisify(execFile)(server, ['--version']);
  const version = /v=(\S+)/.exec(stdout)?.[1] ?? 'unknown';
  return `${/valkey/i.test(stdout) ? 'Valkey' : 'Redis'} ${version}`;
}
