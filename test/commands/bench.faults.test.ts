import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startBench } from '../support/bench-process.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-faults-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Runs use a separate folder, so that they do not change the user's results/latest. */
const bench = (args: readonly string[], env?: Record<string, string | undefined>) =>
  startBench(['bench', ...args], env, root);
const TOLL = ['--arms', 'none,session-redis,jwt-hs256', '--experiments', 'toll', '--seed', '7'];

describe('wrong usage', () => {
  it('is reported all at once, before anything starts', async () => {
    const { code, stderr } = await bench([
      '--arms',
      'nnoe',
      '--replicas',
      '0,x',
      '--profile',
      'slow',
      '--exprments',
      'toll',
    ]).ended;
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean none?');
    expect(stderr).toContain('did you mean --experiments?');
    expect(stderr).toMatch(/--replicas: "0"[\s\S]*--replicas: "x"/);
    expect(stderr).toContain('--profile');
  });

  it('includes an output folder that is not writable and one that contains a run', async () => {
    const unwritable = await bench(['--out', '/dev/null/results']).ended;
    expect(unwritable.code).toBe(2);
    expect(unwritable.stderr).toContain('cannot be written');
    writeFileSync(join(root, 'journal.jsonl'), '');
    const taken = await bench(['--out', root]).ended;
    expect(taken.code).toBe(2);
    expect(taken.stderr).toContain('--resume');
  });
});

describe('a run that is refused', () => {
  const own = join(root, 'refused');
  const refuse = (...args: string[]) => startBench(['bench', '--seed', '7', ...args], {}, own).ended;

  it('leaves no folder: unreachable hosts, or a port that is in use', async () => {
    mkdirSync(own);
    const busy = createServer().listen(0, '127.0.0.1');
    await once(busy, 'listening');
    const { port } = busy.address() as AddressInfo;
    // No ssh server listens at port 1.
    writeFileSync(join(own, 'ssh_config'), 'Host *\n  Port 1\n');
    const hosts = [
      { name: 'one', ssh: '127.0.0.1', address: '10.0.0.1', roles: ['generators'] },
      { name: 'two', ssh: '127.0.0.1', address: '10.0.0.2', roles: ['replicas', 'stores'] },
    ];
    writeFileSync(join(own, 'hosts.json'), JSON.stringify({ hosts, sshConfig: 'ssh_config' }));
    const [noPort, noHost] = await Promise.all([
      refuse('--metrics-port', `${port}`),
      refuse('--hosts', 'hosts.json', '--out', 'deep/down'),
    ]);
    busy.close();
    expect(noPort).toMatchObject({ code: 2, stderr: expect.stringContaining(`${port} is in use`) });
    expect(noHost).toMatchObject({ code: 3, stderr: expect.stringMatching(/one[\s\S]*two/) });
    expect(readdirSync(own).toSorted()).toEqual(['hosts.json', 'results', 'ssh_config']);
    expect(readdirSync(join(own, 'results'))).toEqual([]);
  });
});

describe('a machine with missing dependencies', () => {
  it('is told that Redis is missing and how to get it', async () => {
    const env = { PATH: mkdtempSync(join(root, 'empty-path-')), TOLLGATE_NO_INSTALL: '1' };
    const { code, stderr } = await bench([...TOLL, '--out', join(root, 'no-redis')], env).ended;
    expect(code).toBe(3);
    expect(stderr).toMatch(/redis/i);
  });

  it('tries to install Chromium and Redis for the quick profile, and does not yet fail for Chromium', async () => {
    const path = mkdtempSync(join(root, 'apt-path-'));
    for (const [name, script] of [
      ['apt-get', 'echo "E: Unable to locate package" >&2; exit 100'],
      ['sudo', 'shift; exec "$@"'],
    ] as const) {
      writeFileSync(join(path, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    // TMPDIR separates the lock of this test from that of a real setup.
    const env = { PATH: path, TMPDIR: path, CHROMIUM_PATH: undefined, TOLLGATE_NO_INSTALL: undefined };
    const { code, stderr } = await bench(['--out', join(root, 'no-packages')], env).ended;
    expect(code).toBe(3);
    expect(stderr.match(/^setup: installing \S+/gm)).toEqual([
      'setup: installing chromium',
      'setup: installing redis-server',
    ]);
    expect(stderr).not.toContain('no Chromium found');
    expect(stderr).toContain('Redis not found');
  });

  it('is told that the Redis at REDIS_URL does not answer, or is not on this machine', async () => {
    const silent = await bench([...TOLL, '--out', join(root, 'silent')], { REDIS_URL: 'redis://127.0.0.1:1' }).ended;
    expect(silent.code).toBe(3);
    expect(silent.stderr).toContain('does not answer');
    const remote = await bench([...TOLL, '--out', join(root, 'remote')], { REDIS_URL: 'redis://redis.example:6379' })
      .ended;
    expect(remote.code).toBe(3);
    expect(remote.stderr).toContain('not this machine');
  });
});
