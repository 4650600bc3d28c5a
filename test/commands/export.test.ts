/** `npm run export`: the k6 script passes k6's published types, and sends the requests that the service expects. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBench } from '../support/bench-process.ts';
import { CONFIGS as GRANTS } from '../support/services/grants.ts';
import { CONFIGS } from '../support/services/portal.ts';
import { shopConfig } from '../support/shop.ts';

const ROOT = join(import.meta.dirname, '../..');
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tollgate-test-export-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const run = (...args: string[]) => startBench(['export', ...args], {}, root).ended;

/** Writes a configuration of the test service. @returns its path */
function writeConfig(name: string, config: object): string {
  const { value } = shopConfig({ kind: name === 'bearer' ? 'bearer' : 'session', config }, root);
  const path = join(root, `${name}.json`);
  writeFileSync(path, JSON.stringify(value));
  return path;
}

it('writes scripts for services and arms that the types of k6 accept', async () => {
  const csrf = { login: { ...shopConfig({ kind: 'session' }, root).value.login, csrf: { header: 'x-csrf' } } };
  const targets = {
    bearer: writeConfig('bearer', {}),
    session: writeConfig('session', csrf),
    page: writeConfig('page', CONFIGS.portal),
    steps: writeConfig('steps', { ...GRANTS.authorization, origins: ['http://127.0.0.1:8'] }),
    file: writeConfig('file', { users: { file: 'users.json' } }),
    none: 'none',
    arm: 'session-redis',
  };
  const scripts = Object.keys(targets).map((name) => `${name}.js`);
  const ended = await Promise.all(
    Object.entries(targets).map(([name, target]) => run('k6', target, '--out', `${name}.js`)),
  );
  for (const { code, stderr } of ended) expect(code, stderr).toBe(0);
  const checked = { allowJs: true, checkJs: true, noEmit: true, strict: true };
  const found = { module: 'esnext', moduleResolution: 'bundler', target: 'es2022', types: ['k6'] };
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  const compilerOptions = { ...checked, ...found };
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: scripts }));
  writeFileSync(join(root, 'package.json'), '{"type": "module"}');
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const compile = () => execFileSync(process.execPath, [tsc, '--project', root], { encoding: 'utf8', stdio: 'pipe' });
  expect(compile()).toBe('');
  // The type check works: a wrong call is refused.
  const [script = ''] = scripts;
  writeFileSync(join(root, script), readFileSync(join(root, script), 'utf8').replace('http.request(', 'http.ask('));
  expect(compile).toThrow();
});

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly purpose: string;
}

interface Asked {
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: { readonly purpose: string };
}

/** Runs a script's scenario with stand-ins for the modules of k6. */
async function sentBy(script: string, env: Record<string, string>, answer: (sent: Sent) => object) {
  const sent: Sent[] = [];
  const checks: [string, boolean][] = [];
  const stage = {
    request: (method: string, url: string, body: unknown, { headers, tags }: Asked) => {
      const one = { method, url, body, headers, purpose: tags.purpose };
      sent.push(one);
      const { json = null, ...rest } = answer(one) as { json?: unknown };
      return { status: 200, headers: {}, cookies: {}, json: () => json, ...rest };
    },
    check: (reply: unknown, all: Record<string, (reply: unknown) => boolean>) => {
      for (const [name, test] of Object.entries(all)) checks.push([name, test(reply)]);
    },
  };
  Object.assign(globalThis, { __ENV: env, k6Stage: stage });
  const stub = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;
  const modules: Record<string, string> = {
    'k6/http': stub('export default { request: (...all) => globalThis.k6Stage.request(...all) }'),
    k6: stub(
      'export const check = (...all) => globalThis.k6Stage.check(...all); export const fail = (text) => { throw new Error(text); };',
    ),
    'k6/crypto': stub(
      'export default { randomBytes: () => "verifier", sha256: (text, form) => form + " of " + text };',
    ),
    'k6/encoding': stub('export const b64encode = (text) => btoa(text);'),
    'k6/execution': stub('export default { vu: { idInTest: 1 } }'),
  };
  const path = join(root, `run-${Math.random().toString(36).slice(2)}.mjs`);
  writeFileSync(
    path,
    readFileSync(join(root, script), 'utf8').replaceAll(
      /from '(k6[^']*)'/g,
      (_, name: string) => `from '${modules[name]}'`,
    ),
  );
  const module = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as {
    options: object;
    guarded(): void;
    open(): void;
  };
  return { module, sent, checks };
}

