/**
 * Services with two replicas in this process whose clients need more than one request for their credential, or other
 * headers: an authorization server with PKCE, a site behind a TLS-terminating proxy, and an API with a token in a header.
 * Faults are planted by name.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type Handler, PASSWORD } from './portal.ts';

const USERS = ['alice', 'bob'];
const random = () => randomBytes(24).toString('base64url');
const isRight = (user: string | null | undefined, password: string | null | undefined, faults: readonly string[]) =>
  USERS.includes(user ?? '') && (password === PASSWORD || (faults.includes('password') && password !== ''));
const json = (value: object, more: object = {}) => ({ status: 200, text: JSON.stringify(value), ...more });

/** The code is sent to another site, so that only the application's client can exchange it. Its API is open to all origins. */
export function authorization(faults: readonly string[]): Handler {
  const begun = new Map<string, { challenge: string; user: string }>();
  const codes = new Map<string, { challenge: string; user: string }>();
  const access = new Map<string, string>();
  const [refresh, used] = [new Map<string, string>(), new Map<string, string>()];
  const tokens = (user: string) => {
    const [token, next] = [random(), random()];
    access.set(token, user);
    refresh.set(next, user);
    return json({ access_token: token, refresh_token: next, user: { id: USERS.indexOf(user) } });
  };
  return ({ route, query, text, bearer, cookies, headers }) => {
    const form = new URLSearchParams(text);
    const id = cookies.get('interaction') ?? '';
    const going = begun.get(id);
    if (route === 'GET /keys') return json({}, { headers: { 'access-control-allow-origin': headers.origin ?? '*' } });
    if (route === 'GET /authorize') {
      const fresh = random();
      begun.set(fresh, { challenge: query.get('code_challenge') ?? '', user: '' });
      return { status: 303, location: `/login/${fresh}`, cookies: [`interaction=${fresh}; Path=/; HttpOnly`] };
    }
    if (going !== undefined && route === `GET /login/${id}`)
      return {
        status: 200,
        text: '<form method=post action=proof?x=1><input name=user><input name=pass type=password>',
      };
    if (going !== undefined && route === 'POST /login/proof') {
      if (!isRight(form.get('user'), form.get('pass'), faults)) return { status: 200, text: 'wrong' };
      going.user = form.get('user') ?? '';
      return { status: 303, location: `http://127.0.0.1/resume/${id}?a=b%20c` };
    }
    if (going !== undefined && route === `GET /resume/${id}` && query.get('a') === 'b c' && going.user !== '') {
      const code = random();
      codes.set(code, going);
      return { status: 303, location: `https://app.example/cb?code=${code}&state=1` };
    }
    if (route === 'POST /token') {
      const code = codes.get(form.get('code') ?? '');
      codes.delete(form.get('code') ?? '');
      const user = refresh.get(form.get('refresh_token') ?? '');
      if (user !== undefined) {
        if (!faults.includes('reuse')) refresh.delete(form.get('refresh_token') ?? '');
        used.set(form.get('refresh_token') ?? '', user);
        return tokens(user);
      }
      // A reuse ends all tokens that came from it.
      const victim = used.get(form.get('refresh_token') ?? '');
      for (const [token, owner] of refresh) if (owner === victim) refresh.delete(token);

      const challenge = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      return code === undefined || code.challenge !== challenge ? { status: 400 } : tokens(code.user);
    }
    const user = access.get(bearer);
    if (user === undefined) return { status: 401 };
    if (route === `GET /users/${USERS.indexOf(user)}`)
      return json({ name: user }, { headers: { 'access-control-allow-origin': headers.origin ?? '*' } });
    if (route !== 'POST /revoke') return { status: 404 };
    access.delete(bearer);
    for (const [token, owner] of refresh) if (owner === user) refresh.delete(token);
    return { status: 200 };
  };
}

