/** A Redis of a test's own: a free loopback port, a password, a temporary directory, nothing written to disk. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface TestRedis {
  /** With the password. */
  readonly url: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** Ends the server and removes its directory. Safe to call twice. */
  stop(): Promise<void>;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the kernel gave no port');
  return address.port;
}

/** Starts `redis-server` and waits until it accepts connections. `port` lets a test bring back one that it stopped. */
export async function startRedis(port?: number, password = randomBytes(16).toString('hex')): Promise<TestRedis> {
  const usedPort = port ?? (await freePort());
  const directory = await mkdtemp(join(tmpdir(), 'tollgate-test-redis-'));
  // The configuration goes over stdin, so that the password stands in no argument list.
  const child = spawn('redis-server', ['-'], { cwd: directory, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(
    [
      `port ${usedPort}`,
      'bind 127.0.0.1',
      `requirepass ${password}`,
      'save ""',
      'appendonly no',
      `dir ${directory}`,
    ].join('\n'),
  );
  const exited = once(child, 'exit');
  await Promise.race([
    ready(child),
    exited.then(([code]) => Promise.reject(new Error(`redis-server ended with ${code} before it was ready`))),
  ]);
  return {
    url: `redis://:${password}@127.0.0.1:${usedPort}`,
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

/** Resolves when the server says that it takes connections. */
export async function ready(child: ChildProcess): Promise<void> {
  if (child.stdout === null) throw new Error('redis-server has no stdout');
  for await (const line of createInterface(child.stdout)) {
    if (line.includes('Ready to accept connections')) {
      child.stdout.resume();
      return;
    }
  }
}
