/** A check's request in the service's own words, and the reply in the contract's. */

import type { Answer, Call, Endpoint } from '../../bench/gate/http.ts';
import { TollgateError } from '../../core/errors.ts';
import { valueAt } from '../../core/text/pointer.ts';
import { CSRF_HEADER, ROUTES } from '../../servers/contract.ts';
import type { Request } from '../config/schema.ts';
import { isSuccess, type Service } from '../config/service.ts';
import { type Ask, loggedInFrom } from '../flow/login.ts';
import { callOf, cookieOf } from '../flow/requests.ts';

type Route = keyof typeof ROUTES;

/** Statuses that the contract has for success, other than 200. */
const SUCCESS: Readonly<Partial<Record<Route, number>>> = { logout: 204, logoutAll: 204, disableUser: 204 };
const FAILED = 500;
const TOO_MANY = 429;

/** The service's own request for each route; undefined where it has none. */
export function requestFor({ requests, login, launch }: Service, route: Route): Request | undefined {
  switch (route) {
    case 'me':
      return requests.guarded;
    case 'login':
      return login.request;
    case 'transfer':
      return requests.critical ?? requests.guarded;
    case 'healthz':
      return launch?.ready ?? requests.public;
    case 'disableUser':
      return undefined;
    default:
      return requests[route];
  }
}

/** The route that a path means, and what a check has put after it. */
export function routeIn(path: string): { readonly route: Route | null; readonly rest: string } {
  for (const [name, { path: known }] of Object.entries(ROUTES)) {
    if (path === known || (path.startsWith(known) && /^[?;]/.test(path.slice(known.length))))
      return { route: name as Route, rest: path.slice(known.length) };
  }
  return { route: null, rest: '' };
}

function extended(path: string, rest: string): string {
  return rest.startsWith('?') && path.includes('?') ? `${path}&${rest.slice(1)}` : `${path}${rest}`;
}

/** An answer of 5xx: to a bad credential it is a refusal, and a separate fault. */
export interface ServerError {
  readonly route: string;
  readonly status: number;
}

/** What a check put into the headers of its request. */
interface Given {
  readonly token: string | null;
  readonly csrf: string | null;
  readonly hasCredential: boolean;
  /** All other headers, unchanged. */
  readonly others: readonly (readonly [name: string, value: string])[];
}

function givenIn(headers: Call['headers'] = {}): Given {
  const pairs: (readonly [string, string])[] = Array.isArray(headers) ? [...headers] : Object.entries(headers);
  let token: string | null = null;
  let csrf: string | null = null;
  const others = pairs.filter(([name, value]) => {
    const bearer = name.toLowerCase() === 'authorization' ? /^Bearer ([\x21-\x7e]+)$/.exec(value)?.[1] : undefined;
    if (bearer !== undefined) token = bearer;
    if (name.toLowerCase() === CSRF_HEADER) csrf = value;
    return bearer === undefined && name.toLowerCase() !== CSRF_HEADER;
  });
  return { token, csrf, hasCredential: token !== null || pairs.some(([name]) => name === 'cookie'), others };
}

export class Translator {
  readonly #service: Service;
  readonly #names: ReadonlyMap<string, string>;
  readonly #serverErrors: ServerError[];

  readonly #ask: Ask;

  constructor(service: Service, names: ReadonlyMap<string, string>, serverErrors: ServerError[], ask: Ask) {
    this.#ask = ask;
    this.#service = service;
    this.#names = names;
    this.#serverErrors = serverErrors;
  }

  async call(endpoint: Endpoint, asked: Call, timeoutMs?: number): Promise<Answer> {
    const { route, rest } = routeIn(asked.path);
    const request = route === null ? undefined : requestFor(this.#service, route);
    if (route === null || request === undefined) return nothingThere();
    const given = givenIn(asked.headers);
    const answer = await this.#ask(endpoint, this.#translated(route, request, asked, rest, given), timeoutMs);
    return this.#canonical(route, request, answer, given);
  }

  #translated(route: Route, request: Request, asked: Call, rest: string, given: Given): Call {
    const json = typeof asked.json === 'object' && asked.json !== null ? Object.entries(asked.json) : [];
    const text = (name: string) => json.flatMap(([key, value]) => (key === name ? [String(value)] : []))[0];
    const refreshToken = route === 'refresh' ? (text('refreshToken') ?? null) : null;
    const { token, csrf } = given;
    const [username, password] = [text('username'), text('password')];
    const own = callOf(
      request,
      { cookies: [], token, csrf, refreshToken },
      {
        random: crypto.randomUUID(),
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
      },
    );
    const place = this.#service.login.refreshToken;
    const carried: [string, string][] =
      refreshToken !== null && place !== undefined && 'cookie' in place
        ? [['cookie', `${place.cookie}=${refreshToken}`]]
        : [];
    const method = asked.method === ROUTES[route].method ? own.method : asked.method;
    const headers = [...Object.entries(own.headers ?? {}), ...given.others, ...carried];
    const body = asked.body ?? this.#withMore(route, own, json);
    return { method, path: extended(own.path, rest), headers, ...(body === undefined ? {} : { body }) };
  }

