/** Discovery of how a service renews credentials, with real services in this process. */
import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { discovered } from '../support/services/discovering.ts';
import { type Asked, type Handler, PASSWORD, type Reply } from '../support/services/portal.ts';

const random = () => randomBytes(24).toString('hex');

interface Kind {
  readonly path: string;
  readonly login: (access: string, refresh: string) => Partial<Reply>;
  readonly renewed: (access: string, refresh: string) => Partial<Reply>;
  readonly sent: (asked: Asked) => unknown;
  /** Gives new credentials that nothing accepts. */
  readonly isBroken?: boolean;
}

/** Refresh tokens are for one use. */
function renewing({ path, login, renewed, sent, isBroken = false }: Kind): Handler {
  const live = new Set<string>();
  const refreshes = new Set<string>();
  const given = (form: Kind['login'], isLive: boolean) => {
    const [access, refresh] = [random(), random()];
    if (isLive) live.add(access);
    refreshes.add(refresh);
    return { status: 200, ...form(access, refresh) };
  };
  return (asked) => {
    const { route, text, bearer } = asked;
    if (route === 'POST /api/login')
      return text.includes('alice') && text.includes(PASSWORD) ? given(login, true) : { status: 401 };
    if (route === `POST ${path}`)
      return refreshes.delete(String(sent(asked))) ? given(renewed, !isBroken) : { status: 401 };
    if (route !== 'GET /api/me') return { status: 404 };
    return live.has(bearer) ? { status: 200, text: '{"name":"alice"}' } : { status: 401 };
  };
}

const jsonOf = ({ text }: Asked) => JSON.parse(text) as Record<string, unknown>;
const text = (value: object) => ({ text: JSON.stringify(value) });

const inJson: Kind = {
  path: '/api/token/refresh',
  login: (token, refreshToken) => text({ token, refreshToken }),
  renewed: (token, refreshToken) => text({ data: { token, refreshToken } }),
  sent: (asked) => jsonOf(asked).refreshToken,
};

it('finds a refresh token in JSON, and where the reply to the refresh has the new one', async () => {
  const { login, requests } = await discovered(renewing(inJson));
  expect(login).toMatchObject({
    credential: { json: '/token' },
    refreshToken: { json: '/refreshToken' },
    renewed: { credential: { json: '/data/token' }, refreshToken: { json: '/data/refreshToken' } },
  });
  expect(requests.refresh).toEqual({
    method: 'POST',
    path: '/api/token/refresh',
    json: { refreshToken: '{{refreshToken}}' },
  });
});

it('finds a refresh token in a cookie', async () => {
  const reply: Kind['login'] = (token, refresh) => ({ ...text({ token }), cookies: [`refresh=${refresh}; HttpOnly`] });
  const { login, requests } = await discovered(
    renewing({ path: '/api/refresh', login: reply, renewed: reply, sent: ({ cookies }) => cookies.get('refresh') }),
  );
  expect(login).toMatchObject({ credential: { json: '/token' }, refreshToken: { cookie: 'refresh' } });
  expect(login.renewed).toBeUndefined();
  expect(requests.refresh).toEqual({ method: 'POST', path: '/api/refresh' });
});

it('finds the token endpoint that the reply to the login names', async () => {
  const reply: Kind['login'] = (access_token, refresh_token) =>
    text({ access_token, refresh_token, token_endpoint: '/renewals/new' });
  const { requests } = await discovered(
    renewing({
      path: '/renewals/new',
      login: reply,
      renewed: reply,
      sent: (asked) =>
        asked.text.startsWith('grant_type=refresh_token&') && new URLSearchParams(asked.text).get('refresh_token'),
    }),
  );
  expect(requests.refresh).toEqual({
    method: 'POST',
    path: '/renewals/new',
    form: { grant_type: 'refresh_token', refresh_token: '{{refreshToken}}' },
  });
});

it('declares no refresh whose new credential is refused', async () => {
  const { login, requests } = await discovered(renewing({ ...inJson, isBroken: true }));
  expect(requests.refresh).toBeUndefined();
  expect(login.refreshToken).toBeUndefined();
});

