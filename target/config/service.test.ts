import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { onPort } from './launch.ts';
import { serviceSchema } from './schema.ts';
import { parseService, ServiceError } from './service.ts';

const RIGHT = {
  name: 'shop',
  start: { command: ['node', 'server.js', '--port={{port}}'], environment: { KEY: { env: 'SHOP_KEY' } } },
  users: [{ username: 'alice', password: { env: 'ALICE' } }],
  login: {
    request: { method: 'POST', path: '/login', json: { user: '{{username}}', pass: '{{password}}' } },
    credential: { json: '/token' },
  },
  requests: { guarded: { path: '/me', headers: { authorization: 'Bearer {{token}}' } }, public: { path: '/' } },
};
const ENV = { PATH: process.env.PATH ?? '', ALICE: 'wonderland\n', SHOP_KEY: 'k3y' };

const parse = (value: unknown, env: NodeJS.ProcessEnv = ENV, folder: string = import.meta.dirname) =>
  parseService('service.json', typeof value === 'string' ? value : JSON.stringify(value), { folder, env });

function faultsOf(value: unknown, env?: NodeJS.ProcessEnv): readonly string[] {
  try {
    parse(value, env);
  } catch (error) {
    if (error instanceof ServiceError) return error.faults.map((fault) => fault.replace('service.json: ', ''));
    throw error;
  }
  return [];
}

it('reads a service with its secrets and defaults', () => {
  const service = parse(RIGHT);
  expect(service.users).toEqual([{ username: 'alice', password: 'wonderland' }]);
  expect(service.launch).toMatchObject({ replicas: 2, ready: null, readyWithinMs: 30_000, stopWithinMs: 3_000 });
  expect(service.revocation).toBe('at-once');
  if (service.launch === null) throw new Error('it has no command');
  expect(onPort(service.launch, 4711)).toEqual({
    command: ['node', 'server.js', '--port=4711'],
    environment: { KEY: 'k3y' },
  });
});

it('sets PORT if the command does not take the port', () => {
  const { launch } = parse({ ...RIGHT, start: { command: ['node', 'server.js'] } });
  if (launch === null) throw new Error('it has no command');
  expect(onPort(launch, 4711).environment).toEqual({ PORT: '4711' });
});

