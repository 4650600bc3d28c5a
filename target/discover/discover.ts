/** Finds out how a running service is used, by trying usual requests, and makes a configuration of it. */

import type { Answer, Endpoint } from '../../bench/gate/http.ts';
import { runError, TollgateError, usageError } from '../../core/errors.ts';
import { escapePointer } from '../../core/text/pointer.ts';
import type { Place, Request, ServiceConfig } from '../config/schema.ts';
import { isSuccess, type ServiceUser } from '../config/service.ts';
import { type LoggedIn, loggedInFrom, loginCall, sent, shown } from '../flow/login.ts';
import { callOf, NOTHING } from '../flow/requests.ts';

export interface Asked {
  readonly url: URL;
  readonly endpoint: Endpoint;
  readonly user: ServiceUser;
  /** The path of the login; null tries the usual ones. */
  readonly login: string | null;
  readonly guarded: string | null;
  /** The environment variable that holds the password. */
  readonly passwordVariable: string;
}

const LOGINS = ['/login', '/api/login', '/auth/login', '/api/auth/login', '/session', '/signin'];
const GUARDED = ['/me', '/account', '/profile', '/user', '/api/me', '/api/user', '/api/profile', '/auth/me'];
const LOGOUTS = ['/logout', '/api/logout', '/auth/logout', '/api/auth/logout', '/signout'];
const PUBLIC = ['/', '/healthz', '/health', '/public'];
const NAMES = ['username', 'email', 'user', 'login'];

/** Bodies of a login, the most usual first. */
function bodies(): Pick<Request, 'json' | 'form'>[] {
  const fields = NAMES.map((name) => ({ [name]: '{{username}}', password: '{{password}}' }));
  return [...fields.map((json) => ({ json })), ...fields.map((form) => ({ form }))];
}

const paths = (value: unknown, at = ''): [pointer: string, text: string][] => {
  if (typeof value === 'string') return [[at, value]];
  if (typeof value !== 'object' || value === null || at.split('/').length > 5) return [];
  return Object.entries(value).flatMap(([name, inner]) => paths(inner, `${at}/${escapePointer(name)}`));
};

/** Where a reply to a login may hold the credential: a token by its form or name, else a cookie that scripts cannot read. */
export function credentialsIn({ json, cookies }: Answer): Place[] {
  const texts = paths(json).filter(([pointer, text]) => text.length >= 16 && !/refresh|csrf/i.test(pointer));
  const isToken = ([pointer, text]: [string, string]) =>
    /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text) || /token|jwt/i.test(pointer);
  const kept = cookies.filter(({ deletes }) => !deletes);
  const ordered = kept.toSorted((a, b) => Number(b.attributes.has('httponly')) - Number(a.attributes.has('httponly')));
  return [
    ...texts.filter(isToken).map(([pointer]): Place => ({ json: pointer })),
    ...ordered.map(({ name }): Place => ({ cookie: name })),
  ];
}

interface Found {
  readonly login: ServiceConfig['login'];
  readonly guarded: Request;
  readonly session: LoggedIn;
  readonly reply: Answer;
}

/** @throws TollgateError in one line that says what was not found, and which flag names it */
export async function discover(asked: Asked): Promise<ServiceConfig> {
  const { endpoint, user, url } = asked;
  const found = await findLogin(asked);
  const { login, guarded, session, reply } = found;
  const identity = paths(reply.json).find(([, text]) => text === user.username)?.[0] ?? null;
  const open = await firstOf(
    PUBLIC.map((path): Request => ({ path })),
    async (request) => {
      if (request.path === guarded.path) return false;
      return (await sent(endpoint, callOf(request, NOTHING))).status === 200;
    },
  );
  const logout = await findLogout(asked, found);
  return {
    $schema: './service.schema.json',
    name: 'service',
    urls: [url.origin],
    users: [{ username: user.username, password: { env: asked.passwordVariable } }],
    login,
    requests: {
      guarded,
      ...(open === null ? {} : { public: open }),
      ...(logout === null ? {} : { logout }),
    },
    ...(identity === null || session.user.username === '' ? {} : { identity }),
  };
}

async function findLogin(asked: Asked): Promise<Found> {
  const { endpoint, user } = asked;
  const statuses = new Set<number>();
  for (const path of asked.login === null ? LOGINS : [asked.login]) {
    for (const body of bodies()) {
      const request: Request = { method: 'POST', path, ...body };
      const form = { login: { request, credential: { cookie: 'none' } } };
      const answer = await sent(endpoint, loginCall(form, user));
      statuses.add(answer.status);
      if (answer.status === 404 || answer.status === 405) break;
      if (answer.status === 429) throw runError(`the login ${shown(path)} returned 429`, 'try again later');
      if (answer.status >= 400) continue;
      const done = answer.status === 200 ? request : { ...request, status: answer.status };
      for (const credential of credentialsIn(answer)) {
        const login = { request: done, credential };
        const session = loggedInFrom({ login }, user, answer);
        if (session instanceof TollgateError) continue;
        const guarded = await findGuarded(asked, session);
        if (guarded !== null) return { login, session, ...guarded };
      }
    }
  }
  throw usageError(
    `no working login was found (responses: ${[...statuses].sort().join(', ')})`,
    'give the paths with --login and --guarded, and check the username and the password; or write service.json by hand',
  );
}

async function findGuarded(
  { endpoint, guarded }: Asked,
  session: LoggedIn,
): Promise<{ readonly guarded: Request; readonly reply: Answer } | null> {
  for (const path of guarded === null ? GUARDED : [guarded]) {
    const request: Request = { path };
    if ((await sent(endpoint, callOf(request, NOTHING))).status === 200) continue;
    const reply = await sent(endpoint, callOf(request, session));
    if (isSuccess(request, reply.status)) return { guarded: request, reply };
  }
  return null;
}

/** One that ends a session: whatever else is at such a path is left out. */
async function findLogout({ endpoint }: Asked, { login, guarded, session }: Found): Promise<Request | null> {
  for (const path of LOGOUTS) {
    const request: Request = { method: 'POST', path };
    const again = await sent(endpoint, loginCall({ login }, session.user));
    const fresh = loggedInFrom({ login }, session.user, again);
    if (fresh instanceof TollgateError) return null;
    const { status } = await sent(endpoint, callOf(request, fresh));
    if (status >= 400) continue;
    const after = await sent(endpoint, callOf(guarded, fresh));
    if (!isSuccess(guarded, after.status)) return status === 200 ? request : { ...request, status };
  }
  return null;
}

async function firstOf<T>(items: readonly T[], fits: (item: T) => Promise<boolean>): Promise<T | null> {
  for (const item of items) if (await fits(item)) return item;
  return null;
}
