/** Finds out how to use a running service by trying common requests, and makes a configuration of it. */

import type { Answer, Call, Endpoint } from '../../bench/gate/http.ts';
import { TollgateError, usageError } from '../../core/errors.ts';
import type { Place, Request } from '../config/request-schema.ts';
import type { ServiceConfig } from '../config/schema.ts';
import type { ServiceUser } from '../config/service.ts';
import {
  type Ask,
  credentialsBeforeLogin,
  type LoggedIn,
  loggedInFrom,
  logIn,
  loginCall,
  shown,
} from '../flow/login.ts';
import { type ClientCredentials, callOf, NOTHING } from '../flow/requests.ts';
import { isSuccess } from '../flow/success.ts';
import { SEARCH_LIMITS, type Search, type SearchLimits, startSearch } from './ask.ts';
import { textsIn } from './csrf.ts';
import { loginIn } from './form.ts';
import { findLogout, withStatus } from './logout.ts';

export interface Asked {
  readonly url: URL;
  readonly endpoint: Endpoint;
  readonly user: ServiceUser;
  /** The path of the login; null tries common ones. */
  readonly login: string | null;
  readonly guarded: string | null;
  /** The environment variable with the password. */
  readonly passwordVariable: string;
  /** Interrupts the search, which may send hundreds of requests. */
  readonly signal: AbortSignal;
  readonly limits?: SearchLimits;
}

interface Searched extends Asked {
  /** Sends a request of this search. */
  readonly send: Ask;
}

const ask = ({ endpoint, send }: Searched, call: Call): Promise<Answer> => send(endpoint, call);