/** What discovery asks and tells, in order. */
function heard() {
  const lines: string[] = [];
  return { lines, listener: { tries: (line: string) => lines.push(line), finds: (line: string) => lines.push(line) } };
}

/** Counts the logins that work, has a logout, and answers any other request by `also` first. */
function around(kind: Kind, also: (asked: Asked, logins: number) => Reply | null) {
  const serve = renewing(kind);
  const ended = new Set<string>();
  const logins: string[] = [];
  const handler: Handler = (asked) => {
    const { route, bearer } = asked;
    const special = also(asked, logins.length);
    if (special !== null) return special;
    if (route === 'POST /logout') ended.add(bearer);
    if (route === 'POST /logout') return { status: 204 };
    if (ended.has(bearer)) return { status: 401 };
    const reply = serve(asked);
    if (route === 'POST /api/login' && reply.status === 200) logins.push(route);
    return reply;
  };
  return { handler, logins };
}

const own = { login: '/api/login', guarded: '/api/me' };
const LOGOUT = { method: 'POST', path: '/logout', status: 204 };

it('makes few logins at a service that accepts any request, and keeps what it found', async () => {
  const { handler, logins } = around(inJson, ({ route }) =>
    route.startsWith('POST') && !['POST /api/login', 'POST /logout'].includes(route)
      ? { status: 200, text: '{}' }
      : null,
  );
  const { requests } = await discovered(handler, own);
  expect(requests).toMatchObject({ guarded: { path: '/api/me' }, logout: LOGOUT });
  expect(requests.refresh).toBeUndefined();
  expect(logins.length).toBeLessThan(12);
});

it('leaves a path that accepts the refresh token and renews nothing', async () => {
  const { handler } = around({ ...inJson, path: '/refresh' }, ({ route }) =>
    ['POST /api/refresh', 'POST /api/login/refresh'].includes(route) ? { status: 200, text: '{}' } : null,
  );
  const { requests } = await discovered(handler, own);
  expect(requests.refresh).toMatchObject({ path: '/refresh' });
});

it.each([
  ['a limit of requests', '/api/refresh', 429],
  ['no new login', '/api/login', 403],
])('keeps what it found if the search for a refresh meets %s', async (_, path, status) => {
  const { lines, listener } = heard();
  let isFound = false;
  const { handler } = around(inJson, ({ route }) => {
    isFound ||= lines.includes('logout: POST /logout');
    return isFound && route === `POST ${path}` ? { status } : null;
  });
  const { headers, login, requests } = await discovered(handler, { ...own, listener });
  expect(requests).toEqual({ guarded: { path: '/api/me' }, logout: LOGOUT });
  expect([headers, login.refreshToken]).toEqual([undefined, undefined]);
  expect(lines.at(-1)).toMatch(/^refresh: (?:unknown, since POST \/api\/refresh returned 429|nothing was found)/);
});

it('keeps the login and the guarded request if the search for a logout meets a limit, and says why it ended', async () => {
  const { lines, listener } = heard();
  const { handler } = around(inJson, ({ route }) => (route === 'POST /logout' ? { status: 429 } : null));
  const { headers, requests } = await discovered(handler, { ...own, listener });
  expect([headers, requests]).toEqual([undefined, { guarded: { path: '/api/me' } }]);
  expect(lines.filter((line) => line.startsWith('logout:'))).toEqual([
    'logout: unknown, since POST /logout returned 429: the service limits requests, and the search was ended; ' +
      'raise its limit for this run, or try again later',
  ]);
});

it('logs in once for a logout if that is refused', async () => {
  const { lines, listener } = heard();
  let refused = 0;
  const { handler } = around(inJson, ({ route }) => {
    if (route !== 'POST /api/login' || !lines.some((line) => line.startsWith('public:'))) return null;
    refused++;
    return { status: 403 };
  });
  const { requests } = await discovered(handler, { ...own, listener });
  expect(requests).toEqual({ guarded: { path: '/api/me' } });
  // The other one is for a refresh.
  expect(refused).toBe(2);
});

