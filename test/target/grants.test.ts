/** Services whose clients need several requests or other headers: the gate finds exactly the planted faults. */
import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { parseService } from '../../target/config/service.ts';
import { discover } from '../../target/discover/discover.ts';
import { endpointOf } from '../../target/flow/endpoint.ts';
import { logIn, sent } from '../../target/flow/login.ts';
import { judged as judgedBy } from '../support/judged.ts';
import { authorization, CONFIGS, keyed, proxied } from '../support/services/grants.ts';
import { ENVIRONMENT, type Handler, PASSWORD, serving } from '../support/services/portal.ts';

const SERVICES = { authorization, proxied, keyed };
const judged = (kind: keyof typeof SERVICES, faults: readonly string[] = [], own: object = {}) =>
  judgedBy(SERVICES[kind](faults), { ...CONFIGS[kind], ...own });

it('supports an authorization code with PKCE, and accepts open CORS headers with tokens', async () => {
  const [sound, holed] = await Promise.all([judged('authorization'), judged('authorization', ['reuse', 'password'])]);
  expect(sound.failed, sound.details).toEqual([]);
  expect(sound.passed).toEqual([23, 30, 38, 39, 41, 42, 43, 46, 49, 52, 101, 102, 104, 106]);
  expect(holed.failed, holed.details).toEqual([42, 104]);
});

/** The authorization server at one origin, and the API at another: neither answers what the other does. */
async function judgedApart(faults: readonly string[]) {
  const all = authorization(faults);
  const isOfProvider = /^(?:GET \/authorize|(?:GET|POST) \/login\/|GET \/resume\/|POST \/token|POST \/revoke)/;
  const provider = await serving((asked) => {
    if (!isOfProvider.test(asked.route)) return { status: 404 };
    const { location, ...reply } = all(asked);
    return { ...reply, ...(location === undefined ? {} : { location: location.replace('http://127.0.0.1/', '/') }) };
  });
  const [origin = ''] = provider.urls;
  const at = <T extends { readonly path: string }>(request: T) => ({ ...request, path: `${origin}${request.path}` });
  const { login, requests, identity } = CONFIGS.authorization;
  const [begin, page] = login.before;
  const [next, exchange] = login.steps;
  try {
    return await judgedBy((asked) => (isOfProvider.test(asked.route) ? { status: 500 } : all(asked)), {
      origins: [origin],
      identity,
      login: {
        ...login,
        before: [{ ...begin, request: at(begin.request) }, page],
        steps: [next, { ...exchange, request: at(exchange.request) }],
      },
      requests: { ...requests, refresh: at(requests.refresh), logout: at(requests.logout) },
    });
  } finally {
    provider.stop();
  }
}

it('follows a login at another origin, and asks only the service what it guards', async () => {
  const [sound, holed] = await Promise.all([judgedApart([]), judgedApart(['reuse', 'password'])]);
  expect(sound.failed, sound.details).toEqual([]);
  expect(sound.passed).toEqual([23, 30, 38, 39, 41, 42, 43, 46, 49, 52, 101, 102, 104, 106]);
  expect(holed.failed, holed.details).toEqual([42, 104]);
});

it('supports a site that needs the headers of its proxy, and finds cookies without Secure behind it', async () => {
  const insecure = { login: { ...CONFIGS.proxied.login, credential: { cookie: 'sid' } } };
  const [sound, holed, local] = await Promise.all([
    judged('proxied'),
    judged('proxied', ['insecure', 'csrf', 'cors'], insecure),
    judged('proxied', ['logout', 'fixation']),
  ]);
  expect(sound.failed, sound.details).toEqual([]);
  expect(sound.passed).toEqual(expect.arrayContaining([20, 21, 23, 32, 33, 34, 35, 36, 38, 55, 68, 104]));
  expect(holed.failed, holed.details).toEqual([32, 36, 38, 68]);
  expect(holed.details).toMatch(/32: sid has no Secure\n/);
  expect(local.failed, local.details).toEqual([20, 23, 55, 68]);
  expect(local.details).toContain('20: the login kept the id from before it');
});

it('sends no empty token, so that one in a URL is found, and counts 404 as a refusal', async () => {
  const [sound, holed] = await Promise.all([judged('keyed'), judged('keyed', ['url'])]);
  expect(sound.failed, sound.details).toEqual([]);
  expect(holed.failed, holed.details).toEqual([30]);
});

async function discovered(handler: Handler) {
  const running = await serving(handler);
  try {
    const url = new URL(running.urls[0] ?? '');
    const user = { username: 'alice', password: PASSWORD };
    const paths = {
      login: null,
      guarded: null,
      passwordVariable: 'TARGET_PASSWORD',
      signal: new AbortController().signal,
    };
    return await discover({ url, endpoint: endpointOf(url, null), user, ...paths });
  } finally {
    running.stop();
  }
}

it('discovers a logout that needs a CSRF token, and where that token is', async () => {
  const { login, requests } = await discovered(proxied(['open']));
  expect(login.after).toEqual({ request: { path: '/csrf' }, csrf: { json: '/token' } });
  expect(requests.logout).toEqual({
    method: 'POST',
    path: '/logout',
    headers: { 'x-csrf-token': '{{csrf}}' },
    status: 204,
  });
});

it('discovers a token in a header, and a logout that only deletes the cookie', async () => {
  const { login, requests } = await discovered(keyed([]));
  expect(login.credential).toEqual({ header: 'x-auth-token' });
  expect(requests).toEqual({ guarded: CONFIGS.keyed.requests.guarded, logout: CONFIGS.keyed.requests.logout });
  const local = await discovered(proxied(['open', 'csrf', 'logout']));
  expect(local.requests.logout).toEqual({ method: 'POST', path: '/logout', status: 204 });
});

it('reports that a service with HTTP/2 only is not supported', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const endpoint = { host: '127.0.0.1', port, certificate: null };
  try {
    await expect(sent(endpoint, { method: 'GET', path: '/' })).rejects.toMatchObject({
      hint: 'the service must support HTTP/1.1; HTTP/2 alone is not enough',
    });
  } finally {
    server.close();
  }
});

it('says which step of a login failed', async () => {
  const running = await serving(authorization([]));
  const failure = (login: object) => {
    const config = { name: 'shop', urls: running.urls, users: [{ username: 'alice', password: { env: 'PASSWORD' } }] };
    const all = { ...config, ...CONFIGS.authorization, login: { ...CONFIGS.authorization.login, ...login } };
    const service = parseService('service.json', JSON.stringify(all), { folder: '.', env: ENVIRONMENT });
    const [url = new URL('http://127.0.0.1')] = service.urls;
    const [user = { username: '', password: '' }] = service.users;
    return expect(logIn(service, endpointOf(url, null), user)).rejects;
  };
  const [first, second] = CONFIGS.authorization.login.steps;
  try {
    await failure({ steps: [{ ...first, keep: { code: { parameter: 'token' } } }, second] }).toMatchObject({
      message: 'the answer to GET {{next}} has no parameter token in a redirect',
      hint: 'correct login.steps[0].keep.code',
    });
    const forged = { ...second.request, form: { ...second.request.form, code_verifier: 'x' } };
    await failure({ steps: [first, { ...second, request: forged }] }).toMatchObject({
      message: 'POST /token returned 400',
      hint: 'correct login.steps[1].request: its path, or its status',
    });
  } finally {
    running.stop();
  }
});
