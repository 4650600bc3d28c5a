/** Discovery of logins that need a CSRF token, with real services in this process. */
import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { judged } from '../support/judged.ts';
import { discovered } from '../support/services/discovering.ts';
import { type Asked, type Handler, PASSWORD, type Reply } from '../support/services/portal.ts';

const random = () => randomBytes(24).toString('hex');

interface Kind {
  /** A cookie with a token, and whatever else a reply to the routes below gives. */
  readonly pages: Readonly<Record<string, (token: string) => Partial<Reply>>>;
  /** The token that a request sends. */
  readonly sent: (asked: Asked) => unknown;
  /** Whether the token is that of a cookie with this name; else that of the client's session. */
  readonly cookie?: string;
}

const bodyOf = ({ text }: Asked): Record<string, unknown> => JSON.parse(text || '{}') as Record<string, unknown>;

/** A service that refuses every POST without a token, even at paths that it does not have. */
function protectedBy({ pages, sent, cookie }: Kind): Handler {
  const tokens = new Map<string, string>();
  const users = new Map<string, string>();
  return (asked) => {
    const { route, cookies } = asked;
    const id = cookies.get('sid') ?? random();
    const token = (cookie === undefined ? tokens.get(id) : cookies.get(cookie)) ?? random();
    tokens.set(id, token);
    const page = pages[route];
    const session = `sid=${id}; Path=/; HttpOnly; SameSite=Lax`;
    if (page !== undefined)
      return {
        status: 200,
        ...page(token),
        cookies: [session, ...(cookie === undefined ? [] : [`${cookie}=${token}; Path=/`])],
      };
    if (route.startsWith('POST') && (sent(asked) !== token || (cookie !== undefined && !cookies.has(cookie))))
      return { status: 403, text: 'no CSRF token' };
    if (route === 'POST /api/login') {
      const { email, password } = bodyOf(asked);
      if (typeof email !== 'string' || !['alice', 'bob'].includes(email) || password !== PASSWORD)
        return { status: 401, text: 'wrong password' };
      const fresh = random();
      users.delete(id);
      users.set(fresh, email);
      tokens.set(fresh, random());
      return { status: 200, text: '{}', cookies: [`sid=${fresh}; Path=/; HttpOnly; SameSite=Lax`] };
    }
    const user = users.get(id);
    if (route === 'GET /api/me')
      return user === undefined ? { status: 401 } : { status: 200, text: `{"name":"${user}"}` };
    if (route !== 'POST /api/logout') return { status: 404 };
    users.delete(id);
    return { status: 204 };
  };
}

const json = { email: '{{username}}', password: '{{password}}' };

const KINDS: readonly [what: string, kind: Kind, login: object, logout: object][] = [
  [
    'a cookie of the start page, sent in a header (double submit)',
    { cookie: 'XSRF-TOKEN', pages: { 'GET /': () => ({}) }, sent: ({ headers }) => headers['x-xsrf-token'] },
    {
      before: { request: { path: '/' }, csrf: { cookie: 'XSRF-TOKEN' } },
      request: { headers: { 'x-xsrf-token': '{{csrf}}' }, json },
      csrf: { cookie: 'XSRF-TOKEN' },
    },
    { headers: { 'x-xsrf-token': '{{csrf}}' } },
  ],
  [
    'a header of the reply to a GET',
    {
      pages: { 'GET /': (token) => ({ headers: { 'X-CSRF-Token': token } }) },
      sent: ({ headers }) => headers['x-csrf-token'],
    },
    {
      before: { request: { path: '/' }, csrf: { header: 'x-csrf-token' } },
      request: { headers: { 'x-csrf-token': '{{csrf}}' }, json },
      after: { request: { path: '/' }, csrf: { header: 'x-csrf-token' } },
    },
    { headers: { 'x-csrf-token': '{{csrf}}' } },
  ],
  [
    'a meta element of the login page',
    {
      pages: { 'GET /api/login': (token) => ({ text: `<meta name="csrf-token" content="${token}">` }) },
      sent: ({ headers }) => headers['x-csrf-token'],
    },
    {
      before: { request: { path: '/api/login' }, csrf: { html: 'csrf-token' } },
      request: { headers: { 'x-csrf-token': '{{csrf}}' }, json },
      after: { request: { path: '/api/login' }, csrf: { html: 'csrf-token' } },
    },
    { headers: { 'x-csrf-token': '{{csrf}}' } },
  ],
  [
    'a request of its own, sent in the JSON body',
    {
      pages: { 'GET /api/csrf-token': (token) => ({ text: `{"csrfToken":"${token}"}` }) },
      sent: (asked) => bodyOf(asked).csrfToken,
    },
    {
      before: { request: { path: '/api/csrf-token' }, csrf: { json: '/csrfToken' } },
      request: { json: { ...json, csrfToken: '{{csrf}}' } },
      after: { request: { path: '/api/csrf-token' }, csrf: { json: '/csrfToken' } },
    },
    { json: { csrfToken: '{{csrf}}' } },
  ],
];