it('tells each part once it is found', async () => {
  const { lines, listener } = heard();
  await discovered(around(inJson, () => null).handler, { ...own, listener });
  const at = (text: string) => lines.findIndex((line) => line.startsWith(text));
  expect(at('public: ')).toBeLessThan(at('POST /logout'));
  expect(at('logout: POST /logout')).toBeLessThan(at('POST /api/refresh'));
  expect(at('refresh: POST /api/token/refresh')).toBe(lines.length - 1);
});

it('tells names of the service in one line', async () => {
  const { lines, listener } = heard();
  const reply: Kind['login'] = (token) => text({ 'token\n\u001b[2J': token });
  await discovered(around({ ...inJson, login: reply }, () => null).handler, { ...own, listener });
  expect(lines.find((line) => line.startsWith('login:'))).toContain('in the text at /token');
  expect(lines.filter((line) => /\p{Cc}/u.test(line))).toEqual([]);
});

/** Renew by the access token, whatever the refresh token is. */
const CARELESS: readonly [where: string, reply: Kind['login']][] = [
  ['JSON', inJson.login],
  ['a cookie', (token, refresh) => ({ ...text({ token }), cookies: [`refresh=${refresh}; HttpOnly`] })],
];

it.each(CARELESS)('declares no refresh that takes a wrong refresh token in %s', async (_, login) => {
  const live = new Set<string>();
  const handler: Handler = ({ route, text: body, bearer }) => {
    const renews = route === 'POST /api/refresh' && live.delete(bearer);
    if (renews || (route === 'POST /api/login' && body.includes(PASSWORD))) {
      const access = random();
      live.add(access);
      return { status: 200, ...login(access, random()) };
    }
    if (route !== 'GET /api/me') return { status: 404 };
    return live.has(bearer) ? { status: 200, text: '{"name":"alice"}' } : { status: 401 };
  };
  const { requests } = await discovered(handler, own);
  expect(requests).toEqual({ guarded: { path: '/api/me' } });
});

it('takes an endpoint that the login names only from the same origin', async () => {
  const routes: string[] = [];
  const at = (endpoint: (host: string) => string): Handler => {
    const { handler } = around({ ...inJson, path: '/renewals/new' }, (asked) => {
      routes.push(asked.route);
      return null;
    });
    return (asked) => {
      const reply = handler(asked);
      if (asked.route !== 'POST /api/login' || reply.status !== 200) return reply;
      const more = { refresh_url: endpoint(asked.headers.host ?? '') };
      return { ...reply, text: JSON.stringify({ ...JSON.parse(reply.text ?? ''), ...more }) };
    };
  };
  const { requests } = await discovered(
    at((host) => `http://${host}/renewals/new`),
    own,
  );
  expect(requests.refresh).toMatchObject({ path: '/renewals/new' });
  routes.splice(0);
  // Its host is other.example, and that of the service is a username.
  await discovered(
    at((host) => `http://${host}@other.example/renewals/new`),
    own,
  );
  expect(routes.filter((route) => route.includes('renewals'))).toEqual([]);
});

it('sends no time and no type of a refresh token in place of the token', async () => {
  const sent: string[] = [];
  const others = {
    refreshExpiresAt: '2026-11-30T17:00:00.000Z',
    refreshed_at: 'a-day-and-an-hour-of-it',
    refreshTokenType: 'urn:ietf:params:oauth',
    refreshDay: '2026-11-30T17:00:00.001Z',
  };
  const reply: Kind['login'] = (token, refreshToken) => text({ token, ...others, refreshToken });
  const { handler } = around({ ...inJson, login: reply }, (asked) => {
    sent.push(asked.text);
    return null;
  });
  const { login } = await discovered(handler, own);
  expect(login.refreshToken).toEqual({ json: '/refreshToken' });
  for (const other of Object.values(others)) expect(sent.filter((body) => body.includes(other))).toEqual([]);
});
