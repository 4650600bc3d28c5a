/** Credentials that are not random: those that anybody can write, and those that a signature protects. */
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CHECKS } from '../../bench/gate/registry.ts';
import { runCheck } from '../../bench/gate/run-gate.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { parseService } from '../../target/config/service.ts';
import { createServiceTarget } from '../../target/gate/adapter.ts';
import { OWN_CHECKS } from '../../target/gate/own-checks.ts';
import { meet } from '../../target/gate/subject.ts';
import { startService } from '../../target/process/fleet.ts';

const NAMES = ['alice', 'bob'];

/** How a service makes its credential of a name, and which name it reads there; null for a refusal. */
interface Style {
  readonly make: (name: string) => string;
  readonly read: (text: string) => string | null;
  /** The guarded reply; default: JSON with the name. */
  readonly page?: (name: string) => string;
}

let janitor: Janitor;
let close = () => {};
beforeEach(async () => {
  janitor = await Janitor.start();
});
afterEach(async () => {
  close();
  await janitor.finish();
});

/** The outcome of one check. */
async function outcomeOf(id: number, { make, read, page }: Style, isToken = false) {
  const server = createServer((request, response) => {
    response.setHeader('cache-control', 'no-store');
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const [, cookie] = /(?:^|; )who=([^;]*)/.exec(request.headers.cookie ?? '') ?? [];
      const [, bearer] = /^Bearer (.*)$/.exec(request.headers.authorization ?? '') ?? [];
      let name: string | null = null;
      try {
        if (request.url === '/login') {
          const { username, password } = JSON.parse(body) as Record<string, string>;
          if (username === undefined || password !== 'open-sesame') throw new Error('a wrong password');
          const credential = make(username);
          if (!isToken) response.setHeader('set-cookie', `who=${credential}; Path=/; HttpOnly; SameSite=Lax`);
          response.end(isToken ? JSON.stringify({ token: credential }) : '{}');
          return;
        }
        name = read((isToken ? bearer : cookie) ?? '');
      } catch {}
      if (name !== null && NAMES.includes(name)) response.end(page?.(name) ?? JSON.stringify({ name }));
      else response.writeHead(401).end();
    });
  }).listen(0, '127.0.0.1');
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  await once(server, 'listening');
  const address = server.address();
  const config = {
    name: 'shop',
    urls: [`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`],
    users: NAMES.map((username) => ({ username, password: { env: 'PASSWORD' } })),
    login: {
      request: { method: 'POST', path: '/login', json: { username: '{{username}}', password: '{{password}}' } },
      credential: isToken ? { json: '/token' } : { cookie: 'who' },
    },
    requests: { guarded: { path: '/me' } },
    revocation: 'at-expiry',
    ...(page === undefined ? { identity: '/name' } : {}),
  };
  const env = { PASSWORD: 'open-sesame' };
  const service = parseService('service.json', JSON.stringify(config), { folder: '.', env });
  const environment = { janitor, accounts: null, signal: new AbortController().signal, onNote: () => {} };
  const fleet = await startService(service, environment);
  const [replica] = fleet.replicas;
  if (replica === undefined) throw new Error('it has no replica');
  const target = createServiceTarget(await meet(service, replica.endpoint), fleet, []);
  const check = [...CHECKS, ...OWN_CHECKS].find((one) => one.id === id);
  if (check === undefined) throw new Error(`there is no check ${id}`);
  return runCheck({ ...check, run: () => check.run(target) }, target);
}

const seconds = () => Math.floor(Date.now() / 1000);
const json = (text: string) => JSON.parse(text) as { readonly user: string; readonly id: number };
const fromBase64 = (text: string) => Buffer.from(text, 'base64').toString();
const signature = (text: string) => createHmac('sha256', 'a secret of this test').update(text).digest('base64url');

const WRITTEN: Readonly<Record<string, Style>> = {
  'JSON in Base64, as a session cookie that is not signed': {
    make: (user) => Buffer.from(JSON.stringify({ user, at: Date.now() })).toString('base64'),
    read: (text) => json(fromBase64(text)).user,
  },
  'JSON with the number of a user, percent-encoded': {
    make: (user) => encodeURIComponent(JSON.stringify({ id: NAMES.indexOf(user), at: Date.now() })),
    read: (text) => NAMES[json(decodeURIComponent(text)).id] ?? null,
  },
  'a name and a time in hexadecimal': {
    make: (user) => Buffer.from(`${user}:${Date.now()}`).toString('hex'),
    read: (text) => Buffer.from(text, 'hex').toString().split(':')[0] ?? null,
  },
  'a name, shown on a page': {
    make: (user) => `${user}|${Date.now()}`,
    read: (text) => text.split('|')[0] ?? null,
    page: (user) => `<h1>Hello ${user}</h1>`,
  },
};

it.each(Object.entries(WRITTEN))('finds that anybody can write %s', async (_, style) => {
  for (const isToken of [false, true]) {
    const { verdict, detail } = await outcomeOf(106, style, isToken);
    expect(detail).toMatch(/^a credential rewritten with another user’s name or number/);
    expect(verdict).toBe('fail');
    close();
  }
});

it('finds a hash of the name', async () => {
  const hash = (name: string) => createHash('md5').update(name).digest('hex');
  const read = (text: string) => NAMES.find((name) => hash(name) === text) ?? null;
  expect(await outcomeOf(106, { make: hash, read })).toMatchObject({
    verdict: 'fail',
    detail: 'the credential is the username, or a hash of it',
  });
});

it('accepts a signed cookie whose time is in whole seconds, which two logins in one second share', async () => {
  const style: Style = {
    make: (user) => {
      const signed = `${Buffer.from(JSON.stringify({ user })).toString('base64url')}.${seconds()}`;
      return `${signed}.${signature(signed)}`;
    },
    read: (text) => {
      const at = text.lastIndexOf('.');
      if (signature(text.slice(0, at)) !== text.slice(at + 1)) return null;
      return json(fromBase64(text.split('.')[0] ?? '')).user;
    },
  };
  expect(await outcomeOf(20, style)).toMatchObject({ verdict: 'limit' });
  close();
  expect(await outcomeOf(106, style)).toMatchObject({ verdict: 'pass' });
});
