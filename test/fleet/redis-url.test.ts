/** REDIS_URL in all its forms, and all refusals, with servers configured accordingly. */
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../bench/fleet/certificate.ts';
import { probeRedis } from '../../bench/fleet/redis/probe.ts';
import { findOnPath } from '../../bench/processes/executables.ts';
import { TollgateError } from '../../core/errors.ts';
import { connectRedis } from '../../servers/stores/redis.ts';
import { startBench } from '../support/bench-process.ts';
import { freePort, startRedis, startRedisWith, type TestRedis } from '../support/redis.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'tollgate test url-'));
const running: TestRedis[] = [];
afterEach(() => Promise.all(running.splice(0).map((redis) => redis.stop())));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function started(starting: Promise<TestRedis>): Promise<TestRedis> {
  const redis = await starting;
  running.push(redis);
  return redis;
}
const configured = (...lines: readonly string[]) => started(startRedisWith(() => lines));

/** With a user before the host, and a database after the port. */
const urlOf = (port: number, user = '', database = '') => `redis://${user}127.0.0.1:${port}${database}`;

async function verdictOn(url: string): Promise<string> {
  try {
    return `accepted as ${await probeRedis(url)}`;
  } catch (error) {
    if (!(error instanceof TollgateError)) throw error;
    expect(error.exitCode).toBe(3);
    return `${error.message} (${error.hint})`;
  }
}

/** A client for the test's own commands. */
async function asking<T>(url: string, what: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { enableReadyCheck: false });
  client.on('error', () => {});
  try {
    return await what(client);
  } finally {
    client.disconnect();
  }
}

let gates = 0;
/** Two security checks against the servers of an arm. */
const gate = (url: string, env: Record<string, string> = {}) =>
  startBench(
    ['gate', '--arms', 'session-redis-lean', '--checks', '1,23', '--out', join(root, `gate ${gates++}`)],
    { REDIS_URL: url, ...env },
    root,
  ).ended;

describe('a Redis that accepts the commands of a run', () => {
  it('is accepted with a user of an ACL, a database and a password of any characters, and is left empty', async () => {
    const user = `user app on ">p:/?#@%'s" ~tollgate:* resetchannels +@all`;
    const { port } = await configured('user default on >other ~* &* +@all', user);
    const url = urlOf(port, 'app:p%3A%2F%3F%23%40%25%27s@', '/3');
    expect(await verdictOn(url)).toBe(`accepted as ${url}`);
    for (const database of ['/0', '/3'])
      expect(await asking(urlOf(port, ':other@', database), (client) => client.dbsize())).toBe(0);
    const { code, stdout, stderr } = await gate(url);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout + stderr).not.toContain('p%3A');
    // What the servers wrote went to that database, and was removed.
    const used = await asking(urlOf(port, ':other@'), (client) => client.info('commandstats'));
    expect(used).toContain('cmdstat_getex');
    expect(await asking(urlOf(port, ':other@', '/3'), (client) => client.keys('*'))).toEqual([]);
  });

  it('serves a fleet over a socket whose path has a space', async () => {
    const path = join(root, 'a socket');
    await configured(`unixsocket "${path}"`, 'requirepass secret');
    const { code, stderr } = await gate(`redis+unix://:secret@${encodeURI(path)}?db=2`);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stderr).not.toContain('secret');
    expect(await verdictOn(`unix:${path}-elsewhere`)).toContain('does not answer');
    expect(await verdictOn(`unix://${path}`)).toContain('requires a password');
  });

  it('serves a fleet over TLS once its CA is trusted, and says how to trust it', async () => {
    const { privateKey, certificate } = makeCertificate();
    const files = { certificate: join(root, 'a certificate.pem'), key: join(root, 'a key.pem') };
    writeFileSync(files.certificate, certificate);
    writeFileSync(files.key, privateKey, { mode: 0o600 });
    const tlsPort = await freePort();
    await configured(
      `tls-port ${tlsPort}`,
      `tls-cert-file "${files.certificate}"`,
      `tls-key-file "${files.key}"`,
      'tls-auth-clients no',
    );
    const url = `rediss://localhost:${tlsPort}`;
    expect(await verdictOn(url)).toMatch(/certificate from an authority that Node does not trust.*NODE_EXTRA_CA_CERTS/);
    const { code, stderr } = await gate(url, { NODE_EXTRA_CA_CERTS: files.certificate });
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(await verdictOn(urlOf(tlsPort))).toContain('rediss:// is only for TLS');
  });
});

