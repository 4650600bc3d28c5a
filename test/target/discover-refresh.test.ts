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
