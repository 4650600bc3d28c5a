/** Discovery must not lock its user out. */
import { expect, it } from 'vitest';
import { isLocked, MOST_FAILED_LOGINS } from '../../target/discover/attempts.ts';
import { discovered } from '../support/services/discovering.ts';
import { type Handler, PASSWORD, type Reply } from '../support/services/portal.ts';

/** Counts requests with the password of the user. */
function counting(serve: Handler) {
  const logins: string[] = [];
  const handler: Handler = (asked) => {
    if (asked.text.includes(PASSWORD)) logins.push(asked.route);
    return serve(asked);
  };
  return { handler, logins };
}

const REFUSALS: readonly [what: string, reply: Reply][] = [
  ['401', { status: 401, text: 'wrong password' }],
  ['a redirect to the login', { status: 302, location: '/login' }],
  ['a page with status 200', { status: 200, text: 'wrong password' }],
];

it.each(REFUSALS)('stops at its number of failed logins if every path refuses them with %s', async (_, refused) => {
  const { handler, logins } = counting(({ route }) => (route.startsWith('POST') ? refused : { status: 404 }));
  await expect(discovered(handler)).rejects.toThrow(
    /^no working login was found \(responses: \d+\); after 10 logins no more are tried, since that may lock the user out/,
  );
  expect(logins.length).toBe(MOST_FAILED_LOGINS);
});

it('finds the one login of a service that refuses every request to other paths', async () => {
  const { handler, logins } = counting(({ route, text, cookies }) => {
    const isIn = cookies.get('sid') === 'c2d1a0f4e5b69788';
    if (route === 'GET /api/v1/me' && isIn) return { status: 200, text: '{"name":"alice"}' };
    if (route !== 'POST /api/v1/login')
      return { status: 401, text: `{"error":"no credential","path":"${route}","at":${performance.now()}}` };
    const { user, password } = JSON.parse(text || '{}') as { user?: string; password?: string };
    if (user !== 'alice' || password !== PASSWORD) return { status: 401, text: '{"error":"wrong password"}' };
    return { status: 200, text: '{}', cookies: ['sid=c2d1a0f4e5b69788; HttpOnly'] };
  });
  const { login, requests } = await discovered(handler);
  expect(login).toMatchObject({ request: { path: '/api/v1/login' }, credential: { cookie: 'sid' } });
  expect(requests.guarded).toEqual({ path: '/api/v1/me' });
  // No other path was sent a password.
  expect(new Set(logins)).toEqual(new Set(['POST /api/v1/login']));
});

const LOCKS: readonly [what: string, reply: Reply][] = [
  ['status 423', { status: 423 }],
  ['a sentence', { status: 403, text: '{"error":"Your account is locked"}' }],
  ['another one', { status: 401, text: 'Too many failed login attempts' }],
];

it.each(LOCKS)('ends at once, in a clear line, if the service speaks by %s of a lock', async (_, locked) => {
  const { handler, logins } = counting(({ route }) => (route === 'POST /login' ? locked : { status: 404 }));
  await expect(discovered(handler)).rejects.toMatchObject({
    message: `POST /login returned ${locked.status}: the service reports that the account is locked, and the search was ended`,
    hint: expect.stringContaining('unlock the user, or wait'),
  });
  expect(logins).toEqual(['POST /login']);
});

it.each([
  '{"error":"user not found","locked":false}',
  '{"error":"no such user","account locked":false}',
  'Wrong password: one more attempt before your account is locked',
  'After 3 more your account will be locked.',
  'Your account is not locked, but the password is wrong',
  '<p>no such user</p><p>locked</p>',
])('takes no other text for a lock: %s', (text) => {
  expect(isLocked({ status: 401, text })).toBe(false);
});

it.each([
  '{"code":17,"message":"The user alice has been locked out"}',
  'Could not log in: your account was locked until 17:00.',
  'Account locked: try again later',
  'You are locked out',
])('takes a text for a lock: %s', (text) => {
  expect(isLocked({ status: 401, text })).toBe(true);
});

it('names a path without its query, which may hold a token', async () => {
  const lines: string[] = [];
  const listener = { tries: (line: string) => lines.push(line), finds: (line: string) => lines.push(line) };
  const form =
    '<form method="post" action="/enter?csrf=s3cr3t"><input name="user"><input type="password" name="pass"></form>';
  const serve =
    (entered: Reply): Handler =>
    ({ route, cookies }) => {
      if (route === 'GET /login') return { status: 200, text: form };
      if (route === 'POST /enter') return entered;
      if (route !== 'GET /me') return { status: 404 };
      return { status: cookies.get('sid') === 'c2d1a0f4e5b69788' ? 200 : 401 };
    };
  const cookies = ['sid=c2d1a0f4e5b69788; HttpOnly'];
  const { login } = await discovered(serve({ status: 200, cookies }), { listener });
  expect(login.request.path).toBe('/enter?csrf=s3cr3t');
  expect(lines).toContain('login: POST /enter, with its credential in the cookie sid');
  expect(lines.filter((line) => line.includes('s3cr3t'))).toEqual([]);
  const other = { status: 200, cookies: ['sid=another-session-id'] };
  for (const [reply, message] of [
    [{ status: 423 }, 'POST /enter returned 423: the service reports that the account is locked'],
    [{ status: 429 }, 'POST /enter returned 429: the service limits requests'],
    [other, 'POST /enter returned 200, but no guarded path'],
  ] as const) {
    const failed = discovered(serve(reply));
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.not.toThrow('s3cr3t');
  }
});