describe('a Redis that refuses is reported with its own message and a hint', () => {
  it('for a password that is missing, wrong, or not configured', async () => {
    const locked = await started(startRedis());
    expect(await verdictOn(urlOf(locked.port))).toMatch(/requires a password .*NOAUTH.*redis:\/\/:PASSWORD@/);
    const wrong = await verdictOn(urlOf(locked.port, ':opensesame@'));
    expect(wrong).toMatch(/refuses the user or the password .*WRONGPASS/);
    expect(wrong).not.toContain('opensesame');
    const open = await configured();
    expect(await verdictOn(urlOf(open.port, ':opensesame@'))).toMatch(/has no password.*take the password out/);
  });

  it('for users without permission to monitor, to access the keys, or to run the commands of the scripts', async () => {
    const { port } = await configured(
      'user watched on nopass ~* &* +@all -@dangerous -@admin',
      'user elsewhere on nopass ~app:* &* +@all',
      'user scriptless on nopass ~* &* +@all -incr',
      'user off off >secret ~* &* +@all',
    );
    const of = (user: string) => verdictOn(urlOf(port, `${user}:secret@`));
    expect(await of('watched')).toMatch(/does not permit this user .*INFO: NOPERM.*ACL SETUSER/);
    expect(await of('elsewhere')).toMatch(/does not permit this user .*SET: NOPERM.*~tollgate:\*/);
    expect(await of('scriptless')).toMatch(/does not permit this user .*EVAL/);
    expect(await of('off')).toMatch(/refuses the user or the password/);
  });

  it('for a database that it does not have', async () => {
    const { port } = await configured('databases 4');
    expect(await verdictOn(urlOf(port, '', '/99'))).toMatch(/no database with that number .*out of range.*such as \/0/);
    expect(await verdictOn(urlOf(port, '', '/3'))).toContain('accepted');
  });

  it('for a replica, which accepts no writes', async () => {
    const primary = await configured();
    const replica = await configured(`replicaof 127.0.0.1 ${primary.port}`);
    expect(await verdictOn(urlOf(replica.port))).toMatch(/is a replica.*READONLY.*use its primary/);
  });

  it('for one that cannot save its data', async () => {
    const redis = await configured('save 1 1', 'stop-writes-on-bgsave-error yes');
    await asking(urlOf(redis.port), async (client) => {
      rmSync(redis.directory, { recursive: true });
      await client.bgsave();
      const failed = async () => /rdb_last_bgsave_status:err/.test(await client.info('persistence'));
      for (let looks = 0; !(await failed()); looks++) if (looks > 10_000) throw new Error('it could save');
    });
    expect(await verdictOn(urlOf(redis.port))).toMatch(/cannot save its data .*MISCONF.*stop-writes-on-bgsave-error/);
  });

  it('for one that is loading its data', async () => {
    const { port } = await configured('enable-debug-command yes', 'loading-process-events-interval-bytes 1024');
    await asking(urlOf(port), async (client) => {
      for (let i = 0; i < 100; i++) await client.set(`key ${i}`, 'x'.repeat(2_000));
      await client.save();
      // In microseconds per key; clients are served in between.
      await client.config('SET', 'key-load-delay', 50_000);
      client.call('DEBUG', 'RELOAD', 'NOSAVE').catch(() => {});
      await asking(urlOf(port), async (other) => {
        const isLoading = () =>
          other.get('key 1').then(
            () => false,
            ({ message }: Error) => message.includes('LOADING'),
          );
        for (let looks = 0; !(await isLoading()); looks++) if (looks > 10_000) throw new Error('it never loaded');
      });
      expect(await verdictOn(urlOf(port))).toMatch(/is still loading its data .*LOADING.*INFO persistence/);
    });
  });

  it('for a node of a cluster', async () => {
    const { port } = await configured('cluster-enabled yes');
    expect(await verdictOn(urlOf(port))).toMatch(/node of a cluster.*--redis cluster/);
  });

  it('for protected mode, as reported by a server beyond loopback', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end(
        '-DENIED Redis is running in protected mode because protected mode is enabled and no password is set.\r\n',
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await verdictOn(urlOf(port))).toMatch(/protected mode, and only accepts connections.*requirepass/);
    server.close();
  });
});

