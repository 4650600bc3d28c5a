/** Translates a check's request into the service's own, and the reply into that of the contract. */

import type { Answer, Call, Endpoint } from '../../bench/gate/http.ts';
import { TollgateError } from '../../core/errors.ts';
import { valueAt } from '../../core/text/pointer.ts';
import { CSRF_HEADER, ROUTES } from '../../servers/contract.ts';
import type { Request } from '../config/request-schema.ts';
import type { Service, ServiceUser } from '../config/service.ts';
import type { ServiceCall } from '../flow/endpoint.ts';
import { type Ask, loggedInFrom } from '../flow/login.ts';
import { type ClientCredentials, callOf } from '../flow/requests.ts';
import { isSuccess } from '../flow/success.ts';

type Route = keyof typeof ROUTES;

/** Success statuses of the contract, other than 200. */
const SUCCESS: Readonly<Partial<Record<Route, number>>> = { logout: 204, logoutAll: 204, disableUser: 204 };
const FAILED = 500;
const TOO_MANY = 429;

/** The service's request for each route; undefined if it has none. */
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

/** The route of a path, and what a check appended to it. */
function routeIn(path: string): { readonly route: Route | null; readonly rest: string } {
  for (const [name, { path: known }] of Object.entries(ROUTES)) {
    if (path === known || (path.startsWith(known) && /^[?;]/.test(path.slice(known.length))))
      return { route: name as Route, rest: path.slice(known.length) };
  }
  return { route: null, rest: '' };
}

function extended(path: string, rest: string): string {
  return rest.startsWith('?') && path.includes('?') ? `${path}&${rest.slice(1)}` : `${path}${rest}`;
}

/** A 5xx reply. For a bad credential it counts as a refusal, and as a separate fault. */
export interface ServerError {
  readonly route: string;
  readonly status: number;
}

/** The parts of a check's request headers. */
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

/** Who was given a secret, and what the steps of the login kept. */
export interface Holder {
  readonly user: ServiceUser;
  readonly kept: ClientCredentials['kept'];
  /** Cookies that other hosts set. */
  readonly elsewhere: ClientCredentials['cookies'];
}

/** What a client holds that no header of its request says. */
export interface ExtraCredentials {
  readonly refreshToken: string | null;
}

export class Translator {
  readonly #service: Service;
  readonly #holders: ReadonlyMap<string, Holder>;
  readonly #serverErrors: ServerError[];

  readonly #ask: Ask;

  /** @param holders by each secret that a login gave */
  constructor(service: Service, holders: ReadonlyMap<string, Holder>, serverErrors: ServerError[], ask: Ask) {
    this.#ask = ask;
    this.#service = service;
    this.#holders = holders;
    this.#serverErrors = serverErrors;
  }

  async call(endpoint: Endpoint, asked: Call, timeoutMs?: number, held?: ExtraCredentials): Promise<Answer> {
    const { route, rest } = routeIn(asked.path);
    const request = route === null ? undefined : requestFor(this.#service, route);
    if (route === null || request === undefined) return nothingThere();
    const given = givenIn(asked.headers);
    const own = this.#translated(route, request, asked, given, held);
    const answer = await this.#ask(endpoint, { ...own, path: extended(own.path, rest) }, timeoutMs);
    // What another host sets, the service never gets.
    const seen = isElsewhere(own) ? { ...answer, cookies: [] } : answer;
    return this.#canonical(route, request, seen, given, askedRefreshToken(route, asked));
  }

  #translated(route: Route, request: Request, asked: Call, given: Given, held?: ExtraCredentials): ServiceCall {
    const json = typeof asked.json === 'object' && asked.json !== null ? Object.entries(asked.json) : [];
    const text = (name: string) => json.flatMap(([key, value]) => (key === name ? [String(value)] : []))[0];
    const refreshToken = askedRefreshToken(route, asked) ?? held?.refreshToken ?? null;
    const { token, csrf } = given;
    const [username, password] = [text('username'), text('password')];
    const { user, kept, elsewhere = [] } = this.#holderOf(given, refreshToken) ?? {};
    const own = callOf(
      request,
      {
        cookies: elsewhere,
        token,
        csrf,
        refreshToken,
        ...(user === undefined ? {} : { user }),
        ...(kept === undefined ? {} : { kept }),
      },
      {
        random: crypto.randomUUID(),
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
      },
    );
    const place = this.#service.login.refreshToken;
    const carried: [string, string][] =
      route === 'refresh' && refreshToken !== null && place !== undefined && 'cookie' in place
        ? [['cookie', `${place.cookie}=${refreshToken}`]]
        : [];
    const method = asked.method === ROUTES[route].method ? own.method : asked.method;
    const others = isElsewhere(own) ? given.others.filter(([name]) => name.toLowerCase() !== 'cookie') : given.others;
    const replaced = new Set([...others, ...carried].map(([name]) => name.toLowerCase()));
    const usual = Object.entries(own.headers ?? {}).filter(([name]) => !replaced.has(name));
    const headers = [...usual, ...others, ...carried];
    const body = asked.body ?? this.#withMore(route, own, json);
    return { ...own, method, headers, ...(body === undefined ? {} : { body }) };
  }

