/** Logs a user in at a service; if that gives no credential, one line says what is wrong. */

import { setTimeout as sleep } from 'node:timers/promises';
import { decodedValue } from '../../bench/gate/cookies.ts';
import { type Answer, type Call, call, type Endpoint } from '../../bench/gate/http.ts';
import { ConnectionError } from '../../bench/load/connection/connection.ts';
import { ProtocolError } from '../../bench/load/connection/response.ts';
import { messageOf, runError, TollgateError } from '../../core/errors.ts';
import { inertLine } from '../../core/inert.ts';
import { valueAt } from '../../core/text/pointer.ts';
import type { CsrfPlace, Request } from '../config/request-schema.ts';
import type { ServiceConfig } from '../config/schema.ts';
import type { ServiceUser } from '../config/service.ts';
import { fieldIn } from './page.ts';
import { type ClientCredentials, callOf, cookieHeader, cookieOf, NOTHING } from './requests.ts';
import { isSuccess } from './success.ts';

/** What has to be known of a service to log in. */
export interface LoginForm {
  readonly login: ServiceConfig['login'];
}

export interface LoggedIn extends ClientCredentials {
  readonly user: ServiceUser;
  readonly expiresInSeconds: number | null;
  readonly reply: Answer;
}

const TIMEOUT_MS = 15_000;
const LONGEST_SHOWN = 60;

