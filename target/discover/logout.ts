/** Discovers how a service ends a session: by a usual request, with its CSRF token if required. */
import type { Answer, Endpoint } from '../../bench/gate/http.ts';
import type { Request } from '../config/request-schema.ts';
import type { ServiceConfig } from '../config/schema.ts';
import type { Ask, LoggedIn } from '../flow/login.ts';
import { elementsOf } from '../flow/page.ts';
import { callOf, cookieOf } from '../flow/requests.ts';
import { isSuccess } from '../flow/success.ts';
import { type CsrfSource, sourcesInLogin, tokensIn, withToken } from './csrf.ts';
import { actionOf } from './form.ts';
import { sessionOrNull } from './searched.ts';

type Login = ServiceConfig['login'];

interface Met {
  readonly endpoint: Endpoint;
  readonly ask: Ask;
  /** Aborts once the search is over. */
  readonly signal: AbortSignal;
  readonly login: Login;
  readonly guarded: Request;
  readonly session: LoggedIn;
  /** The answer to the guarded request. */
  readonly reply: Answer;
}

interface Logout {
  readonly logout: Request;
  /** The login, with the position of the CSRF token if the logout sends it. */
  readonly login: Login;
}

/** Statuses of a refusal for a missing CSRF token; 419 is Laravel's. */
export const WANTS_MORE = [400, 401, 403, 419, 422];

/** The request, with the status that it returned. */
export const withStatus = (request: Request, status: number): Request =>
  status === 200 ? request : { ...request, status };

/**
 * @param paths of usual logouts
 *
 * @param tokens paths of usual requests for a CSRF token
 *
 * @returns null if no request to these paths ends a session
 */
export async function findLogout(
  met: Met,
  paths: readonly string[],
  tokens: readonly string[],
): Promise<Logout | null> {
  const { login, session, guarded } = met;
  // A token in a custom header is sent in that header here as well.
  const { headers } = guarded;
  const having = (request: Request): Request => (headers === undefined ? request : { ...request, headers });
  const own = logoutsOf(met);
  const posted = [...new Set([...own, ...paths])].map((path): Request => ({ method: 'POST', path }));
  const deleted = { method: 'DELETE', path: login.request.path };
  const linked = paths.map((path): Request => ({ path }));
  const client = new Client(met);
  const wanting: Request[] = [];
  for (const request of [...posted, deleted, ...linked].map(having)) {
    const tried = await client.try(request, login);
    if (tried === null) continue;
    const { status, hasEnded } = tried;
    if (hasEnded) return { logout: withStatus(request, status), login };
    if (WANTS_MORE.includes(status) && request.method !== undefined) wanting.push(request);
  }
  for (const source of wanting.length === 0 ? [] : await sourcesOf(met, tokens)) {
    const asking = { ...login, ...source };
    for (const request of wanting.flatMap((one) => withToken(one, source))) {
      const tried = await client.try(request, asking);
      if (tried?.hasEnded === true) return { logout: withStatus(request, tried.status), login: asking };
    }
  }
  // A request that only deletes the cookie is also a logout: a check decides whether a copy is then refused.
  const { local } = client;
  return local === null || session.token !== null ? null : { logout: local, login };
}

/** The action of a form in the guarded page that mentions logout. */
function logoutsOf({ reply, guarded }: Met): string[] {
  return elementsOf(reply.text).flatMap(({ tag, attributes }) => {
    const action = attributes.get('action') ?? '';
    return tag === 'form' && /(?:log|sign)-?_?out/i.test(action) ? (actionOf(guarded.path, action) ?? []) : [];
  });
}

async function sourcesOf(
  { endpoint, ask, login, session, guarded, reply }: Met,
  tokens: readonly string[],
): Promise<CsrfSource[]> {
  const found = tokensIn(guarded, reply, false);
  const before = [login.before ?? []].flat().map(({ request }) => request);
  for (const request of [...before, ...tokens.map((path): Request => ({ path }))]) {
    const answer = await ask(endpoint, callOf(request, session));
    if (answer.status === 200 || answer.status === 204)
      found.push(...tokensIn(withStatus(request, answer.status), answer, tokens.includes(request.path)));
  }
  return [...sourcesInLogin(session.reply, session.cookies), ...found.map((after) => ({ after }))];
}

/** Tries the logouts one after the other, with a new session after each that may have ended the previous one. */
class Client {
  readonly #met: Met;
  /** A login that was refused once is not repeated: it may be limited. */
  #fresh: { readonly login: Login; readonly session: LoggedIn | null } | null = null;
  /** The first request that deleted the credential's cookie without ending the session. */
  local: Request | null = null;

  constructor(met: Met) {
    this.#met = met;
  }

  /** @returns null if the login gives no session, such as without the CSRF token in its place */
  async try(request: Request, login: Login): Promise<{ readonly status: number; readonly hasEnded: boolean } | null> {
    const { endpoint, ask, guarded } = this.#met;
    const session = await this.#sessionOf(login);
    if (session === null) return null;
    const { status, cookies } = await ask(endpoint, callOf(request, session));
    if (status >= 400) return { status, hasEnded: false };
    this.#fresh = null;
    const hasEnded = !isSuccess(guarded, await ask(endpoint, callOf(guarded, session)));
    const name = cookieOf(login);
    if (!hasEnded && cookies.some((cookie) => cookie.name === name && (cookie.deletes || cookie.value === '')))
      this.local ??= withStatus(request, status);
    return { status, hasEnded };
  }

  async #sessionOf(login: Login): Promise<LoggedIn | null> {
    if (this.#fresh?.login === login) return this.#fresh.session;
    const { endpoint, ask, signal, session: first } = this.#met;
    const session = await sessionOrNull({ endpoint, user: first.user, send: ask, signal }, login);
    this.#fresh = { login, session };
    return session;
  }
}
