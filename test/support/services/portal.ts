/**
 * Services in this process, each with two replicas that share their state: a portal whose pages have forms with CSRF
 * tokens, an API with refresh tokens in a cookie, and a GraphQL endpoint that refuses with status 200. Faults are planted by
 * name.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';

export const PASSWORD = 'open-sesame';
const SECRET = 'kU3vS0m3-l0ng-and-r4ther-r4nd0m-secret-of-a-t3st';
const USERS = ['alice', 'bob'];
const random = () => randomBytes(24).toString('hex');

export interface Asked {
  readonly route: string;
  readonly headers: IncomingHttpHeaders;
  /** Of the query. */
  readonly query: URLSearchParams;
  readonly cookies: ReadonlyMap<string, string>;
  readonly text: string;
  readonly bearer: string;
}

export interface Reply {
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly text?: string;
  readonly cookies?: readonly string[];
  readonly location?: string;
}

export type Handler = (asked: Asked) => Reply;

/** A page with forms: each has a token, with a copy in a script-readable cookie, and answers are redirects. */
export function portal(faults: readonly string[]): Handler {
  const sessions = new Map<string, string>();
  const language = 'lang=en; Path=/';
  return ({ route, cookies, text }) => {
    const form = new URLSearchParams(text);
    const id = cookies.get('sid') ?? '';
    const user = sessions.get(id);
    const csrf = cookies.get('csrf') ?? random();
    const kept = [language, `csrf=${csrf}; Path=/; SameSite=Lax`];
    const field = `<link href="/app/style.css"><input type="hidden" name="token" value="${csrf}">`;
    const login = `<form method="post">${field}<input name="user"><input name="pass" type="password"></form>`;
    const page = (status: number, body: string, more: Partial<Reply> = {}) => ({ status, text: body, ...more });
    const to = (location: string, more: Partial<Reply> = {}) => ({ status: 302, location, ...more });
    if (route === 'GET /') return page(200, '<h1>Shop</h1>', { cookies: kept });
    if (route === 'GET /login') return page(200, login, { cookies: kept });
    if (route.startsWith('POST') && (form.get('token') !== cookies.get('csrf') || form.get('token') === null))
      return page(403, 'no token');
    if (route === 'POST /login') {
      const name = form.get('user') ?? '';
      const isRight = form.get('pass') === PASSWORD || (faults.includes('password') && form.get('pass') !== '');
      if (!USERS.includes(name) || !isRight) return to('/login');
      const fresh = faults.includes('fixation') && id !== '' ? id : random();
      if (fresh !== id) sessions.delete(id);
      sessions.set(fresh, name);
      const attributes = `Path=/; SameSite=Lax${faults.includes('httponly') ? '' : '; HttpOnly'}`;
      return to('/home', {
        cookies: [language, `sid=${fresh}; ${attributes}`, `csrf=${random()}; Path=/; SameSite=Lax`],
      });
    }
    if (user === undefined) return to('/login');
    if (route === 'GET /home') return page(200, `<p>Hello ${user}</p>${field}`);
    if (route === 'POST /buy') return to('/orders/1');
    if (route === 'POST /logout' || (route === 'GET /logout' && faults.includes('link'))) {
      sessions.delete(id);
      return to('/', { cookies: ['sid=; Path=/; Max-Age=0'] });
    }
    return page(404, `no such page: ${route} <a href="/home/me">home</a>`);
  };
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const sign = (text: string) => createHmac('sha512', SECRET).update(text).digest('base64url');

/** Tokens without an id, so that those of one second are identical, and refresh tokens of families in a cookie. */
export function api(faults: readonly string[]): Handler {
  const families = new Map<string, { family: string; user: string; isUsed: boolean }>();
  const ended = new Set<string>();
  const given = (user: string, family: string) => {
    const refresh = random();
    families.set(refresh, { family, user, isUsed: false });
    const now = Math.floor(Date.now() / 1000);
    const signed = `${encode({ alg: 'HS512', typ: 'JWT' })}.${encode({ sub: user, iat: now, exp: now + 600 })}`;
    const readable = faults.includes('httponly') ? '' : '; HttpOnly';
    return {
      status: 200,
      text: JSON.stringify({ access: `${signed}.${sign(signed)}` }),
      cookies: [`refresh=${refresh}; Path=/auth; SameSite=Strict${readable}`],
    };
  };
  return ({ route, cookies, text, bearer }) => {
    if (route === 'POST /auth/login') {
      const { user, pass } = JSON.parse(text || '{}') as { user?: string; pass?: string };
      return USERS.includes(user ?? '') && pass === PASSWORD ? given(user ?? '', random()) : { status: 401 };
    }
    if (route === 'POST /auth/refresh') {
      const token = cookies.get('refresh') ?? '';
      const entry = families.get(token);
      if (entry === undefined || ended.has(entry.family)) return { status: 401 };
      if (entry.isUsed && !faults.includes('reuse')) {
        if (!faults.includes('family')) ended.add(entry.family);
        return { status: 401 };
      }
      entry.isUsed = true;
      return given(entry.user, entry.family);
    }
    const [header = '', claims = '', signature = ''] = bearer.split('.');
    if (header !== encode({ alg: 'HS512', typ: 'JWT' }) || signature !== sign(`${header}.${claims}`))
      return { status: 401 };
    if (Buffer.from(claims, 'base64url').toString('base64url') !== claims || ended.has(bearer)) return { status: 401 };
    const {
      sub,
      exp,
      nbf = 0,
    } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, number | string>;
    if (typeof exp !== 'number' || exp * 1000 < Date.now() || Number(nbf) * 1000 > Date.now()) return { status: 401 };
    if (route === `GET /users/${sub}`) return { status: 200, text: JSON.stringify({ name: sub }) };
    if (route !== 'POST /auth/logout') return { status: 404 };
    const entry = families.get(String((JSON.parse(text || '{}') as { refresh?: string }).refresh));
    if (entry === undefined) return { status: 400 };
    ended.add(entry.family);
    ended.add(bearer);
    return { status: 204 };
  };
}

/** One path for everything, which refuses with errors and status 200. */
export function graphql(faults: readonly string[]): Handler {
  const tokens = new Map<string, string>();
  const data = (value: object) => ({ status: 200, text: JSON.stringify({ data: value }) });
  const refused = () => ({
    status: 200,
    text: JSON.stringify({ errors: [{ message: 'Unauthenticated' }], data: null }),
  });
  return ({ text, bearer }) => {
    let asked: { query?: string; variables?: Record<string, string> };
    try {
      asked = JSON.parse(text) as typeof asked;
    } catch {
      return { status: 400 };
    }
    const { query = '', variables = {} } = asked;
    const user = tokens.get(bearer);
    if (query === '{hello}') return data({ hello: 'world' });
    if (query.startsWith('mutation($u')) {
      if (!USERS.includes(variables.u ?? '') || variables.p !== PASSWORD) return refused();
      const token = random();
      tokens.set(token, variables.u ?? '');
      return data({ login: { token } });
    }
    if (user === undefined) return refused();
    if (query === '{me{name}}') return data({ me: { name: user } });
    if (query === 'mutation{buy}') return data({ buy: true });
    if (!faults.includes('logout')) tokens.delete(bearer);
    return data({ logout: true });
  };
}

async function answer(handler: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const pairs = (request.headers.cookie ?? '').split('; ').map((pair) => /^([^=]*)=(.*)$/.exec(pair) ?? []);
  const cookies = new Map(pairs.map(([, name = '', value = '']) => [name, value]));
  const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const route = `${request.method} ${(request.url ?? '').replace(/[?].*$/, '')}`;
  let reply: Reply;
  try {
    const { headers, url = '' } = request;
    const query = new URLSearchParams(url.replace(/^[^?]*/, ''));
    reply = handler({ route, headers, query, cookies, text, bearer });
  } catch {
    reply = { status: 400 };
  }
  response.statusCode = reply.status;
  response.setHeader('cache-control', 'no-store');
  if (reply.cookies !== undefined) response.setHeader('set-cookie', reply.cookies);
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  if (reply.location !== undefined) response.setHeader('location', reply.location);
  response.end(reply.text ?? '');
}

export interface RunningPortal {
  readonly urls: readonly string[];
  stop(): void;
}

export async function serving(handler: Handler): Promise<RunningPortal> {
  const servers: Server[] = [0, 1].map(() =>
    createServer((request, response) => void answer(handler, request, response)).listen(0, '127.0.0.1'),
  );
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const urls = servers.map((server) => {
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  });
  return {
    urls,
    stop() {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

/** Configurations as the owner of each service would write them. */
export const CONFIGS = {
  portal: {
    login: {
      before: { request: { path: '/login' }, csrf: { html: 'token' } },
      request: {
        method: 'POST',
        path: '/login',
        form: { user: '{{username}}', pass: '{{password}}', token: '{{csrf}}' },
        status: 302,
        holds: { location: '/home' },
      },
      credential: { cookie: 'sid' },
      after: { request: { path: '/home' }, csrf: { html: 'token' } },
    },
    requests: {
      guarded: { path: '/home' },
      public: { path: '/' },
      critical: {
        method: 'POST',
        path: '/buy',
        form: { token: '{{csrf}}' },
        status: 302,
        holds: { location: '/orders/1' },
      },
      logout: { method: 'POST', path: '/logout', form: { token: '{{csrf}}' }, status: 302, holds: { location: '/' } },
    },
  },
  api: {
    login: {
      request: { method: 'POST', path: '/auth/login', json: { user: '{{username}}', pass: '{{password}}' } },
      credential: { json: '/access' },
      refreshToken: { cookie: 'refresh' },
    },
    requests: {
      guarded: { path: '/users/{{username}}' },
      refresh: { method: 'POST', path: '/auth/refresh' },
      logout: { method: 'POST', path: '/auth/logout', json: { refresh: '{{refreshToken}}' }, status: 204 },
    },
    identity: '/name',
    token: { key: { env: 'KEY' } },
  },
  graphql: {
    login: {
      request: {
        method: 'POST',
        path: '/graphql',
        json: {
          query: 'mutation($u:String!,$p:String!){login(u:$u,p:$p){token}}',
          variables: { u: '{{username}}', p: '{{password}}' },
        },
      },
      credential: { json: '/data/login/token' },
    },
    requests: {
      guarded: { method: 'POST', path: '/graphql', json: { query: '{me{name}}' } },
      public: { method: 'POST', path: '/graphql', json: { query: '{hello}' } },
      critical: { method: 'POST', path: '/graphql', json: { query: 'mutation{buy}' }, holds: { json: '/data/buy' } },
      logout: {
        method: 'POST',
        path: '/graphql',
        json: { query: 'mutation{logout}' },
        holds: { json: '/data/logout' },
      },
    },
    identity: '/data/me/name',
  },
} as const;

export const ENVIRONMENT = { PASSWORD, KEY: SECRET };