  /** Fields that a check adds to those of the contract's own body. */
  #withMore(route: Route, own: Call, json: readonly [string, unknown][]): Call['body'] {
    if (own.body !== undefined) return own.body;
    const known = route === 'transfer' ? ['to', 'amount'] : ['username', 'password', 'credential', 'refreshToken'];
    const more = json.filter(([name]) => !known.includes(name));
    if (more.length === 0 && own.json === undefined) return undefined;
    const isObject = typeof own.json === 'object' && own.json !== null && !Array.isArray(own.json);
    const value = isObject || own.json === undefined ? { ...own.json, ...Object.fromEntries(more) } : own.json;
    return { type: 'application/json', text: JSON.stringify(value) };
  }

  #canonical(route: Route, request: Request, answer: Answer, given: Given): Answer {
    const { status } = answer;
    if (status >= FAILED) this.#serverErrors.push({ route: request.path.replace(/\?.*$/, ''), status });
    const username = this.#usernameIn(answer, given);
    const isGuarded = route === 'me' || (route === 'transfer' && this.#service.requests.critical === undefined);
    const isDone = isSuccess(request, status) && (!isGuarded || username !== null);
    if (!isDone) {
      const refused = route === 'admin' && given.hasCredential ? 403 : 401;
      return { ...answer, status: status === TOO_MANY ? TOO_MANY : refused };
    }
    const cookies =
      route === 'logout'
        ? // A browser that keeps a dead cookie is no hole: whether it is dead is what the check asks.
          [...answer.cookies, ...this.#deleted()]
        : answer.cookies;
    const json = route === 'me' ? { username } : route === 'refresh' ? this.#renewed(answer, request) : answer.json;
    return { ...answer, cookies, json, status: SUCCESS[route] ?? 200 };
  }

  /** The user for whom the guarded request was answered; null if the reply is not for a user at all. */
  #usernameIn(answer: Answer, { token, others }: Given): string | null {
    const { identity } = this.#service;
    if (identity !== null) {
      const value = valueAt(answer.json, identity);
      return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
    }
    const held = others.filter(([name]) => name === 'cookie').map(([, value]) => value);
    const found = [...this.#names].find(
      ([secret]) => secret === token || held.some((cookie) => cookie.includes(`=${secret}`)),
    );
    return found?.[1] ?? '';
  }

  #deleted(): Answer['cookies'] {
    const name = cookieOf(this.#service.login);
    if (name === null) return [];
    return [{ name, value: '', attributes: new Map([['max-age', '0']]), pairBytes: name.length, deletes: true }];
  }

  /** The reply to a refresh in the contract's form. */
  #renewed(answer: Answer, request: Request): unknown {
    const form = { login: { ...this.#service.login, request } };
    const nobody = { username: '', password: '' };
    const seen = loggedInFrom(form, nobody, answer);
    if (seen instanceof TollgateError) return undefined;
    const { token, refreshToken, csrf } = seen;
    return {
      user: { id: '', username: '', roles: [] },
      ...(token === null ? {} : { accessToken: token }),
      ...(refreshToken === null ? {} : { refreshToken }),
      ...(csrf === null ? {} : { csrfToken: csrf }),
    };
  }
}

/** The answer to a request that the service does not have: nothing is let in there, and nothing can be kept. */
function nothingThere(): Answer {
  const nowMs = performance.now();
  const headers = new Map([['cache-control', 'no-store']]);
  const header = (name: string) => headers.get(name.toLowerCase()) ?? null;
  return {
    status: 401,
    all: (name) => [header(name) ?? []].flat(),
    header,
    cookies: [],
    text: '',
    json: undefined,
    sentAtMs: nowMs,
    answeredAtMs: nowMs,
  };
}