it.each(KINDS)('finds the token of a login in %s', async (_, kind, login, logout) => {
  let failed = 0;
  const service = protectedBy(kind);
  const found = await discovered((asked) => {
    const reply = service(asked);
    if (asked.text.includes(PASSWORD) && reply.status >= 400) failed++;
    return reply;
  });
  expect(found.login).toEqual({
    credential: { cookie: 'sid' },
    ...login,
    request: { method: 'POST', path: '/api/login', ...(login as { request: object }).request },
  });
  expect(found.requests).toMatchObject({
    guarded: { path: '/api/me' },
    logout: { method: 'POST', path: '/api/logout', ...logout, status: 204 },
  });
  // The first body has another name for the user; what the token is was found without a password.
  expect(failed).toBe(1);
  const {
    failed: faults,
    details,
    passed,
  } = await judged(protectedBy(kind), { login: found.login, requests: found.requests, identity: '/name' });
  expect(faults, details).toEqual([]);
  expect(passed).toEqual(expect.arrayContaining([23, 35, 104]));
});

/** A login that takes only one of the usual bodies, and pages beside it. It checks no token. */
function tokenless(pages: (route: string) => Partial<Reply> | null): Handler {
  const live = new Set<string>();
  return (asked) => {
    const { route, cookies } = asked;
    const page = pages(route);
    if (page !== null) return { status: 200, ...page };
    if (route === 'POST /api/login') {
      const { email, password } = bodyOf(asked);
      if (email !== 'alice' || password !== PASSWORD) return { status: 403, text: 'no' };
      const id = random();
      live.add(id);
      return { status: 200, cookies: [`sid=${id}; HttpOnly`] };
    }
    if (route !== 'GET /api/me') return { status: 404 };
    return live.has(cookies.get('sid') ?? '') ? { status: 200, text: '{"name":"alice"}' } : { status: 401 };
  };
}

const EMPTY: readonly [what: string, route: string, page: Partial<Reply>][] = [
  ['a meta element', 'GET /api/login', { text: '<meta name="csrf-token" content="">' }],
  ['a hidden field', 'GET /api/login', { text: '<input type="hidden" name="_csrf">' }],
  ['JSON', 'GET /csrf-token', { text: '{"csrfToken":""}' }],
  ['a header', 'GET /', { headers: { 'x-csrf-token': '' } }],
  ['a cookie', 'GET /', { cookies: ['csrf='] }],
];

it.each(EMPTY)('takes no empty text in %s for a token', async (_, empty, page) => {
  const { login } = await discovered(tokenless((route) => (route === empty ? page : null)));
  expect(login).toEqual({ credential: { cookie: 'sid' }, request: { method: 'POST', path: '/api/login', json } });
});

it('goes on if a page gives its token to its first client only', async () => {
  let asked = 0;
  const { login } = await discovered(
    tokenless((route) => {
      if (route !== 'GET /api/login') return null;
      return asked++ === 0 ? { text: `<meta name="csrf-token" content="${random()}">` } : {};
    }),
  );
  expect(login).toEqual({ credential: { cookie: 'sid' }, request: { method: 'POST', path: '/api/login', json } });
});

/** A login page whose form has an empty field, and what a login has to send in it. */
function scripted(head: string, expected: string): Handler {
  const id = random();
  const form =
    '<form method="post"><input type="hidden" name="_token"><input name="u"><input type="password" name="p">';
  return ({ route, text, cookies }) => {
    const sent = new URLSearchParams(text);
    if (route === 'GET /login') return { status: 200, text: `${head}${form}</form>` };
    if (route === 'POST /login')
      return sent.get('_token') === expected && sent.get('u') === 'alice' && sent.get('p') === PASSWORD
        ? { status: 200, cookies: [`sid=${id}; HttpOnly`] }
        : { status: 403 };
    if (route !== 'GET /me') return { status: 404 };
    return cookies.get('sid') === id ? { status: 200 } : { status: 401 };
  };
}

it('submits a form whose field for a token is empty', async () => {
  const { login } = await discovered(scripted('', ''));
  expect(login).toEqual({
    credential: { cookie: 'sid' },
    before: { request: { path: '/login' } },
    request: { method: 'POST', path: '/login', form: { _token: '', u: '{{username}}', p: '{{password}}' } },
  });
});

it('fills the empty field of a form with the token of its page, as a script would', async () => {
  const token = random();
  const { login } = await discovered(scripted(`<meta name="csrf-token" content="${token}">`, token));
  expect(login).toEqual({
    credential: { cookie: 'sid' },
    before: { request: { path: '/login' }, csrf: { html: 'csrf-token' } },
    request: { method: 'POST', path: '/login', form: { _token: '{{csrf}}', u: '{{username}}', p: '{{password}}' } },
  });
});
