/** Discovery of services that expect more of their clients than a JSON body and a cookie. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { makeCertificate } from '../../bench/fleet/certificate.ts';
import { discover } from '../../target/discover/discover.ts';

const CLI = join(import.meta.dirname, '../../cli/main.ts');
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function portOf(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

type Serve = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const listener =
  (serve: Serve): RequestListener =>
  (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => serve(request, response, body));
  };

async function found(serve: Serve, guarded: string | null = null, requests = 5000) {
  const port = await portOf(createServer(listener(serve)));
  return discover({
    url: new URL(`http://127.0.0.1:${port}`),
    endpoint: { host: '127.0.0.1', port, certificate: null },
    user: { username: 'alice', password: 'open-sesame' },
    login: null,
    guarded,
    passwordVariable: 'TARGET_PASSWORD',
    signal: new AbortController().signal,
    limits: { requests, ms: 60_000 },
  });
}

const isAlice = (body: string) => body.includes('alice') && body.includes('open-sesame');
const TOKEN = 'c2d1a0f4e5b697886950a4b3c2d1e0ff';

const withHeader: Serve = ({ method, url, headers }, response, body) => {
  if (url === '/api/login' && method === 'POST' && isAlice(body))
    return response.writeHead(201).end(JSON.stringify({ data: { token: TOKEN } }));
  if (url === '/api/login') return response.writeHead(401).end();
  if (url !== '/api/me' && url !== '/api/things') return response.writeHead(404).end();
  if (headers['x-auth-token'] === TOKEN && url === '/api/me') return response.end('{"name":"alice"}');
  return response.writeHead(401).end();
};

it('finds a token of the reply that goes back in a header other than Authorization', async () => {
  const { login, requests } = await found(withHeader);
  expect(login).toMatchObject({ request: { path: '/api/login', status: 201 }, credential: { json: '/data/token' } });
  expect(requests.guarded).toEqual({ path: '/api/me', headers: { 'x-auth-token': '{{token}}' } });
});

it('says that a login worked if only the guarded path is missing', async () => {
  await expect(found(withHeader, '/api/things')).rejects.toThrow(
    /^no working login was found \(responses: .*\): POST \/api\/login returned 201, but no guarded path that was tried/,
  );
});

const session: Serve = ({ method, url, headers }, response, body) => {
  const isIn = headers.cookie?.includes(`sid=${TOKEN}`) === true;
  if (url === '/login' && method === 'POST' && isAlice(body))
    return response.setHeader('set-cookie', `sid=${TOKEN}; HttpOnly`).end('{}');
  if (url === '/login') return response.writeHead(401).end();
  if (url === '/me') return response.writeHead(isIn ? 200 : 401).end('{"name":"alice"}');
  return response.writeHead(404).end();
};

it('names a client in the file only if the service asks for one', async () => {
  expect((await found(session)).headers).toBeUndefined();
  const asking: Serve = (request, response, body) => {
    if (request.headers['user-agent'] === undefined) return response.writeHead(400).end();
    return session(request, response, body);
  };
  expect((await found(asking)).headers).toEqual({ 'user-agent': 'tollgate' });
});

it('ends with a clear line if the service limits requests before a login is found', async () => {
  const limiting: Serve = (_, response) => response.writeHead(429, { 'retry-after': '60' }).end();
  await expect(found(limiting)).rejects.toMatchObject({
    message: 'GET /login returned 429: the service limits requests, and the search was ended',
    hint: 'raise its limit for this run, or try again in 60 s',
  });
});

it('keeps the name of a client with which it found the login if a limit hides whether it is needed', async () => {
  const limiting: Serve = (request, response, body) => {
    if (request.headers['user-agent'] === undefined && request.url === '/login') return response.writeHead(429).end();
    return session(request, response, body);
  };
  expect(await found(limiting)).toMatchObject({
    headers: { 'user-agent': 'tollgate' },
    requests: { guarded: { path: '/me' } },
  });
});

it('keeps what it found at its limit of requests, wherever that is reached', async () => {
  let requests = 0;
  let first = 0;
  const counting: Serve = (request, ...all) => {
    requests++;
    // The first login without a name of a client comes once a login and a guarded request are found.
    if (request.headers['user-agent'] === undefined && first === 0) first = requests;
    return session(request, ...all);
  };
  const whole = await found(counting);
  const needed = requests;
  const same = { ...whole, urls: expect.anything() };
  const named = { ...same, headers: { 'user-agent': 'tollgate' }, requests: { guarded: { path: '/me' } } };
  const before = first - 1;
  for (const [most, kept] of [
    [needed, same],
    [needed - 1, same],
    [before + 2, same],
    [before + 1, named],
    [before, named],
  ] as const) {
    requests = 0;
    expect(await found(counting, null, most)).toEqual(kept);
    expect(requests).toBe(most);
  }
  await expect(found(counting, null, before - 1)).rejects.toThrow(`was ended after ${before - 1} requests`);
});

it('finds the pages of Django', async () => {
  const django: Serve = ({ method, url, headers }, response, body) => {
    const isIn = headers.cookie?.includes(`sessionid=${TOKEN}`) === true;
    const mayPost = headers.cookie?.includes('csrftoken=k4') === true && body.includes('csrfmiddlewaretoken=m4');
    if (url === '/accounts/login/' && method === 'GET')
      return response
        .setHeader('set-cookie', 'csrftoken=k4')
        .end(
          '<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="m4"><input name="username"><input type="password" name="password"></form>',
        );
    if (url === '/accounts/login/')
      return mayPost && isAlice(body)
        ? response
            .writeHead(302, { location: '/accounts/profile/', 'set-cookie': `sessionid=${TOKEN}; HttpOnly` })
            .end()
        : response.writeHead(403).end();
    if (url === '/accounts/profile/') return response.writeHead(isIn ? 200 : 302).end('<h1>alice</h1>');
    return response.writeHead(404).end();
  };
  const { login, requests } = await found(django);
  expect(login).toMatchObject({
    before: { request: { path: '/accounts/login/' }, csrf: { html: 'csrfmiddlewaretoken' } },
    request: { path: '/accounts/login/', status: 302 },
    credential: { cookie: 'sessionid' },
  });
  expect(requests.guarded).toEqual({ path: '/accounts/profile/' });
});

it('trusts a certificate that a local service signed itself, if it is told to', async () => {
  const { privateKey, certificate } = makeCertificate();
  const port = await portOf(createTlsServer({ key: privateKey, cert: certificate }, listener(session)));
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-test-init-'));
  const env = { ...process.env, TARGET_USERNAME: 'alice', TARGET_PASSWORD: 'open-sesame', NO_COLOR: '1' };
  const init = (...more: string[]) =>
    promisify(execFile)(process.execPath, [CLI, 'target', 'init', ...more], { cwd: folder, env });
  try {
    const file = join(folder, 'service.json');
    await expect(init('--url', `https://127.0.0.1:${port}`)).rejects.toThrow('--insecure-loopback');
    await expect(init('--url', `http://127.0.0.1:${port}`)).rejects.toThrow('speaks HTTPS on this port');
    const plain = `https://127.0.0.1:${await portOf(createServer(listener(session)))}`;
    await expect(init('--url', plain, '--insecure-loopback')).rejects.toThrow(
      /no TLS handshake with port .*\n *it does not speak HTTPS on this port: use http:/,
    );
    expect(existsSync(file)).toBe(false);
    await init('--url', `https://127.0.0.1:${port}`, '--insecure-loopback');
    const config = JSON.parse(readFileSync(file, 'utf8')) as object;
    expect(config).toMatchObject({ urls: [`https://127.0.0.1:${port}`], requests: { guarded: { path: '/me' } } });
    await expect(init('--url', `http://127.0.0.1:${port}`, '--insecure-loopback')).rejects.toThrow('needs https');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