/** Text of the service, for a message. */
export const shown = (text: string): string => {
  const line = inertLine(text);
  return line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN - 1)}…` : line;
};

/** @param held what the client got from the request before the login */
export function loginCall(
  { login }: LoginForm,
  { username, password }: ServiceUser,
  held: ClientCredentials = NOTHING,
): Call {
  return callOf(login.request, held, { username, password, random: crypto.randomUUID() });
}

/**
 * Sends a request that must be answered.
 * @throws TollgateError naming the request if there is no answer in time, it is too large, or it is not HTTP
 */
export async function sent(endpoint: Endpoint, asked: Call, timeoutMs = TIMEOUT_MS): Promise<Answer> {
  try {
    return await call(endpoint, asked, timeoutMs);
  } catch (error) {
    if (!(error instanceof ConnectionError) && !(error instanceof ProtocolError)) throw error;
    const path = asked.path.replace(/\?.*$/, '');
    throw runError(
      `${asked.method} ${shown(path)}: ${shown(messageOf(error))}`,
      error instanceof ProtocolError
        ? 'the service must use HTTP/1.1, and send at most 64 KiB of headers and 16 MiB of body'
        : /certificate|altname|self.signed/i.test(messageOf(error))
          ? 'set certificate to its certificate or issuer; on this machine, --insecure-loopback also works'
          : 'check that the service is running on this port',
    );
  }
}

/** Sends requests: at once, or no more of them in a second than a host may be sent. */
export type Ask = typeof sent;

/** Limits requests to this many a second, however many are asked for at once. */
export function paced(maxRps: number): Ask {
  let nextMs = 0;
  return async (endpoint, asked, timeoutMs) => {
    const atMs = Math.max(performance.now(), nextMs);
    nextMs = atMs + 1000 / maxRps;
    await sleep(atMs - performance.now());
    return sent(endpoint, asked, timeoutMs);
  };
}

/** How a login is sent, where a check asks for more than a client does. */
export interface LoginOptions {
  readonly ask?: Ask;
  /** Added to the login, and to the request before it; cookies among them are held as a browser would. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** @throws TollgateError in one line that says what is wrong */
export async function logIn(
  form: LoginForm,
  endpoint: Endpoint,
  user: ServiceUser,
  { ask = sent, headers = {} }: LoginOptions = {},
): Promise<LoggedIn> {
  const { cookie = '', ...others } = headers;
  const withOthers = (asked: Call): Call => ({ ...asked, headers: { ...Object.fromEntries(pairs(asked)), ...others } });
  const given = { ...NOTHING, cookies: cookiesIn(cookie) };
  const held = await heldBefore(form, given, (asked) => ask(endpoint, withOthers(asked)));
  const reply = await ask(endpoint, withOthers(loginCall(form, user, held)));
  const seen = loggedInFrom(form, user, reply, held.cookies);
  if (seen instanceof TollgateError) throw seen;
  const { after } = form.login;
  if (after === undefined) return seen;
  const answer = await ask(endpoint, callOf(after.request, seen, { random: crypto.randomUUID() }));
  return { ...follow(seen, answer), csrf: tokenOf('login.after', after, answer) };
}

const pairs = ({ headers = {} }: Call): (readonly [string, string])[] =>
  Array.isArray(headers) ? [...headers] : Object.entries(headers);

/** The cookies of a request's header. */
function cookiesIn(header: string): ClientCredentials['cookies'] {
  return header.split('; ').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at <= 0 ? [] : [{ name: pair.slice(0, at), value: pair.slice(at + 1) }];
  });
}

/**
 * Sends the request that a login needs before it, if it needs one.
 * @returns what the client then holds
 * @throws TollgateError in one line if it does not succeed, or its reply does not hold the CSRF token
 */
export async function heldBefore(
  { login: { before } }: LoginForm,
  given: ClientCredentials,
  ask: (asked: Call) => Promise<Answer>,
): Promise<ClientCredentials> {
  if (before === undefined) return given;
  const answer = await ask(callOf(before.request, given, { random: crypto.randomUUID() }));
  const held = follow(given, answer);
  return { ...held, csrf: tokenOf('login.before', before, answer) };
}

/**
 * The CSRF token in the reply to a request beside the login; null if the configuration asks for none.
 * @throws TollgateError in one line if the request failed, or the token is not there
 */
function tokenOf(
  part: string,
  { request, csrf }: { readonly request: Request; readonly csrf?: CsrfPlace },
  answer: Answer,
): string | null {
  const what = `${request.method ?? 'GET'} ${shown(request.path.replace(/\?.*$/, ''))}`;
  if (!isSuccess(request, answer))
    throw runError(`${what} returned ${answer.status}`, `correct ${part}.request: its path, or its status`);
  if (csrf === undefined) return null;
  const seen = textAt(csrf, answer);
  const text = seen !== null && 'cookie' in csrf ? decodedValue(seen) : seen;
  if (text === null) throw runError(`the answer to ${what} has no ${placeText(csrf)}`, `correct ${part}.csrf`);
  return text;
}

const placeText = (place: CsrfPlace): string => {
  if ('html' in place) return `form field or meta element ${place.html}`;
  if ('cookie' in place) return `cookie ${place.cookie}`;
  return 'json' in place ? `text at ${place.json}` : `header ${place.header}`;
};

/** What the reply to a login gives its client, or why it gives nothing. @param held the cookies that it had before */
export function loggedInFrom(
  { login }: LoginForm,
  user: ServiceUser,
  reply: Answer,
  held: ClientCredentials['cookies'] = [],
): LoggedIn | TollgateError {
  if (!isSuccess(login.request, reply)) return refusal(login.request, user, reply);
  const name = cookieOf(login);
  const cookies = jarOf(reply, name, held);
  const token = name === null ? textAt(login.credential, reply) : null;
  if (name === null ? token === null : cookies[0]?.name !== name) return withoutCredential(login, reply);
  if (token !== null && !/^[\x21-\x7e]+$/.test(token))
    return runError(
      `the login returned a token with blanks or other characters that a header cannot contain`,
      'correct login.credential',
    );
  const seconds = login.expiresInSeconds === undefined ? null : valueAt(reply.json, login.expiresInSeconds.json);
  return {
    user,
    cookies,
    token,
    csrf: csrfIn(login, cookies, reply),
    refreshToken: login.refreshToken === undefined ? null : textAt(login.refreshToken, reply),
    expiresInSeconds: typeof seconds === 'number' && seconds > 0 ? seconds : null,
    reply,
  };
}

/** A cookie that holds the CSRF token may have come with an earlier reply, and scripts read it decoded. */
function csrfIn({ csrf }: LoginForm['login'], cookies: ClientCredentials['cookies'], reply: Answer): string | null {
  if (csrf === undefined) return null;
  if (!('cookie' in csrf)) return textAt(csrf, reply);
  const value = cookies.find(({ name }) => name === csrf.cookie)?.value;
  return value === undefined ? null : decodedValue(value);
}

/** The cookies that a client has once it has a reply, the credential first. @param held those that it had before */
export function jarOf(
  reply: Answer,
  first: string | null,
  held: ClientCredentials['cookies'] = [],
): ClientCredentials['cookies'] {
  const jar = new Map(held.map(({ name, value }) => [name, value]));
  for (const { name, value, deletes } of reply.cookies) {
    jar.delete(name);
    if (!deletes) jar.set(name, value);
  }
  return [...jar]
    .map(([name, value]) => ({ name, value }))
    .toSorted((a, b) => Number(b.name === first) - Number(a.name === first));
}

/** Cookies of an answer replace those that a client held. */
export function follow<T extends ClientCredentials>(holding: T, answer: Answer): T {
  const jar = new Map(holding.cookies.map(({ name, value }) => [name, value]));
  for (const { name, value, deletes } of answer.cookies) {
    if (deletes) jar.delete(name);
    else jar.set(name, value);
  }
  return { ...holding, cookies: [...jar].map(([name, value]) => ({ name, value })) };
}

export function textAt(place: CsrfPlace, reply: Answer): string | null {
  if ('html' in place) return fieldIn(reply.text, place.html);
  if ('header' in place) return reply.header(place.header)?.replace(/^Bearer\s+/i, '') || null;
  if ('cookie' in place) return reply.cookies.findLast(({ name }) => name === place.cookie)?.value || null;
  const value = valueAt(reply.json, place.json);
  return typeof value === 'string' && value !== '' ? value : null;
}

function refusal(request: Request, { username }: ServiceUser, reply: Answer): TollgateError {
  const { path } = request;
  const { status } = reply;
  const what = `the login of ${shown(username)} returned ${status}`;
  const isOfStatus = [request.status ?? 200].flat().includes(status);
  if (status >= 300 && status < 400) {
    const target = reply.header('location') ?? 'nowhere';
    if (isOfStatus)
      return runError(
        `${what}, a redirect to ${shown(target.replace(/[?#].*$/, ''))}`,
        'correct the username or the password, or login.request.holds',
      );
    return runError(
      `${what}, a redirect to ${shown(target.replace(/[?#].*$/, ''))}`,
      `if that is its success, set login.request.status to ${status}; else correct ${path} or the password`,
    );
  }
  if (status === 401 || status === 403) return runError(what, 'correct the username or the password');
  if (status === 429) return runError(what, 'the service limits logins: raise its limit for this run');
  if (status >= 500) return runError(what, 'see the output of the service');
  if (isOfStatus)
    return runError(
      `${what}, and without what it holds on success`,
      'correct the username or the password, or login.request.holds',
    );
  return runError(what, 'correct login.request: its path, body or expected status');
}

/** Names alone: values may be credentials. */
function withoutCredential({ credential }: ServiceConfig['login'], reply: Answer): TollgateError {
  const cookies = cookieHeader(jarOf(reply, null).map(({ name }) => ({ name, value: '' })));
  const names =
    typeof reply.json === 'object' && reply.json !== null ? Object.keys(reply.json).slice(0, 8).join(', ') : '';
  const wanted =
    'cookie' in credential
      ? `a cookie ${credential.cookie}`
      : 'json' in credential
        ? `a text at ${credential.json}`
        : `a header ${credential.header}`;
  const holds = [
    cookies === '' ? 'no cookie' : `the cookies ${cookies.replaceAll('=', '').replaceAll(';', ',')}`,
    names === '' ? 'no JSON object' : `JSON with ${names}`,
  ];
  return runError(
    `the login returned ${reply.status} and without ${wanted}: the reply has ${shown(holds.join(' and '))}`,
    'correct login.credential',
  );
}
