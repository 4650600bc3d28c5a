import { type ChildProcess, execFile, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { Value } from 'typebox/value';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ArmList } from '../../servers/contract.ts';
import { type FromReplica, Telemetry } from '../../servers/messages.ts';
import { freePort, startRedis, type TestRedis } from '../support/redis.ts';
import { freshSecrets, testUsers } from '../support/servers.ts';

const REPLICA = join(import.meta.dirname, '../../servers/process/replica.ts');
const secrets = freshSecrets();
const users = testUsers();

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0))
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
});

function forkReplica(): ChildProcess {
  const child = fork(REPLICA, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(child);
  return child;
}

async function answerOf(child: ChildProcess): Promise<FromReplica> {
  const [message] = (await once(child, 'message')) as [FromReplica];
  return message;
}

const startMessage = (change: object = {}) =>
  ({ type: 'start', arm: 'none', host: '127.0.0.1', port: 0, secrets, users, ...change }) as const;

async function started(change: object = {}): Promise<{ child: ChildProcess; port: number }> {
  const child = forkReplica();
  child.send(startMessage(change));
  const answer = await answerOf(child);
  if (answer.type !== 'ready') throw new Error(JSON.stringify(answer));
  return { child, port: answer.port };
}

describe('a replica', () => {
  it('reports that it is ready, serves, counts its resources, and ends with 0 on request', async () => {
    const { child, port } = await started();
    const me = await fetch(`http://127.0.0.1:${port}/me`);
    expect(await me.text()).toBe('{"id":"u-1","username":"ada","roles":["user","admin"]}');
    child.send({ type: 'telemetry', id: 42 });
    const first = await answerOf(child);
    expect(Value.Check(Telemetry, first)).toBe(true);
    child.send({ type: 'telemetry', id: 43 });
    const second = await answerOf(child);
    if (first.type !== 'telemetry' || second.type !== 'telemetry') throw new Error('no telemetry');
    expect([first.id, second.id]).toEqual([42, 43]);
    expect(second.cpuUserUs + second.cpuSystemUs).toBeGreaterThanOrEqual(first.cpuUserUs + first.cpuSystemUs);
    expect(second.eventLoopActiveMs).toBeGreaterThanOrEqual(first.eventLoopActiveMs);
    child.send({ type: 'stop' });
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('ends when its parent disconnects, and on SIGTERM, and not on SIGINT', async () => {
    const orphan = await started();
    orphan.child.disconnect();
    expect(await once(orphan.child, 'exit')).toEqual([0, null]);

    const { child, port } = await started();
    child.kill('SIGINT');
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('ends even if a client keeps its connection open', async () => {
    const { child, port } = await started();
    // fetch() keeps the connection alive until this process ends.
    await fetch(`http://127.0.0.1:${port}/healthz`).then((response) => response.text());
    child.send({ type: 'stop' });
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('reports why it cannot start, with a code, and ends with 1', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const closed = await freePort();
    const wrongPassword = redis.url.replace(/:[^:@/]+@/, ':wrong@');
    const noPassword = redis.url.replace(/:[^:@/]+@/, '');
    const withRedis = (url: string) => ({ arm: 'session-redis', redis: { url, keyPrefix: 'x:' } });

    for (const [change, code] of [
      [{ port: address.port }, 'EADDRINUSE'],
      [{ arm: 'nothing' }, 'UNKNOWN_ARM'],
      [{ host: '0.0.0.0' }, 'HOST_NOT_LOOPBACK'],
      [{ arm: 'session-redis' }, 'REDIS_MISSING'],
      [withRedis(wrongPassword), 'REDIS_AUTH'],
      [withRedis(noPassword), 'REDIS_AUTH'],
      [withRedis(`redis://127.0.0.1:${closed}`), 'REDIS_UNREACHABLE'],
      [{ secrets: { ...secrets, hmacKey: 1 } }, 'BAD_START'],
      [{ arm: 'jwt-hs256', secrets: { ...secrets, hmacKey: 'AAAA' } }, 'BAD_START'],
    ] as const) {
      const child = forkReplica();
      const exited = once(child, 'exit');
      child.send(startMessage(change));
      const answer = await answerOf(child);
      expect(answer).toMatchObject({ type: 'failed', code });
      if (answer.type !== 'failed') throw new Error('unreachable');
      expect(answer.message).not.toMatch(/\n|wrong@/);
      expect(answer.message).not.toContain(secrets.cookieKey);
      expect(await exited).toEqual([1, null]);
    }
    taken.close();
  });

  it('without a parent says how to run it, and ends with 2', async () => {
    const child = spawn(process.execPath, [REPLICA], { stdio: ['ignore', 'ignore', 'pipe'] });
    children.push(child);
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^A replica is started by the bench.*--standalone\n$/);
  });

  it('runs standalone from the environment, and stops at SIGTERM', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tollgate-test-'));
    const file = join(directory, 'secrets.json');
    await writeFile(file, JSON.stringify({ secrets, users }), { mode: 0o600 });
    const env = {
      PATH: process.env.PATH,
      TOLLGATE_ARM: 'session-redis',
      TOLLGATE_SECRETS_FILE: file,
      REDIS_URL: redis.url,
      PORT: '0',
    };
    const child = spawn(process.execPath, [REPLICA, '--standalone'], { stdio: ['ignore', 'pipe', 'inherit'], env });
    children.push(child);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const [, port] = /^session-redis listens on 127\.0\.0\.1:(\d+)\n$/.exec(line.toString()) ?? [];
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await rm(directory, { recursive: true });
  });
});

describe('describe.ts', () => {
  it('prints every arm in the format of the contract', async () => {
    const script = join(import.meta.dirname, '../../servers/process/describe.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [script]);
    const list: unknown = JSON.parse(stdout);
    expect(Value.Check(ArmList, list)).toBe(true);
    expect(stdout).toContain('"name":"session-redis-lean"');
  });
});