it('reads users from a file, without quoting it in an error', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-test-'));
  try {
    writeFileSync(join(folder, 'users.json'), '[{"username": "bob", "password": "builder"}]');
    writeFileSync(join(folder, 'wrong.json'), '[{"username": "bob", "pass": "builder"}]');
    expect(parse({ ...RIGHT, users: { file: 'users.json' } }, ENV, folder).users).toEqual([
      { username: 'bob', password: 'builder' },
    ]);
    expect(() => parse({ ...RIGHT, users: { file: 'wrong.json' } }, ENV, folder)).toThrow(/\/users is not a JSON list/);
    expect(() => parse({ ...RIGHT, users: { file: 'wrong.json' } }, ENV, folder)).not.toThrow(/builder/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('reports all faults of shape at once, each with its pointer and a hint', () => {
  const faults = faultsOf({
    ...RIGHT,
    name: 'My Shop',
    start: { comand: ['node'], replicas: 0 },
    users: [{ username: 'alice', password: 'wonderland' }],
    login: { request: { path: 'login' }, credential: { jsn: '/token' } },
    requests: { guarded: { path: '/me', status: 'ok' } },
  });
  expect(faults).toHaveLength(8);
  expect(faults).toContain('/start/comand is unknown (did you mean command?)');
  expect(faults).toContain(
    '/start/command is missing (the program and its arguments, such as ["node", "server.js"]; {{port}} stands for the port)',
  );
  expect(faults).toContain(
    '/login/request/path has an unexpected form (a path that starts with / and has no spaces, such as /account?full=1; in a login also a URL at one of origins)',
  );
  expect(faults).toContain(
    '/login/credential has an unexpected form (one of {"json": "/pointer"}, {"header": "name"}, {"cookie": "name"} or, in the query or fragment of a redirect, {"parameter": "name"})',
  );
  expect(faults).toContain(
    '/users/0/password has an unexpected form (give the source of a secret: {"env": "NAME"} or {"file": "path"})',
  );
  expect(faults.join()).not.toContain('wonderland');
});

it('reports all contradictions at once', () => {
  const faults = faultsOf(
    {
      ...RIGHT,
      urls: ['http://127.0.0.1:1', 'https://127.0.0.1:2'],
      start: { command: ['no-such-program', '{{token}}'], directory: 'no/such/folder' },
      login: { ...RIGHT.login, request: { path: '/login' } },
      requests: {
        guarded: { path: '/me', headers: { cookie: 'sid=1', 'x-a': 'a\nb' }, status: [200, 401] },
        public: { path: '/me', headers: { authorization: 'Bearer {{token}}' } },
        critical: { method: 'POST', path: '/buy', json: { csrf: '{{csrf}}' }, form: { a: 'b' } },
        admin: { path: '/admin' },
      },
    },
    { PATH: ENV.PATH },
  );
  const pointers = faults.map((fault) => fault.split(' ')[0]);
  for (const pointer of [
    '/urls',
    '/start/command',
    '/start/directory',
    '/admin',
    '/users/0/password/env',
    '/login/request',
    '/login/request/method',
    '/requests/guarded/headers/cookie',
    '/requests/guarded/headers/x-a',
    '/requests/guarded/status',
    '/requests/public',
    '/requests/critical',
    '/requests/critical/form',
  ])
    expect(pointers).toContain(pointer);
});

it('reports faults of shape, contradictions, and missing files and variables together', () => {
  const faults = faultsOf(
    {
      ...RIGHT,
      start: { command: ['no-such-program', '{{token}}'], replicas: 0, environment: { KEY: { env: 'SHOP_KEY' } } },
      login: { request: { path: '/login' }, credential: { jsn: '/token' } },
      requests: {
        guarded: { path: 'me' },
        critical: { path: '/buy', status: 401 },
        logout: { path: '/logout', json: { csrf: '{{csrf}}' } },
        disable: { path: '/disable' },
      },
      admim: {},
    },
    { PATH: ENV.PATH },
  );
  expect(faults.map((fault) => fault.split(' ')[0]).toSorted()).toEqual([
    '/admim',
    '/admin',
    '/login/credential',
    '/login/request',
    '/login/request',
    '/login/request/method',
    '/requests/critical/status',
    '/requests/enable',
    '/requests/guarded/path',
    '/requests/logout',
    '/start/command',
    '/start/command/0',
    '/start/environment/KEY/env',
    '/start/replicas',
    '/users/0/password/env',
  ]);
  for (const fault of faults) expect(fault).toMatch(/ .*\(.+\)$/);
});

it('reads stores that already run, that Tollgate provides, and that a command starts', () => {
  const start = { ...RIGHT.start, environment: { REDIS_URL: { from: 'redis' }, DATABASE_URL: { from: 'postgres' } } };
  const postgres = {
    start: { command: ['sh', '-c', 'exec postgres -p {{port}}'], url: 'postgres://shop@127.0.0.1:{{port}}/shop' },
  };
  const { launch, stores } = parse({ ...RIGHT, start, stores: { redis: 'provided', postgres } });
  expect(stores.map(({ kind, from }) => [kind, from])).toEqual([
    ['redis', 'provided'],
    ['postgres', 'command'],
  ]);
  if (launch === null) throw new Error('it has no command');
  const urls = new Map([
    ['redis', 'redis://a'],
    ['postgres', 'postgres://b'],
  ] as const);
  expect(onPort(launch, 4711, urls).environment).toEqual({ REDIS_URL: 'redis://a', DATABASE_URL: 'postgres://b' });
  const running = parse({ ...RIGHT, stores: { redis: { env: 'STORE' } } }, { ...ENV, STORE: 'redis://127.0.0.1' });
  expect(running.stores).toEqual([{ kind: 'redis', from: 'running', url: 'redis://127.0.0.1' }]);
});

it('reports what is wrong with a store, each fault at its own pointer', () => {
  const faults = faultsOf(
    {
      ...RIGHT,
      start: { ...RIGHT.start, environment: { URL: { from: 'redis' }, OTHER: { from: 'mysql' } } },
      stores: { postgres: { start: { command: [], url: 'mysql://{{port}}' } } },
    },
    { ...ENV },
  );
  expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
    '/start/environment/OTHER/from',
    '/stores/postgres/start/command',
  ]);
  const deeper = faultsOf({
    ...RIGHT,
    start: { ...RIGHT.start, environment: { URL: { from: 'redis' } } },
    stores: { postgres: { start: { command: ['no-such-store'], url: 'mysql://{{port}}' } } },
  });
  expect(deeper.map((fault) => fault.split(' ')[0])).toEqual([
    '/start/environment/URL/from',
    '/stores/postgres/start/url',
    '/stores/postgres/start/command/0',
    '/stores/postgres/start',
  ]);
});

it('refuses a file that is not JSON, in one line', () => {
  expect(faultsOf('{"name": ')).toHaveLength(1);
  expect(faultsOf('[]').length).toBeGreaterThan(0);
  expect(faultsOf('null')).toHaveLength(1);
});

it('includes its schema', () => {
  const written: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../../service.schema.json'), 'utf8'));
  expect(written).toEqual(JSON.parse(JSON.stringify(serviceSchema())));
});

const problemsOf = (login: object, requests: object = RIGHT.requests, more: object = {}) =>
  faultsOf({ ...RIGHT, login: { ...RIGHT.login, ...login }, requests, ...more });
const post = (form: object) => ({ method: 'POST', path: '/login', form });

it('takes a login with a page before it, with Basic credentials, or with a key', () => {
  const before = { request: { path: '/login' }, csrf: { html: '_csrf' } };
  const form = post({ user: '{{username}}', pass: '{{password}}', _csrf: '{{csrf}}' });
  expect(problemsOf({ before, request: form })).toEqual([]);
  expect(problemsOf({ request: form })).toEqual([
    '/login/request has {{csrf}}, and login.before does not say where that stands (add login.before, such as {"request": {"path": "/login"}, "csrf": {"html": "_csrf"}})',
  ]);
  const grant = { ...post({ grant_type: 'client_credentials' }), headers: { authorization: 'Basic {{basic}}' } };
  expect(problemsOf({ request: grant })).toEqual([]);
  expect(problemsOf({ request: { ...post({}), headers: { 'x-api-key': '{{password}}' } } })).toEqual([]);
  expect(problemsOf({ request: post({ pass: '{{password}}' }) })).toHaveLength(1);
});

it('takes the CSRF token from a request after the login', () => {
  const requests = { ...RIGHT.requests, critical: { method: 'POST', path: '/buy', json: { t: '{{csrf}}' } } };
  const after = { request: { path: '/csrf' }, csrf: { json: '/token' } };
  expect(problemsOf({ after }, requests)).toEqual([]);
  expect(problemsOf({}, requests)).toHaveLength(1);
  expect(problemsOf({ after, csrf: { json: '/token' } }, requests)).toEqual([
    '/login/csrf is given beside login.after (leave one of them out)',
  ]);
});

it('takes steps of a login whose values later requests contain, and headers of every request', () => {
  const before = [{ request: { path: '/authorize?c={{codeChallenge}}' }, keep: { page: { header: 'location' } } }];
  const form = { user: '{{username}}', pass: '{{password}}' };
  const request = { method: 'POST', path: '{{page}}', form };
  const steps = [{ request: { method: 'POST', path: '/token', form: { code: '{{code}}', v: '{{codeVerifier}}' } } }];
  const keep = { code: { parameter: 'code' } };
  expect(problemsOf({ before, request, keep, steps })).toEqual([]);
  // A value is known only after the step that keeps it, and the verifier only until there is a credential.
  const early = problemsOf({ before: [{ request: { path: '/{{code}}' } }], request: post(form), keep, steps });
  expect(early).toEqual([
    expect.stringMatching(/^\/login\/before\/0\/request has {{code}} \(it may contain {{random}}/),
  ]);
  const late = problemsOf({ before, request, keep, steps }, { guarded: { path: '/{{code}}/{{codeVerifier}}' } });
  expect(late).toEqual([expect.stringMatching(/^\/requests\/guarded has {{codeVerifier}} .*{{code}}/)]);
  expect(problemsOf({ keep: { token: { json: '/t' } } })).toEqual([
    '/login/keep/token is already the name of a placeholder (use another name)',
  ]);
  const headers = { 'x-forwarded-proto': 'https', 'X-Tenant': 'a' };
  const own = { guarded: { path: '/me', headers: { 'x-tenant': 'b' } } };
  const { requests, login } = parse({ ...RIGHT, headers, requests: own });
  expect(requests.guarded.headers).toEqual({ 'x-forwarded-proto': 'https', 'x-tenant': 'b' });
  expect(login.request.headers).toEqual(headers);
  expect(faultsOf({ ...RIGHT, headers: { Host: 'a' } })).toEqual(['/headers/Host is set by the client (leave it out)']);
});

it('tells GraphQL requests by their bodies, and asks for identity where the reply alone tells success', () => {
  const ask = (query: string) => ({ method: 'POST', path: '/graphql', json: { query } });
  const guarded = ask('{me{name}}');
  expect(problemsOf({}, { guarded, public: ask('{hello}') })).toEqual([]);
  expect(problemsOf({}, { guarded, public: guarded })).toHaveLength(1);
  const held = { guarded: { ...guarded, holds: { json: '/data/me' } } };
  expect(problemsOf({}, held)).toEqual([
    '/requests/guarded/holds/json is given without identity (give identity as well, a JSON pointer to the username: the load tells replies by it)',
  ]);
  expect(problemsOf({}, held, { identity: '/data/me/name' })).toEqual([]);
});