it('logs in once, sends the token with each guarded request, and applies the limits', async () => {
  const limits = {
    '*': ['latency_us{quantile=p99} <= 2000', 'cpu_toll_us < 60'],
    shop: ['latency_us{quantile=p50} < 500'],
  };
  writeFileSync(join(root, 'limits.json'), JSON.stringify({ thresholds: limits }));
  const file = writeConfig('bearer', {});
  const { code, stderr } = await run(
    'k6',
    file,
    '--out',
    'flow.js',
    '--rate',
    '7',
    '--seconds',
    '5s',
    '--config',
    'limits.json',
  );
  expect(code, stderr).toBe(0);
  const text = readFileSync(join(root, 'flow.js'), 'utf8');
  expect(text).not.toContain('open-sesame');
  expect(text).toContain('//   cpu_toll_us < 60\n');
  const env = { SHOP_PASSWORD: 'of the environment', BASE_URL: 'http://127.0.0.1:9/' };
  const { module, sent, checks } = await sentBy('flow.js', env, ({ purpose }) =>
    purpose === 'login' ? { json: { access: { token: 'a.b.c' } } } : { json: { user: { name: 'bob' } } },
  );
  expect(module.options).toMatchObject({
    scenarios: { guarded: { rate: 7, duration: '5s' }, open: { rate: 7 } },
    thresholds: { checks: ['rate==1'], 'http_req_duration{purpose:guarded}': ['p(99)<=2', 'p(50)<0.5'] },
  });
  module.guarded();
  module.guarded();
  module.open();
  expect(sent.map(({ method, url, purpose }) => [purpose, method, url])).toEqual([
    ['login', 'POST', 'http://127.0.0.1:9/login'],
    ['guarded', 'GET', 'http://127.0.0.1:9/account'],
    ['guarded', 'GET', 'http://127.0.0.1:9/account'],
    ['public', 'GET', 'http://127.0.0.1:9/'],
  ]);
  expect(JSON.parse(String(sent[0]?.body))).toEqual({ user: 'bob', password: 'of the environment' });
  expect(sent.map(({ headers }) => headers.authorization)).toEqual([
    undefined,
    'Bearer a.b.c',
    'Bearer a.b.c',
    undefined,
  ]);
  expect(checks.filter(([, passed]) => !passed)).toEqual([]);
  expect(checks).toHaveLength(5);
});

it('performs the steps of a login, and sends the values that they save', async () => {
  const { before, request, ...rest } = GRANTS.authorization.login;
  const [next, exchange] = rest.steps;
  // Parameters are compared by name, whatever characters that has.
  const steps = [{ ...next, keep: { code: { parameter: 'auth[code]' } } }, exchange];
  const login = { ...rest, steps, before: before[0], request: { ...request, path: '{{page}}/proof' } };
  const requests = { guarded: { path: '/users/{{id}}' } };
  const file = writeConfig('code', { ...GRANTS.authorization, login, requests });
  const { code, stderr } = await run('k6', file, '--out', 'code.js');
  expect(code, stderr).toBe(0);
  const locations = ['/login/7', 'http://shop.test/resume', 'https://app.example/cb?x=1#auth%5Bcode%5D=c%2Bd='];
  let at = 0;
  const env = { SHOP_PASSWORD: 'of the environment', BASE_URL: 'http://127.0.0.1:9' };
  const { module, sent, checks } = await sentBy('code.js', env, ({ url, purpose }) => {
    if (purpose !== 'login') return { json: { name: 'bob' } };
    if (url.endsWith('/token')) return { json: { access_token: 'a', user: { id: 4 } } };
    return { status: 303, headers: { Location: locations[at++] } };
  });
  module.guarded();
  expect(sent.map(({ url }) => url.replace(env.BASE_URL, ''))).toEqual([
    `/authorize?client_id=app&code_challenge=${encodeURIComponent(`base64rawurl of ${btoa('verifier')}`)}`,
    '/login/7/proof',
    '/resume',
    '/token',
    '/users/4',
  ]);
  expect(sent[3]?.body).toMatchObject({ code: 'c+d=', code_verifier: btoa('verifier') });
  expect(checks.filter(([, passed]) => !passed)).toEqual([]);
});

it('sends to another origin what its paths name, and what a reply of it leads to', async () => {
  const { login, requests } = GRANTS.authorization;
  const origin = 'http://127.0.0.1:8';
  const [begin, page] = login.before;
  const before = [{ ...begin, request: { ...begin.request, path: `${origin}/authorize` } }, page];
  const steps = [{ ...login.steps[0], request: { path: '{{next}}' } }, login.steps[1]];
  const config = {
    origins: [`${origin}/`],
    login: { ...login, before, steps },
    requests: { guarded: requests.guarded },
  };
  const { code, stderr } = await run('k6', writeConfig('origins', config), '--out', 'origins.js');
  expect(code, stderr).toBe(0);
  const locations: Record<string, string> = {
    '/authorize': '/login',
    '/proof': 'http://127.0.0.1:9/cb',
    '/cb': '/?code=7',
  };
  const env = { SHOP_PASSWORD: 'of the environment', BASE_URL: 'http://127.0.0.1:9' };
  const { module, sent } = await sentBy('origins.js', env, ({ url }) => {
    const { pathname } = new URL(url);
    if (pathname === '/token') return { json: { access_token: 'a', user: { id: 4 } } };
    const Location = locations[pathname];
    const html = () => ({ attr: () => '/proof' });
    return { url, html, status: Location === undefined || pathname === '/cb' ? 200 : 303, headers: { Location } };
  });
  module.guarded();
  expect(sent.map(({ url }) => url)).toEqual([
    `${origin}/authorize`,
    `${origin}/login`,
    `${origin}/proof`,
    `${env.BASE_URL}/cb`,
    `${env.BASE_URL}/token`,
    `${env.BASE_URL}/users/4`,
  ]);
});

it('reports all errors at once, and which variable is missing', async () => {
  const wrong = await run('k7', '--rate', 'x');
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toMatch(/unknown format k7.*\n.*name a service\.json or an arm.*\n.*--rate/);
  expect(await run('k6', 'nowhere')).toMatchObject({ code: 2, stderr: expect.stringContaining('nowhere is neither') });
  const bound = await run('k6', 'jwt-dpop');
  expect(bound).toMatchObject({ code: 2, stderr: expect.stringContaining('needs a proof signed for each request') });
  await run('k6', writeConfig('session', {}), '--out', 'unset.js');
  await expect(sentBy('unset.js', {}, () => ({}))).rejects.toThrow('set SHOP_PASSWORD: k6 run -e SHOP_PASSWORD=…');
});