describe('the stores of a replica', () => {
  const connected = async (url: string) => {
    const store = await connectRedis({ url, keyPrefix: 'test:' });
    store.client.disconnect();
    return 'connected';
  };

  it('refuse a database that does not exist, instead of continuing in database 0', async () => {
    const { port } = await configured('databases 4', 'user app on nopass ~* &* +@all -@dangerous');
    await expect(connected(urlOf(port, '', '/99'))).rejects.toMatchObject({ code: 'REDIS_DATABASE' });
    expect(await connected(urlOf(port, '', '/3'))).toBe('connected');
    await expect(connected(urlOf(port, 'app:secret@'))).rejects.toMatchObject({
      code: 'REDIS_NOPERM',
      message: expect.not.stringContaining('secret'),
    });
  });

  it('accept the address of a socket in each of its forms', async () => {
    const path = join(root, 'stores socket');
    await configured(`unixsocket "${path}"`, 'requirepass secret');
    for (const scheme of ['', 'unix:', 'unix://', 'redis+unix://'])
      expect(await connected(`${scheme}${scheme === '' ? path : encodeURI(path)}?db=1&password=secret`)).toBe(
        'connected',
      );
    expect(await connected(`unix://:secret@${encodeURI(path)}`)).toBe('connected');
  });
});

describe('a command', () => {
  it('works with a temporary folder whose path has spaces, quotes and a backslash', async () => {
    const TMPDIR = join(root, `a "temporary" \\ 'folder'`);
    mkdirSync(TMPDIR);
    const args = ['gate', '--arms', 'session-redis-lean', '--checks', '1,50', '--out', join(TMPDIR, 'gate')];
    const { code, stderr } = await startBench(args, { TMPDIR }, root).ended;
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(readdirSync(TMPDIR)).toEqual(['gate']);
  });

  it('compares two builds on the Redis of REDIS_URL if no server is installed', async () => {
    const { port } = await configured();
    const bin = mkdtempSync(join(root, 'bin-'));
    for (const program of ['git', 'sh']) symlinkSync(findOnPath([program]) ?? '', join(bin, program));
    const args = ['compare', '--base', ROOT, '--arms', 'session-redis-lean', '--guards-only', '--anyway', '--json'];
    const env = { REDIS_URL: urlOf(port), PATH: bin, TOLLGATE_NO_INSTALL: '1' };
    const { code, stdout, stderr } = await startBench(args, env, root).ended;
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ arms: [{ arm: 'session-redis-lean' }], faults: [] });
    expect(await asking(urlOf(port), (client) => client.info('commandstats'))).toContain('cmdstat_getex');
    expect(await asking(urlOf(port), (client) => client.dbsize())).toBe(0);
  });
});

describe('a command that is given a Redis that refuses', () => {
  it.each([
    ['bench', '--arms', 'none,session-redis-lean', '--experiments', 'toll', '--budget', '2s'],
    ['gate', '--arms', 'session-redis-lean', '--checks', '1'],
    ['compare', '--base', 'HEAD'],
    ['fuzz', '--arms', 'session-redis-lean', '--cases', '0'],
  ])('%s ends with 3 and leaves nothing', async (...args) => {
    const redis = await started(startRedis());
    const cwd = mkdtempSync(join(root, 'cwd-'));
    const env = { REDIS_URL: urlOf(redis.port, ':opensesame@') };
    const { code, stdout, stderr } = await startBench(args, env, cwd).ended;
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('refuses the user or the password');
    expect(stderr.trim().split('\n')).toHaveLength(2);
    expect(stderr).not.toContain('opensesame');
    expect(existsSync(join(cwd, 'results'))).toBe(false);
  });
});
