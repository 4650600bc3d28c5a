/**
 * Compiled code of what the tests start, kept on disk. Node writes it when a process ends by itself; measuring processes
 * and servers are killed, so each would be compiled anew, which is a third of what starting it takes. Here each ends once
 * by itself, before the first test.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { ARMS } from '../../servers/arms.ts';
import type { FromHost, ToHost } from '../../servers/contract.ts';
import { startRedis } from './redis.ts';
import { ADA, freshSecrets, testUsers } from './servers.ts';

const fromRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Each ends when its parent hangs up. */
const MEASURING = [
  'bench/calibrate/truth/server.ts',
  'bench/fleet/delay/process.ts',
  'bench/hiccup/process.ts',
  'bench/load/open/process.ts',
  'bench/load/process.ts',
  'bench/load/timeline/process.ts',
  'bench/micro/process.ts',
];

/** Called by Vitest. What is there already stays: code that changed is compiled anew, and the packages are found. */
export async function setup({ config }: TestProject): Promise<void> {
  const { NODE_COMPILE_CACHE } = config.env;
  if (NODE_COMPILE_CACHE === undefined || existsSync(NODE_COMPILE_CACHE)) return;
  const env = { ...process.env, NODE_COMPILE_CACHE };
  const start = (entry: string) =>
    fork(fromRoot(entry), [], { env, execArgv: [], serialization: 'json', silent: true });
  await Promise.all([
    ...MEASURING.map((entry) => hangUp(start(entry))),
    serveEveryArm(start('servers/process/host.ts')),
  ]);
  // The little that a replica has beyond its host.
  await hangUp(start('servers/process/replica.ts'));
}

async function hangUp(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.disconnect();
  const [code] = await exit;
  if (code !== 0) throw new Error(`${child.spawnargs.at(-1)} ended with ${code}`);
}

/** In one process, since what arms share is loaded but once. */
async function serveEveryArm(host: ChildProcess): Promise<void> {
  const redis = await startRedis();
  const common = { type: 'start', host: '127.0.0.1', port: 0, secrets: freshSecrets(), users: testUsers() } as const;
  for (const [id, { info }] of ARMS.entries()) {
    const arm = { arm: info.name, redis: { url: redis.url, keyPrefix: `${info.name}:` } };
    host.send({ type: 'host', id, start: { ...common, ...arm } } satisfies ToHost);
    const [answer] = (await once(host, 'message')) as [FromHost];
    if (answer.type === 'not-hosted') throw new Error(`${info.name} does not start: ${answer.message}`);
    const origin = `http://127.0.0.1:${answer.port}`;
    const headers = { 'content-type': 'application/json' };
    await fetch(`${origin}/login`, { method: 'POST', headers, body: JSON.stringify(ADA) }).then((reply) =>
      reply.text(),
    );
  }
  await hangUp(host);
  await redis.stop();
}