  /** Fields that a check adds to the contract's own body. */
  #withMore(route: Route, own: Call, json: readonly [string, unknown][]): Call['body'] {
    if (own.body !== undefined) return own.body;
    const known = route === 'transfer' ? ['to', 'amount'] : ['username', 'password', 'credential', 'refreshToken'];
    const more = json.filter(([name]) => !known.includes(name));
    if (more.length === 0 && own.json === undefined) return undefined;
    const isObject = typeof own.json === 'object' && own.json !== null && !Array.isArray(own.json);
    const value = isObject || own.json === undefined ? { ...own.json, ...Object.fromEntries(more) } : own.json;
    return { type: 'application/json', text: JSON.stringify(value) };
  }

  #canonical(route: Route, request: Request, answer: Answer, given: Given, refreshToken: string | null): Answer {
    const { status } = answer;
    if (status >= FAILED) this.#serverErrors.push({ route: request.path.replace(/\?.*$/, ''), status });
    const username = this.#usernameIn(answer, given);
    const isGuarded = route === 'me' || (route === 'transfer' && this.#service.requests.critical === undefined);
    const isDone = isSuccess(request, answer) && (!isGuarded || username !== null);
    if (!isDone) {
      const refused = route === 'admin' && given.hasCredential ? 403 : 401;
      return { ...answer, status: status === TOO_MANY ? TOO_MANY : refused };
    }
    const cookies =
      route === 'logout'
        ? // A browser that keeps a dead cookie is no hole: whether it is dead is what the check asks.
          [...answer.cookies, ...deletedOf(given)]
        : answer.cookies;
    const json =
      route === 'me' ? { username } : route === 'refresh' ? this.#renewed(answer, request, refreshToken) : answer.json;
    return { ...answer, cookies, json, status: SUCCESS[route] ?? 200 };
  }

  /** The user for whom the guarded request was answered; null if the reply does not identify one. */
  #usernameIn(answer: Answer, { token, others }: Given): string | null {
    const { identity } = this.#service;
    if (identity !== null) {
      const value = valueAt(answer.json, identity);
      return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
    }
    return this.#holderOf({ token, others }, null)?.user.username ?? '';
  }

  /** To whom these credentials were given. */
  #holderOf({ token, others }: Pick<Given, 'token' | 'others'>, refreshToken: string | null): Holder | undefined {
    const held = cookiePairs({ others }).map((pair) => pair.slice(pair.indexOf('=') + 1));
    const known = [token, refreshToken, ...held].flatMap((secret) => this.#holders.get(secret ?? '') ?? []);
    return known[0];
  }

  /** The reply to a refresh in the contract's form. */
  #renewed(answer: Answer, request: Request, used: string | null): unknown {
    const { login } = this.#service;
    const form = { login: { ...login, ...login.renewed, request } };
    const nobody = { username: '', password: '' };
    const seen = loggedInFrom(form, nobody, answer);
    if (seen instanceof TollgateError) return undefined;
    const { token, csrf } = seen;
    // A client keeps its refresh token if the reply has no new one (RFC 6749 §6).
    const refreshToken = seen.refreshToken ?? used;
    return {
      user: { id: '', username: '', roles: [] },
      ...(token === null ? {} : { accessToken: token }),
      ...(refreshToken === null ? {} : { refreshToken }),
      ...(csrf === null ? {} : { csrfToken: csrf }),
    };
  }
}

const isElsewhere = ({ to }: ServiceCall): boolean => (to?.otherHost ?? null) !== null;

const cookiePairs = ({ others }: Pick<Given, 'others'>): string[] =>
  others.filter(([name]) => name === 'cookie').flatMap(([, value]) => value.split('; '));

/** Deletions of all cookies that a client sent: the credential, and others such as a CSRF token. */
function deletedOf({ others }: Given): Answer['cookies'] {
  return cookiePairs({ others }).map((pair) => {
    const name = pair.replace(/=.*$/s, '');
    return { name, value: '', attributes: new Map([['max-age', '0']]), pairBytes: name.length, deletes: true };
  });
}

function askedRefreshToken(route: Route, { json }: Call): string | null {
  const isObject = route === 'refresh' && typeof json === 'object' && json !== null;
  return isObject && 'refreshToken' in json ? String(json.refreshToken) : null;
}

/** The answer to a request that the service does not have: it grants and stores nothing. */
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
