import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshSecrets, testUsers } from '../../test/support/servers.ts';
import { isLoopback, serve } from './serve.ts';
import { readStandalone } from './standalone.ts';

let directory: string;
let file: string;
const secrets = freshSecrets();
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tollgate-test-'));
  file = join(directory, 'secrets.json');
  writeFileSync(file, JSON.stringify({ secrets, users: testUsers() }));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('readStandalone', () => {
  it('reads the arm, address and Redis from the environment, and the secrets from a file', () => {
    const { start, allowRemote } = readStandalone({
      TOLLGATE_ARM: 'session-redis',
      TOLLGATE_SECRETS_FILE: file,
      HOST: '127.0.0.2',
      PORT: '4000',
      REDIS_URL: 'redis://127.0.0.1:6379',
    });
    expect(start).toMatchObject({ arm: 'session-redis', host: '127.0.0.2', port: 4000, secrets });
    expect(start.redis).toEqual({ url: 'redis://127.0.0.1:6379', keyPrefix: 'session-redis:' });
    const env = { TOLLGATE_ARM: 'hybrid', TOLLGATE_SECRETS_FILE: file, REDIS_URL: 'redis://127.0.0.1:7000' };
    const inCluster = { url: 'redis://127.0.0.1:7000', keyPrefix: 'hybrid:', cluster: true };
    expect(readStandalone({ ...env, REDIS_CLUSTER: '1' }).start.redis).toEqual(inCluster);
    expect(allowRemote).toBe(false);
  });

  it('stays on loopback and allows nothing remote by default', () => {
    const { start } = readStandalone({ TOLLGATE_ARM: 'none', TOLLGATE_SECRETS_FILE: file });
    expect(start.host).toBe('127.0.0.1');
    expect(start.redis).toBeUndefined();
    const told = readStandalone({ TOLLGATE_ARM: 'none', TOLLGATE_SECRETS_FILE: file, TOLLGATE_ALLOW_REMOTE: '1' });
    expect(told.allowRemote).toBe(true);
  });

  it('accepts trusted proxies as addresses or networks, and trusts none by default', () => {
    const env = { TOLLGATE_ARM: 'none', TOLLGATE_SECRETS_FILE: file };
    expect(readStandalone(env).start.settings).toBeUndefined();
    const told = readStandalone({ ...env, TOLLGATE_TRUSTED_PROXIES: '10.0.0.0/8, ::1' });
    expect(told.start.settings).toEqual({ trustedProxies: ['10.0.0.0/8', '::1'] });
    for (const wrong of ['balancer', '10.0.0.300', 'true', '127.0.0.1,']) {
      expect(() => readStandalone({ ...env, TOLLGATE_TRUSTED_PROXIES: wrong })).toThrow(/TOLLGATE_TRUSTED_PROXIES/);
    }
  });

  it('refuses a secrets file that everybody may write', () => {
    const open = join(directory, 'open.json');
    writeFileSync(open, JSON.stringify({ secrets, users: testUsers() }));
    chmodSync(open, 0o646);
    const env = { TOLLGATE_ARM: 'none', TOLLGATE_SECRETS_FILE: open };
    expect(() => readStandalone(env)).toThrow(/can be written by everybody: chmod 600/);
    chmodSync(open, 0o644);
    expect(readStandalone(env).start.secrets).toEqual(secrets);
  });

  it('names the wrong variable, and never the content of the file', () => {
    const env = { TOLLGATE_ARM: 'none', TOLLGATE_SECRETS_FILE: file };
    expect(() => readStandalone({})).toThrow(/TOLLGATE_ARM/);
    expect(() => readStandalone({ TOLLGATE_ARM: 'none' })).toThrow(/TOLLGATE_SECRETS_FILE/);
    expect(() => readStandalone({ ...env, PORT: '70000' })).toThrow(/PORT/);
    expect(() => readStandalone({ ...env, TOLLGATE_SECRETS_FILE: join(directory, 'none') })).toThrow(/SECRETS_FILE/);
    const broken = join(directory, 'broken.json');
    writeFileSync(broken, JSON.stringify({ secrets: { ...secrets, hmacKey: 4711 }, users: [] }));
    expect(() => readStandalone({ ...env, TOLLGATE_SECRETS_FILE: broken })).toThrow(/hmacKey/);
    writeFileSync(broken, `{"secrets": ${secrets.hmacKey}`);
    expect(() => readStandalone({ ...env, TOLLGATE_SECRETS_FILE: broken })).toThrow(
      /^(?!.*\{).*cannot be read as JSON/,
    );
  });
});

describe('serve', () => {
  it('distinguishes loopback addresses from others', () => {
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost']) expect(isLoopback(host)).toBe(true);
    for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.com', '127.example', ''])
      expect(isLoopback(host)).toBe(false);
  });

  it('refuses a non-loopback address, unless allowed', async () => {
    const start = { arm: 'none', host: '0.0.0.0', port: 0, secrets, users: testUsers() };
    await expect(serve(start, false)).rejects.toMatchObject({ code: 'HOST_NOT_LOOPBACK' });
  });

  it('lists the arms if the name is unknown', async () => {
    const start = { arm: 'jwt-none', host: '127.0.0.1', port: 0, secrets, users: testUsers() };
    await expect(serve(start, false)).rejects.toThrow(/jwt-hs256/);
  });

  it('reports that an arm needs Redis and has none', async () => {
    const start = { arm: 'session-redis', host: '127.0.0.1', port: 0, secrets, users: testUsers() };
    await expect(serve(start, false)).rejects.toMatchObject({ code: 'REDIS_MISSING' });
  });
});
