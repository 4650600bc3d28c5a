/** A Redis for one test: a free loopback port, a password, a temporary directory, nothing written to disk. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { redisServerPath } from '../../bench/fleet/redis/own.ts';
import type { Janitor } from '../../bench/processes/janitor.ts';
import { RELEASE, waitForRelease } from '../../bench/processes/release.ts';
import { testJanitor } from './janitor.ts';

export interface TestRedis {
  /** With the password. */
  readonly url: string;
  readonly port: number;
  readonly directory: string;
  readonly process: ChildProcess;
  /** Stops the server and removes its directory. Safe to call twice. */
  stop(): Promise<void>;
}

/** Ports that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the kernel gave no port');
    return address.port;
  });
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

/** A free port may be taken before the server uses it: then the server starts again with others. */
export async function withFreshPorts<T>(start: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await start();
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}

/** Starts `redis-server` and waits until it accepts connections. `port` lets a test restart one that it stopped. */
export function startRedis(port?: number, password = randomBytes(16).toString('hex')): Promise<TestRedis> {
  if (port !== undefined) return startAt(port, password);
  return withFreshPorts(async () => startAt(await freePort(), password));
}

/** A server with this configuration; `url` is that of its plain port. */
export function startRedisWith(linesFor: (directory: string) => readonly string[]): Promise<TestRedis> {
  return withFreshPorts(async () => startConfigured(await freePort(), '', linesFor));
}

const startAt = (usedPort: number, password: string) =>
  startConfigured(usedPort, `:${password}@`, () => [`requirepass ${password}`]);

async function startConfigured(
  usedPort: number,
  user: string,
  linesFor: (directory: string) => readonly string[],
): Promise<TestRedis> {
  const janitor = await testJanitor();
  const directory = await mkdtemp(join(tmpdir(), 'tollgate-test-redis-'));
  janitor.watchDirectory(directory);
  const child = spawnConfigured(janitor, directory, [`port ${usedPort}`, ...linesFor(directory)]);
  const exited = once(child, 'exit');
  try {
    await ready(child);
  } catch (error) {
    child.kill('SIGKILL');
    await exited;
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  return {
    url: `redis://${user}127.0.0.1:${usedPort}`,
    directory,
    port: usedPort,
    process: child,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await exited;
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Starts a server in this folder. The configuration is sent over stdin, so that no password is in the arguments. */
export function spawnConfigured(janitor: Janitor, directory: string, lines: readonly string[]): ChildProcess {
  const child = spawn(...waitForRelease(['redis-server', '-'], 'input'), {
    cwd: directory,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  janitor.watch(child);
  child.stdin.on('error', () => {});
  child.stdin.write(RELEASE);
  const shared = ['bind 127.0.0.1', 'save ""', 'appendonly no', `dir "${directory}"`];
  child.stdin.end([...shared, ...lines].join('\n'));
  return child;
}

/** Resolves when the server reports that it accepts connections. @throws if it ends before, for example without its port */
export async function ready(child: ChildProcess): Promise<void> {
  if (child.stdout === null) throw new Error('redis-server has no stdout');
  for await (const line of createInterface(child.stdout)) {
    if (line.includes('Ready to accept connections')) {
      child.stdout.resume();
      return;
    }
  }
  throw new Error('redis-server ended before it was ready');
}

/** A server program for --store-server: this machine's Redis, which records each start. */
export interface NotedServer {
  readonly path: string;
  starts(): number;
}

/** @param folder of the test */
export function notedServer(folder: string): NotedServer {
  const path = join(folder, 'noted-server');
  const log = join(folder, 'noted-server.log');
  writeFileSync(path, `#!/bin/sh\necho started >> '${log}'\nexec '${redisServerPath()}' "$@"\n`, { mode: 0o755 });
  return {
    path,
    starts: () => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').length : 0),
  };
}