/** A session for each visitor, set only over TLS, and a CSRF token for all changes. */
export function proxied(faults: readonly string[]): Handler {
  const sessions = new Map<string, { user: string; csrf: string }>();
  const name = faults.includes('open') || faults.includes('insecure') ? 'sid' : '__Host-sid';
  return ({ route, headers, cookies, text }) => {
    const isSafe = headers['x-forwarded-proto'] === 'https' || faults.includes('open');
    const id = cookies.get(name) ?? '';
    const session = sessions.get(id);
    const set = (user: string) => {
      const fresh = random();
      sessions.set(fresh, { user, csrf: random() });
      const secure = faults.includes('open') || faults.includes('insecure') ? '' : '; Secure';
      return isSafe ? { cookies: [`${name}=${fresh}; Path=/; HttpOnly; SameSite=Lax${secure}`] } : {};
    };
    const visit = session === undefined ? set('') : {};
    const cors = { 'access-control-allow-origin': headers.origin ?? '', 'access-control-allow-credentials': 'true' };
    const more = faults.includes('cors') ? { headers: cors } : {};
    if (route === 'GET /') return json({ hello: 'world' }, visit);
    if (route === 'POST /login') {
      const { user, password } = JSON.parse(text || '{}') as Record<string, string>;
      if (!isRight(user, password, faults)) return { status: 401, ...visit };
      if (faults.includes('fixation') && session !== undefined) {
        session.user = user ?? '';
        return { status: 201 };
      }
      sessions.delete(id);
      return { status: 201, ...set(user ?? '') };
    }
    if (session === undefined || session.user === '') return { status: 401, ...visit };
    if (route === 'GET /account') return json({ user: session.user }, more);
    if (route === 'GET /csrf') return json({ token: session.csrf });
    if (headers['x-csrf-token'] !== session.csrf && !faults.includes('csrf')) return { status: 403 };
    if (route === 'POST /buy') return { status: 201 };
    if (route !== 'POST /logout') return { status: 404 };
    if (!faults.includes('logout')) sessions.delete(id);
    return { status: 204, cookies: [`${name}=; Path=/; Secure; Max-Age=0`] };
  };
}

/** Hides its existence from unauthenticated requests. */
export function keyed(faults: readonly string[]): Handler {
  const tokens = new Map<string, string>();
  return ({ route, headers, query, text }) => {
    if (route === 'POST /login') {
      const { username, password } = JSON.parse(text || '{}') as Record<string, string>;
      if (!isRight(username, password, faults)) return { status: 401 };
      const token = random();
      tokens.set(token, username ?? '');
      return json({ ok: true }, { headers: { 'x-auth-token': token } });
    }
    const given = headers['x-auth-token'] ?? (faults.includes('url') ? query.get('token') : null);
    const user = tokens.get(String(given));
    if (user === undefined) return { status: 404 };
    if (route === 'GET /me') return json({ username: user });
    if (route !== 'DELETE /login') return { status: 404 };
    tokens.delete(String(given));
    return { status: 204 };
  };
}

/** Configurations as the owner of each service would write them. */
export const CONFIGS = {
  authorization: {
    login: {
      before: [
        {
          request: { path: '/authorize?client_id=app&code_challenge={{codeChallenge}}', status: 303 },
          keep: { page: { header: 'location' } },
        },
        { request: { path: '{{page}}' }, keep: { action: { form: 'pass' } } },
      ],
      request: {
        method: 'POST',
        path: '{{action}}',
        form: { user: '{{username}}', pass: '{{password}}' },
        status: 303,
      },
      keep: { next: { header: 'location' } },
      steps: [
        { request: { path: '{{next}}', status: 303 }, keep: { code: { parameter: 'code' } } },
        {
          request: {
            method: 'POST',
            path: '/token',
            form: { grant_type: 'authorization_code', code: '{{code}}', code_verifier: '{{codeVerifier}}' },
          },
          keep: { id: { json: '/user/id' } },
        },
      ],
      credential: { json: '/access_token' },
      refreshToken: { json: '/refresh_token' },
    },
    requests: {
      guarded: { path: '/users/{{id}}' },
      public: { path: '/keys' },
      refresh: {
        method: 'POST',
        path: '/token',
        form: { grant_type: 'refresh_token', refresh_token: '{{refreshToken}}' },
      },
      logout: { method: 'POST', path: '/revoke' },
    },
    identity: '/name',
  },
  proxied: {
    headers: { 'x-forwarded-proto': 'https' },
    login: {
      request: {
        method: 'POST',
        path: '/login',
        json: { user: '{{username}}', password: '{{password}}' },
        status: 201,
      },
      credential: { cookie: '__Host-sid' },
      after: { request: { path: '/csrf' }, csrf: { json: '/token' } },
    },
    requests: {
      guarded: { path: '/account' },
      public: { path: '/' },
      critical: { method: 'POST', path: '/buy', headers: { 'x-csrf-token': '{{csrf}}' }, status: 201 },
      logout: { method: 'POST', path: '/logout', headers: { 'x-csrf-token': '{{csrf}}' }, status: 204 },
    },
    identity: '/user',
  },
  keyed: {
    login: {
      request: { method: 'POST', path: '/login', json: { username: '{{username}}', password: '{{password}}' } },
      credential: { header: 'x-auth-token' },
    },
    requests: {
      guarded: { path: '/me', headers: { 'x-auth-token': '{{token}}' } },
      logout: { method: 'DELETE', path: '/login', headers: { 'x-auth-token': '{{token}}' }, status: 204 },
    },
    identity: '/username',
  },
} as const;
