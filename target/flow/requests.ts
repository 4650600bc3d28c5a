/** The requests of a service, built from its configuration and a client's credentials. Pure. */

import { usageError } from '../../core/errors.ts';
import { type Origin, originIn, type Request } from '../config/origins.ts';
import { fill, fillAll, placeholdersIn, type Values } from '../config/placeholders.ts';
import { HEADER_TEXT } from '../config/request-sense.ts';
import type { ServiceConfig } from '../config/schema.ts';
import type { ServiceCall } from './endpoint.ts';

export interface Cookie {
  readonly name: string;
  readonly value: string;
  /** The host that set it, and gets it; absent for that of the service. */
  readonly host?: string;
}

/** The credentials of a client after a login. */
export interface ClientCredentials {
  readonly cookies: readonly Cookie[];
  readonly token: string | null;
  readonly csrf: string | null;
  readonly refreshToken: string | null;
  /** What the steps of its login kept, by name. */
  readonly kept?: Readonly<Record<string, string>>;
  /** Whose it is, if that is known. */
  readonly user?: { readonly username: string; readonly password: string };
}

export const NOTHING: ClientCredentials = { cookies: [], token: null, csrf: null, refreshToken: null };

function valuesOf({ token, csrf, refreshToken, user, kept }: ClientCredentials): Values {
  return {
    ...kept,
    ...(user === undefined ? {} : { username: user.username, password: user.password }),
    ...(token === null ? {} : { token }),
    ...(csrf === null ? {} : { csrf }),
    ...(refreshToken === null ? {} : { refreshToken }),
  };
}

export const cookieHeader = (cookies: ClientCredentials['cookies']): string =>
  cookies.map(({ name, value }) => `${name}=${value}`).join('; ');

/**
 * A client that has no token sends no header for it: an empty one may be taken for a credential.
 * @throws TollgateError (usage) if a value does not fit into a header
 */
function filledHeaders(request: Request, values: Values): Record<string, string> {
  const isFilled = ([, text]: [string, string]) => placeholdersIn(text).every((name) => values[name] !== undefined);
  return Object.fromEntries(
    Object.entries(request.headers ?? {})
      .filter(isFilled)
      .map(([name, text]) => {
        const value = fill(text, values);
        if (!HEADER_TEXT.test(value))
          throw usageError(`the header ${name} would contain a line break`, 'check the source of its placeholder');
        return [name.toLowerCase(), value];
      }),
  );
}

/** The path of a request, and the other origin that it goes to. */
type Way = Pick<ServiceCall, 'path' | 'to'>;

const at = (path: string, to: Origin | undefined): Way => (to === undefined ? { path } : { path, to });

/**
 * Fills a path. A value that begins it is a path itself, or the URL of one, and stays as it is. A URL at one of the origins goes
 * there; the path of any other goes to the service.
 */
export function wayOf({ path, origins = [] }: Pick<Request, 'path' | 'origins'>, values: Values): Way {
  const origin = originIn(path);
  if (origin !== null) {
    const rest = path.slice(path.indexOf('/', path.indexOf('//') + 2));
    const to = origins.find(({ url }) => url.origin === origin);
    return at(fill(rest, values, encodeURIComponent), to);
  }
  const [first = ''] = /^\{\{[^{}]*\}\}/.exec(path) ?? [];
  const rest = fill(path.slice(first.length), values, encodeURIComponent);
  const start = fill(first, values);
  if (first === '' || !URL.canParse(start + rest, 'http://service')) return { path: first === '' ? rest : '/' };
  const kept = new URL(start + rest, 'http://service');
  const to = origins.find(({ url }) => url.origin === kept.origin);
  return at(kept.pathname + kept.search, to);
}

/**
 * A configured request for a client that holds these values. A token without a placeholder is sent as a bearer token.
 */
export function callOf(request: Request, holding: ClientCredentials, more: Values = {}): ServiceCall {
  const known = { ...valuesOf(holding), ...more };
  const { username, password } = known;
  // RFC 7617, and the client_secret_basic of RFC 6749.
  const basic = Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64');
  const values = username === undefined || password === undefined ? known : { ...known, basic };
  const headers = filledHeaders(request, values);
  const places = placeholdersIn(request);
  const way = wayOf(request, values);
  const cookies = holding.cookies.filter(({ host = null }) => host === (way.to?.otherHost ?? null));
  if (holding.token !== null && !places.includes('token')) headers.authorization ??= `Bearer ${holding.token}`;
  if (cookies.length > 0) headers.cookie = cookieHeader(cookies);
  const call = { method: request.method ?? 'GET', ...way, headers };
  if (request.json !== undefined) return { ...call, json: fillAll(request.json, values) };
  if (request.form === undefined) return call;
  const form = Object.entries(request.form).map(([name, value]): [string, string] => [name, fill(value, values)]);
  return {
    ...call,
    body: { type: 'application/x-www-form-urlencoded', text: new URLSearchParams(form).toString() },
  };
}

/** The name of the cookie that is the credential; null if it is a token. */
export function cookieOf({ credential }: Pick<ServiceConfig['login'], 'credential'>): string | null {
  return 'cookie' in credential ? credential.cookie : null;
}
