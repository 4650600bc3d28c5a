/** What services usually are like: their paths, the bodies of their logins, and the headers of their tokens. */
import type { Request } from '../config/request-schema.ts';

/** Tried below these, and below the path of the URL. */
const PREFIXES = ['', '/api', '/auth', '/api/auth', '/api/v1', '/api/v1/auth', '/v1', '/users', '/api/users'];
const NOUNS = { login: ['/login', '/signin', '/sign-in', '/session', '/sessions'], logout: ['/logout', '/signout'] };
export const LOGINS = [
  ...PREFIXES.flatMap((prefix) => NOUNS.login.map((path) => prefix + path)),
  ...['/login/', '/login.php'],
  // Django's and Devise's.
  ...['/accounts/login/', '/users/sign_in'],
];
export const TOKENS = ['/oauth/token', '/oauth2/token', '/connect/token', '/token', '/api/token'];
export const GUARDED = [
  ...PREFIXES.flatMap((prefix) => ['/me', '/account', '/profile', '/user'].map((path) => prefix + path)),
  ...[
    '/dashboard',
    '/userinfo',
    '/whoami',
    '/protected',
    '/profile/',
    '/accounts/profile/',
    '/account/',
    '/v1/whoami',
    '/home',
    '/index.php',
  ],
];
export const LOGOUTS = [
  ...PREFIXES.flatMap((prefix) => NOUNS.logout.map((path) => prefix + path)),
  ...['/logout/', '/logout.php', '/sign-out', '/accounts/logout/'],
];
export const REFRESHES = [
  ...['', '/api', '/auth', '/api/auth', '/api/v1', '/api/v1/auth'].flatMap((prefix) =>
    ['/refresh', '/token/refresh', '/refresh-token', '/refresh_token'].map((path) => prefix + path),
  ),
  // Of Django's simplejwt.
  '/api/token/refresh/',
];
export const CSRF_TOKENS = [
  ...['', '/api', '/auth', '/api/auth'].flatMap((prefix) =>
    ['/csrf', '/csrf-token', '/csrf_token', '/csrfToken'].map((path) => prefix + path),
  ),
  // Laravel's for single-page applications.
  '/sanctum/csrf-cookie',
];
export const PUBLIC = ['/', '/healthz', '/health', '/public'];
const NAMES = ['username', 'email', 'user', 'login'];

type Body = Pick<Request, 'json' | 'form' | 'headers'>;

/** Bodies of a login, the most common first. */
export function bodies(): Body[] {
  const fields = NAMES.map((name) => ({ [name]: '{{username}}', password: '{{password}}' }));
  return [...fields.map((json) => ({ json })), ...fields.map((form) => ({ form }))];
}

/** Requests to an OAuth token endpoint (RFC 6749 §2.3.1, §4.3, §4.4). */
export const GRANTS: readonly Body[] = [
  { form: { grant_type: 'client_credentials', client_id: '{{username}}', client_secret: '{{password}}' } },
  { headers: { authorization: 'Basic {{basic}}' }, form: { grant_type: 'client_credentials' } },
  { form: { grant_type: 'password', username: '{{username}}', password: '{{password}}' } },
];

export const OWN_HEADERS = ['x-auth-token', 'x-access-token', 'x-session-token', 'x-token'];
export const TOKEN_HEADERS = ['authorization', ...OWN_HEADERS];
