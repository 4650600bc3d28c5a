/** Logs a user in to a service. If that yields no credential, one line says why. */

import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodedValue } from '../../bench/gate/cookies.ts';
import { type Answer, call, type Endpoint } from '../../bench/gate/http.ts';
import { ConnectionError } from '../../bench/load/connection/connection.ts';
import { ProtocolError } from '../../bench/load/connection/response.ts';
import { runError, TollgateError } from '../../core/errors.ts';
import { inertLine } from '../../core/inert.ts';
import { valueAt } from '../../core/text/pointer.ts';
import type { PKCE } from '../config/placeholders.ts';
import type { KeptPlace, Request, Step } from '../config/request-schema.ts';
import { statusesOf } from '../config/request-sense.ts';
import type { ServiceConfig } from '../config/schema.ts';
import type { ServiceUser } from '../config/service.ts';
import { receiverOf, type ServiceCall } from './endpoint.ts';
import { cookiesIn, follow, jarOf, keptAt, placeText, textAt } from './places.ts';
import { type ClientCredentials, callOf, cookieHeader, cookieOf, NOTHING } from './requests.ts';
import { isSuccess } from './success.ts';
import { hintFor, shownFault } from './unanswered.ts';

/** The parts of a service that a login needs. */
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

/** A text of the service, prepared for a message. */
export const shown = (text: string): string => {
  const line = inertLine(text);
  return line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN - 1)}…` : line;
};

/** A path, prepared for a message: its query may hold a token. */
export const shownPath = (path: string): string => shown(path.replace(/\?.*$/s, ''));

/** @param held the credentials from the request before the login */
export function loginCall(
  { login }: LoginForm,
  { username, password }: ServiceUser,
  held: ClientCredentials = NOTHING,
): ServiceCall {
  return callOf(login.request, held, { username, password, random: crypto.randomUUID() });
}

/**
 * Sends a request that must be answered.
 *
 * @throws {TollgateError} naming the request if there is no reply in time, it is too large, or it is not HTTP
 */
export async function sent(endpoint: Endpoint, asked: ServiceCall, timeoutMs = TIMEOUT_MS): Promise<Answer> {
  try {
    return await call(receiverOf(asked, endpoint), asked, timeoutMs);
  } catch (error) {
    if (!(error instanceof ConnectionError) && !(error instanceof ProtocolError)) throw error;
    throw runError(
      `${asked.method} ${shownPath(asked.path)}: ${shownFault(error)}`,
      await hintFor(error, asked, endpoint),
    );
  }
}

/** Sends requests, either at once or limited to the rate that a host permits. */
export type Ask = typeof sent;

/** Limits requests to this many per second. */
export function paced(maxRps: number): Ask {
  let nextMs = 0;
  return async (endpoint, asked, timeoutMs) => {
    const atMs = Math.max(performance.now(), nextMs);
    nextMs = atMs + 1000 / maxRps;
    await sleep(Math.max(0, atMs - performance.now()));
    return sent(endpoint, asked, timeoutMs);
  };
}

/** How a check changes the login of an ordinary client. */
export interface LoginOptions {
  readonly ask?: Ask;
  /** Added to the login, and to the request before it; cookies are kept as a browser would. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** @throws {TollgateError} in one line that says what is wrong */
export async function logIn(
  form: LoginForm,
  endpoint: Endpoint,
  user: ServiceUser,
  { ask = sent, headers = {} }: LoginOptions = {},
): Promise<LoggedIn> {
  const { cookie = '', ...others } = headers;
  const withOthers = (asked: ServiceCall): ServiceCall => ({
    ...asked,
    headers: { ...Object.fromEntries(pairs(asked)), ...others },
  });
  const send = (asked: ServiceCall) => ask(endpoint, withOthers(asked));
  const held = await credentialsBeforeLogin(form, { ...NOTHING, cookies: cookiesIn(cookie) }, send);
  const asked = loginCall(form, user, held);
  const seen = await completed(form, user, held, asked, await send(asked), send);
  const { after } = form.login;
  if (after === undefined) return seen;
  return (await taken('login.after', after, seen, (call) => ask(endpoint, call))).held;
}

/**
 * What the client has after the reply to its password, and after the requests that complete the login.
 * @throws TollgateError in one line that says what is wrong
 */
export async function completed(
  form: LoginForm,
  user: ServiceUser,
  before: ClientCredentials,
  asked: ServiceCall,
  reply: Answer,
  ask: (asked: ServiceCall) => Promise<Answer>,
): Promise<LoggedIn> {
  const { request, steps = [], keep } = form.login;
  if (!isSuccess(request, reply)) throw refusal(request, user, reply);
  const own: Step = { request, ...(keep === undefined ? {} : { keep }) };
  let { held, to } = await taken('login', own, { ...before, user }, async () => reply, asked);
  let last = reply;
  for (const [i, step] of steps.entries())
    ({ held, answer: last, to } = await taken(`login.steps[${i}]`, step, held, ask));
  const { request: final = request } = steps.at(-1) ?? {};
  const seen = loggedInFrom({ login: { ...form.login, request: final } }, user, last, held.cookies, to);
  if (seen instanceof TollgateError) throw seen;
  const { kept } = held;
  const csrf = seen.csrf ?? (steps.some((step) => step.csrf !== undefined) ? held.csrf : null);
  return { ...seen, csrf, ...(kept === undefined ? {} : { kept }) };
}

const pairs = ({ headers = {} }: ServiceCall): (readonly [string, string])[] =>
  Array.isArray(headers) ? [...headers] : Object.entries(headers);

/**
 * Sends the requests that a login needs before it, if it needs any.
 * @returns what the client then holds
 * @throws TollgateError in one line if one does not succeed, or its reply does not hold what is asked for
 */
export async function credentialsBeforeLogin(
  { login: { before = [] } }: LoginForm,
  given: ClientCredentials,
  ask: (asked: ServiceCall) => Promise<Answer>,
): Promise<ClientCredentials> {
  let held = { ...given, kept: { ...given.kept, ...newPkce() } };
  for (const [i, step] of [before].flat().entries())
    ({ held } = await taken(Array.isArray(before) ? `login.before[${i}]` : 'login.before', step, held, ask));
  return held;
}

/** A new code verifier, and its challenge (RFC 7636 §4.2, S256). */
function newPkce(): Record<(typeof PKCE)[number], string> {
  const codeVerifier = randomBytes(32).toString('base64url');
  return { codeVerifier, codeChallenge: createHash('sha256').update(codeVerifier).digest('base64url') };
}

/** One request beside the login itself. @throws TollgateError in one line if it failed, or what is asked for is not there */
async function taken<T extends ClientCredentials>(
  part: string,
  step: Step,
  holding: T,
  ask: (asked: ServiceCall) => Promise<Answer>,
  asked = callOf(step.request, holding, { random: crypto.randomUUID() }),
): Promise<{ readonly held: T; readonly answer: Answer; readonly to: ServiceCall['to'] }> {
  const answer = await ask(asked);
  const what = `${asked.method} ${shownPath(step.request.path)}`;
  if (!isSuccess(step.request, answer))
    throw runError(`${what} returned ${answer.status}`, `correct ${part}.request: its path, or its status`);
  const read = (place: KeptPlace, name: string) => {
    const text = keptAt(place, answer, asked);
    if (text === null) throw runError(`the answer to ${what} has no ${placeText(place)}`, `correct ${part}.${name}`);
    return text;
  };
  const csrf = step.csrf === undefined ? {} : { csrf: read(step.csrf, 'csrf') };
  const kept = Object.entries(step.keep ?? {}).map(([name, place]) => [name, read(place, `keep.${name}`)]);
  const all = { ...holding.kept, ...Object.fromEntries(kept) };
  return { held: { ...follow(holding, answer, asked.to), ...csrf, kept: all }, answer, to: asked.to };
}

/** What the reply to a login gives its client, or why it gives nothing. @param held the cookies that it had before */
export function loggedInFrom(
  { login }: LoginForm,
  user: ServiceUser,
  reply: Answer,
  held: ClientCredentials['cookies'] = [],
  to?: ServiceCall['to'],
): LoggedIn | TollgateError {
  if (!isSuccess(login.request, reply)) return refusal(login.request, user, reply);
  const name = cookieOf(login);
  const cookies = jarOf(reply, name, held, to);
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

/** A cookie with the CSRF token may be from an earlier reply. Scripts read it decoded. */
function csrfIn({ csrf }: LoginForm['login'], cookies: ClientCredentials['cookies'], reply: Answer): string | null {
  if (csrf === undefined) return null;
  if (!('cookie' in csrf)) return textAt(csrf, reply);
  const value = cookies.find(({ name }) => name === csrf.cookie)?.value;
  return value === undefined ? null : decodedValue(value);
}

function refusal(request: Request, { username }: ServiceUser, reply: Answer): TollgateError {
  const { path } = request;
  const { status } = reply;
  const what = `the login of ${shown(username)} returned ${status}`;
  const isOfStatus = statusesOf(request).includes(status);
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

/** Names only: values may be credentials. */
function withoutCredential({ credential }: ServiceConfig['login'], reply: Answer): TollgateError {
  const cookies = cookieHeader(jarOf(reply, null).map(({ name }) => ({ name, value: '' })));
  const names =
    typeof reply.json === 'object' && reply.json !== null ? Object.keys(reply.json).slice(0, 8).join(', ') : '';
  const holds = [
    cookies === '' ? 'no cookie' : `the cookies ${cookies.replaceAll('=', '').replaceAll(';', ',')}`,
    names === '' ? 'no JSON object' : `JSON with ${names}`,
  ];
  return runError(
    `the login returned ${reply.status} and without a ${placeText(credential)}: the reply has ${shown(holds.join(' and '))}`,
    'correct login.credential',
  );
}