/** Tried below these, and below the path of the URL. */
const PREFIXES = ['', '/api', '/auth', '/api/auth', '/api/v1', '/api/v1/auth', '/v1', '/users', '/api/users'];
const NOUNS = { login: ['/login', '/signin', '/sign-in', '/session', '/sessions'], logout: ['/logout', '/signout'] };
const LOGINS = [
  ...PREFIXES.flatMap((prefix) => NOUNS.login.map((path) => prefix + path)),
  ...['/login/', '/login.php'],
  // Django's and Devise's.
  ...['/accounts/login/', '/users/sign_in'],
];
const TOKENS = ['/oauth/token', '/oauth2/token', '/connect/token', '/token', '/api/token'];
const GUARDED = [
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
const LOGOUTS = [
  ...PREFIXES.flatMap((prefix) => NOUNS.logout.map((path) => prefix + path)),
  ...['/logout/', '/logout.php', '/sign-out', '/accounts/logout/'],
];
const CSRF_TOKENS = ['', '/api', '/auth', '/api/auth'].flatMap((prefix) =>
  ['/csrf', '/csrf-token', '/csrf_token', '/csrfToken'].map((path) => prefix + path),
);
const PUBLIC = ['/', '/healthz', '/health', '/public'];
const NAMES = ['username', 'email', 'user', 'login'];

type Body = Pick<Request, 'json' | 'form' | 'headers'>;

/** Bodies of a login, the most common first. */
function bodies(): Body[] {
  const fields = NAMES.map((name) => ({ [name]: '{{username}}', password: '{{password}}' }));
  return [...fields.map((json) => ({ json })), ...fields.map((form) => ({ form }))];
}

/** Requests to an OAuth token endpoint (RFC 6749 §2.3.1, §4.3, §4.4). */
const GRANTS: readonly Body[] = [
  { form: { grant_type: 'client_credentials', client_id: '{{username}}', client_secret: '{{password}}' } },
  { headers: { authorization: 'Basic {{basic}}' }, form: { grant_type: 'client_credentials' } },
  { form: { grant_type: 'password', username: '{{username}}', password: '{{password}}' } },
];

const OWN_HEADERS = ['x-auth-token', 'x-access-token', 'x-session-token', 'x-token'];
const TOKEN_HEADERS = ['authorization', ...OWN_HEADERS];

/** Where a reply to a login may hold the credential: a token by its form or name, else a cookie that scripts cannot read. */
function credentialsIn({ json, cookies, header }: Answer, held: ClientCredentials['cookies'] = []): Place[] {
  const texts = textsIn(json).filter(([pointer, text]) => text.length >= 16 && !/refresh|csrf/i.test(pointer));
  const isToken = ([pointer, text]: [string, string]) =>
    /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text) || /token|jwt/i.test(pointer);
  const kept = cookies.filter(({ deletes }) => !deletes);
  const ordered = kept.toSorted((a, b) => Number(b.attributes.has('httponly')) - Number(a.attributes.has('httponly')));
  return [
    ...texts.filter(isToken).map(([pointer]): Place => ({ json: pointer })),
    ...TOKEN_HEADERS.flatMap((name): Place[] => (header(name) === null ? [] : [{ header: name }])),
    ...(/[?&#]access_token=/.test(header('location') ?? '') ? [{ parameter: 'access_token' }] : []),
    ...ordered.map(({ name }): Place => ({ cookie: name })),
    // Except a session that began before the login and was not replaced by it.
    ...held.filter(({ name }) => !cookies.some((cookie) => cookie.name === name)).map(({ name }) => ({ cookie: name })),
  ];
}

type Login = ServiceConfig['login'];

interface Found {
  readonly login: Login;
  readonly guarded: Request;
  readonly session: LoggedIn;
  readonly reply: Answer;
}

/** @throws {TollgateError} in one line: what was not found, and the flag that specifies it; or that a limit was reached */
export async function discover(asked: Asked): Promise<ServiceConfig> {
  const search = startSearch(asked.signal, asked.limits ?? SEARCH_LIMITS);
  try {
    const config = await discoverBy({ ...asked, signal: search.signal, send: named(search.ask) });
    return (await worksAlike(asked, config, search)) ? config : { ...config, headers: { 'user-agent': AGENT } };
  } finally {
    search.finish();
  }
}

/** Some services refuse requests without this header, or bind sessions to it. */
const AGENT = 'tollgate';

const named =
  (send: Ask): Ask =>
  (endpoint, call, timeoutMs) => {
    const { headers = {} } = call;
    const pairs: (readonly [string, string])[] = Array.isArray(headers) ? [...headers] : Object.entries(headers);
    return send(endpoint, { ...call, headers: [['user-agent', AGENT], ...pairs] }, timeoutMs);
  };

/** Whether the service can be used as found without the name of a client. */
async function worksAlike(
  { endpoint, user }: Asked,
  { login, requests }: ServiceConfig,
  { ask, signal }: Search,
): Promise<boolean> {
  try {
    const session = await logIn({ login }, endpoint, user, { ask });
    return isSuccess(requests.guarded, await ask(endpoint, callOf(requests.guarded, session)));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TollgateError) return false;
    throw error;
  }
}

async function discoverBy(asked: Searched): Promise<ServiceConfig> {
  const { user, url } = asked;
  const found = await findLogin(asked);
  const { login, guarded, session, reply } = found;
  const identity = textsIn(reply.json).find(([, text]) => text === user.username)?.[0] ?? null;
  const open = await firstOf(
    below(asked, PUBLIC).map((path): Request => ({ path })),
    async (request) => {
      if (request.path === guarded.path) return false;
      return (await ask(asked, callOf(request, NOTHING))).status === 200;
    },
  );
  const ending = await findLogout(
    { endpoint: asked.endpoint, ask: asked.send, signal: asked.signal, ...found },
    below(asked, LOGOUTS),
    below(asked, CSRF_TOKENS),
  );
  return {
    $schema: './service.schema.json',
    name: 'service',
    urls: [url.origin],
    users: [{ username: user.username, password: { env: asked.passwordVariable } }],
    login: ending?.login ?? login,
    requests: {
      guarded,
      ...(open === null ? {} : { public: open }),
      ...(ending === null ? {} : { logout: ending.logout }),
    },
    ...(identity === null || session.user.username === '' ? {} : { identity }),
  };
}

/** Logins to try at a path, the most common first: that of its page, if that has a login form. */
async function* loginsAt(asked: Searched, path: string): AsyncGenerator<Pick<Login, 'request' | 'before'>> {
  const page = await ask(asked, callOf({ path }, NOTHING));
  const own = page.status === 200 ? loginIn(path, page.text) : null;
  if (own !== null) yield own;
  const isToken = TOKENS.some((token) => path.endsWith(token));
  for (const body of isToken ? GRANTS : bodies()) yield { request: { method: 'POST', path, ...body } };
}

async function findLogin(asked: Searched): Promise<Found> {
  const { user } = asked;
  const statuses = new Set<number>();
  let nearest: string | null = null;
  for (const path of asked.login === null ? below(asked, [...LOGINS, ...TOKENS]) : [asked.login]) {
    for await (const { request, before } of loginsAt(asked, path)) {
      const form = { login: { request, credential: { cookie: 'none' }, ...(before === undefined ? {} : { before }) } };
      const held = await credentialsBeforeLogin(form, NOTHING, (call) => ask(asked, call));
      const answer = await ask(asked, loginCall(form, user, held));
      statuses.add(answer.status);
      if (answer.status === 404 || answer.status === 405) break;
      if (answer.status >= 400) continue;
      const found = await foundWith(
        asked,
        { ...form.login, request: withStatus(request, answer.status) },
        answer,
        held,
      );
      if (found !== null) return found;
      if (credentialsIn(answer, held.cookies).length > 0)
        nearest ??= `POST ${shown(request.path)} returned ${answer.status}, but no guarded path that was tried accepts what it gave`;
    }
  }
  const what = `no working login was found (responses: ${[...statuses].sort().join(', ')})`;
  throw usageError(
    nearest === null ? what : `${what}: ${nearest}`,
    nearest === null
      ? 'give the paths with --login and --guarded, and check the username and the password; or write service.json by hand'
      : 'give a path that needs a login with --guarded, and check the username and the password; or write service.json by hand',
  );
}

const below = ({ url }: Searched, paths: readonly string[]): string[] => {
  const base = url.pathname.replace(/\/+$/, '');
  return paths.map((path) => base + path);
};

/** The credential in the reply to a login, and the request that it authorises. */
async function foundWith(asked: Searched, form: Login, answer: Answer, held: ClientCredentials): Promise<Found | null> {
  const { user } = asked;
  for (const credential of credentialsIn(answer, held.cookies)) {
    const login = { ...form, credential };
    const session = loggedInFrom({ login }, user, answer, held.cookies);
    if (session instanceof TollgateError) continue;
    const guarded = await findGuarded(asked, session, credential);
    if (guarded === null) continue;
    // A client sends all its cookies: the credential is the first one without which the request is refused.
    if ('cookie' in credential && (await isAccepted(asked, guarded.guarded, without(session, credential.cookie))))
      continue;
    return { login, session, ...guarded };
  }
  return null;
}

const without = (session: LoggedIn, name: string): LoggedIn => ({
  ...session,
  cookies: session.cookies.filter((cookie) => cookie.name !== name),
});

const isAccepted = async (asked: Searched, request: Request, holding: ClientCredentials): Promise<boolean> =>
  isSuccess(request, await ask(asked, callOf(request, holding)));

/** A token of a header of its own goes back in that header; any other as a bearer token, or in a usual header. */
function asks(path: string, credential: Place): Request[] {
  const having = (name: string): Request => ({ path, headers: { [name]: '{{token}}' } });
  if ('header' in credential && credential.header !== 'authorization') return [having(credential.header), { path }];
  return 'cookie' in credential ? [{ path }] : [{ path }, ...OWN_HEADERS.map(having)];
}

async function findGuarded(
  asked: Searched,
  session: LoggedIn,
  credential: Place,
): Promise<{ readonly guarded: Request; readonly reply: Answer } | null> {
  const { guarded } = asked;
  for (const path of guarded === null ? below(asked, GUARDED) : [guarded]) {
    if (await isAccepted(asked, { path }, NOTHING)) continue;
    for (const request of asks(path, credential)) {
      const reply = await ask(asked, callOf(request, session));
      if (isSuccess(request, reply)) return { guarded: request, reply };
      if (reply.status === 404) break;
    }
  }
  return null;
}

async function firstOf<T>(items: readonly T[], fits: (item: T) => Promise<boolean>): Promise<T | null> {
  for (const item of items) if (await fits(item)) return item;
  return null;
}
