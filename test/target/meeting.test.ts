/** An answer of a service that contradicts its configuration ends in one clear error. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createRawServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import { TollgateError } from '../../core/errors.ts';
import { parseService } from '../../target/config/service.ts';
import { meet } from '../../target/gate/subject.ts';
import { preparedFor } from '../../target/measure/fleet.ts';

const servers: { close(): unknown; closeAllConnections?(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

async function portOf(server: Server | ReturnType<typeof createRawServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function service(port: number, more: { credential?: object; status?: number; identity?: string } = {}) {
  const config = {
    name: 'shop',
    urls: [`http://127.0.0.1:${port}`],
    users: [{ username: 'alice', password: { env: 'PASSWORD' } }],
    login: {
      request: {
        method: 'POST',
        path: '/login',
        json: { u: '{{username}}', p: '{{password}}' },
        ...(more.status === undefined ? {} : { status: more.status }),
      },
      credential: more.credential ?? { cookie: 'sid' },
    },
    requests: { guarded: { path: '/me' } },
    ...(more.identity === undefined ? {} : { identity: more.identity }),
  };
  const env = { PASSWORD: 'correct-horse' };
  return parseService('service.json', JSON.stringify(config), { folder: '.', env });
}

/** @returns message and hint, or null without an error */
async function faultOf(port: number, more?: Parameters<typeof service>[1]): Promise<string | null> {
  try {
    await meet(service(port, more), { host: '127.0.0.1', port, certificate: null });
    return null;
  } catch (error) {
    if (!(error instanceof TollgateError)) throw error;
    expect(error.message).not.toMatch(/\n|correct-horse|s3cr3t/);
    return `${error.message} (${error.hint})`;
  }
}

/** A service with this answer to its login; it guards /me by the cookie sid. */
const serving = (login: RequestListener): Promise<number> =>
  portOf(
    createServer((request, response) => {
      request.resume();
      if (request.url === '/login') return void login(request, response);
      response.statusCode = request.headers.cookie?.includes('sid=') === true ? 200 : 401;
      response.end('{"name":"alice"}');
    }),
  );

it('reports a login without a credential, by names only', async () => {
  const port = await serving((_, response) => response.setHeader('set-cookie', 'other=s3cr3t').end('{"ok":true}'));
  expect(await faultOf(port)).toBe(
    'the login returned 200 and without a cookie sid: the reply has the cookies other and JSON with ok (correct login.credential)',
  );
  expect(await faultOf(port, { credential: { json: '/data/token' } })).toMatch(/without a text at \/data\/token/);
});

it('reports a login that redirects, and accepts it if the configuration says so', async () => {
  const port = await serving((_, response) =>
    response.writeHead(302, { location: '/home?s3cr3t', 'set-cookie': 'sid=s3cr3t' }).end(),
  );
  expect(await faultOf(port)).toBe(
    'the login of alice returned 302, a redirect to /home (if that is its success, set login.request.status to 302; else correct /login or the password)',
  );
  expect(await faultOf(port, { status: 302 })).toBeNull();
});

it.each([
  [401, 'correct the username or the password'],
  [404, 'correct login.request: its path'],
  [429, 'raise its limit for this run'],
  [503, 'see the output of the service'],
])('says what to do if a login is answered with %d', async (status, hint) => {
  const port = await serving((_, response) => response.writeHead(status).end());
  expect(await faultOf(port)).toContain(`the login of alice returned ${status}`);
  expect(await faultOf(port)).toContain(hint);
});

it('reads chunked, compressed and closed answers', async () => {
  const port = await portOf(
    createServer((request, response) => {
      request.resume();
      response.setHeader('connection', 'close');
      response.setHeader('content-encoding', 'gzip');
      if (request.url === '/login') {
        const packed = gzipSync('{"token":"abc"}');
        response.write(packed.subarray(0, 7));
        response.end(packed.subarray(7));
        return;
      }
      response.statusCode = request.headers.authorization === 'Bearer abc' ? 200 : 403;
      response.end(gzipSync('{"name":"alice"}'));
    }),
  );
  expect(await faultOf(port, { credential: { json: '/token' }, identity: '/name' })).toBeNull();
});

it('reports that a guarded request is not guarded', async () => {
  const port = await portOf(createServer((_, response) => void response.end()));
  expect(await faultOf(port)).toMatch(/^the guarded request \/me returned 200 without a credential/);
});

it('reports that a cookie is replaced with every answer', async () => {
  let current = 0;
  const port = await portOf(
    createServer((request, response) => {
      request.resume();
      if (request.url !== '/login' && request.headers.cookie !== `sid=${current}`) response.statusCode = 401;
      else response.setHeader('set-cookie', `sid=${++current}`);
      response.end();
    }),
  );
  expect(await faultOf(port)).toMatch(/^the service replaces its cookie with every response and refuses the old one/);
});

it.each([
  ['a header of 100 kB', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`, /response head exceeds/],
  ['a body of 1 GB', 'HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n', /response body exceeds/],
  ['something else than HTTP', 'SSH-2.0-OpenSSH_9.0\r\n\r\n', /not an HTTP\/1.1 response/],
  [
    'a header that moves the cursor',
    'HTTP/1.1 200 \u001b[2J\r\nset-cookie: sid=\u001b]0;x\r\ncontent-length: 0\r\n\r\n',
    /./,
  ],
])('limits an answer with %s', async (_, answer, message) => {
  const port = await portOf(
    createRawServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => socket.write(answer));
    }),
  );
  const fault = await faultOf(port);
  expect(fault).toMatch(message);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be shown
  expect(fault).not.toMatch(/[\u0000-\u001f]/);
});

it('limits a body that never ends, and one that is small until it is decompressed', async () => {
  const endless = await portOf(
    createServer((_, response) => {
      const chunk = Buffer.alloc(1024 * 1024, 'x');
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      more();
    }),
  );
  expect(await faultOf(endless)).toMatch(/response body exceeds/);
  const bomb = await portOf(
    createServer((_, response) => {
      response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
    }),
  );
  expect(await faultOf(bomb)).toMatch(/response body exceeds \d+ bytes once decoded/);
});

it('repeats no request of a service that closes the connection after each, or answers differently the second time', async () => {
  const sound = await serving((_, response) => response.setHeader('set-cookie', 'sid=s3cr3t').end());
  const prepared = (port: number) =>
    preparedFor(service(port), 'guarded', [{ host: '127.0.0.1', port, certificate: null }], 2);
  expect((await prepared(sound)).map(({ expectedStatus }) => expectedStatus)).toEqual([200, 200]);
  const port = await portOf(
    createServer((request, response) => {
      request.resume();
      response.setHeader('connection', 'close');
      response.setHeader('set-cookie', 'sid=s3cr3t').end();
    }),
  );
  await expect(prepared(port)).rejects.toThrow(/closes the connection after a response to GET \/me/);
  let asked = 0;
  const once = await portOf(
    createServer((request, response) => {
      request.resume();
      if (request.url === '/me' && asked++ > 0) response.statusCode = 429;
      response.setHeader('set-cookie', 'sid=s3cr3t').end();
    }),
  );
  await expect(prepared(once)).rejects.toThrow(/GET \/me of shop returned 429/);
});
