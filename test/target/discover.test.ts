/** Discovery of how a service is used: it tries common conventions, and writes the result. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Janitor } from '../../bench/processes/janitor.ts';
import { discover } from '../../target/discover/discover.ts';
import { type ServiceFleet, startService } from '../../target/process/fleet.ts';
import { makeShop, type Shop, type ShopOptions } from '../support/shop.ts';

const CLI = join(import.meta.dirname, '../../cli/main.ts');

let janitor: Janitor;
let shop: Shop;
let fleet: ServiceFleet;
beforeEach(async () => {
  janitor = await Janitor.start();
});
afterEach(async () => {
  await fleet.stop();
  shop.remove();
  await janitor.finish();
});

async function running(kind: ShopOptions['kind']) {
  shop = makeShop({ kind });
  const environment = { janitor, accounts: null, signal: new AbortController().signal, onNote: () => {} };
  fleet = await startService(shop.service, environment);
  const [replica] = fleet.replicas;
  if (replica === undefined) throw new Error('it has no replica');
  return replica.endpoint;
}

const asked = (endpoint: Awaited<ReturnType<typeof running>>) => ({
  url: new URL(`http://127.0.0.1:${endpoint.port}`),
  endpoint,
  user: { username: 'alice', password: 'open-sesame' },
  login: null,
  guarded: null,
  passwordVariable: 'TARGET_PASSWORD',
  signal: new AbortController().signal,
});

it('finds the cookie, the guarded and the public request, the username and the logout', async () => {
  const endpoint = await running('session');
  expect(await discover(asked(endpoint))).toEqual({
    $schema: './service.schema.json',
    name: 'service',
    urls: [`http://127.0.0.1:${endpoint.port}`],
    users: [{ username: 'alice', password: { env: 'TARGET_PASSWORD' } }],
    login: {
      request: { method: 'POST', path: '/login', json: { user: '{{username}}', password: '{{password}}' } },
      credential: { cookie: 'sid' },
    },
    requests: {
      guarded: { path: '/account' },
      public: { path: '/' },
      logout: { method: 'POST', path: '/logout', status: 204 },
    },
    identity: '/user/name',
  });
});

it('finds a token and its position in the reply', async () => {
  const { login } = await discover(asked(await running('bearer')));
  expect(login.credential).toEqual({ json: '/access/token' });
});

it('says which flags to set for what is not found', async () => {
  const endpoint = await running('session');
  const wrong = { ...asked(endpoint), user: { username: 'alice', password: 'wrong' } };
  await expect(discover(wrong)).rejects.toThrow('no working login was found (responses: 401');
  await expect(discover({ ...asked(endpoint), guarded: '/' })).rejects.toThrow('no working login was found');
});

it('writes a file that the command accepts, and never overwrites one', async () => {
  const endpoint = await running('session');
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-test-init-'));
  const env = { ...process.env, TARGET_USERNAME: 'alice', TARGET_PASSWORD: 'open-sesame', NO_COLOR: '1' };
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [CLI, 'target', ...args], { cwd: folder, encoding: 'utf8', env });
  const url = `http://127.0.0.1:${endpoint.port}`;
  try {
    expect(run('init', '--url', url)).toMatchObject({
      status: 0,
      stdout: 'service.json is written: login /login, guarded /account\n',
      stderr: expect.stringMatching(
        /^login: POST \/login, with .* cookie sid\nguarded: GET \/account\nclient: needs no User-Agent\npublic: GET \/\nlogout: POST \/logout\nrefresh: nothing was found\n/,
      ),
    });
    expect(readFileSync(join(folder, 'service.json'), 'utf8')).not.toContain('open-sesame');
    expect(run('init', '--url', url)).toMatchObject({ status: 2 });
    expect(run('service.json', '--gate-only', '--out', join(folder, 'one'))).toMatchObject({ status: 0 });
    expect(run('--url', url, '--login', '/login', '--gate-only', '--out', join(folder, 'two'))).toMatchObject({
      status: 0,
    });
    expect(run('init', '--url', 'http://shop.test').stderr).toContain('shop.test is not this machine');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
