/**
 * Discovers how a service renews a credential: by a usual request with the refresh token of the login. The request is made once
 * to prove it, and once with a wrong token.
 */
import type { Answer } from '../../bench/gate/http.ts';
import { TollgateError } from '../../core/errors.ts';
import type { Place, Request } from '../config/request-schema.ts';
import type { ServiceConfig } from '../config/schema.ts';
import { type LoggedIn, loggedInFrom } from '../flow/login.ts';
import { callOf } from '../flow/requests.ts';
import { textsIn } from './csrf.ts';
import { actionOf } from './form.ts';
import { credentialsIn, type Found } from './guarded.ts';
import { withStatus } from './logout.ts';
import { ask, below, isAccepted, type Searched, sessionOrNull, unlike } from './searched.ts';
import { REFRESHES, TOKENS } from './usual.ts';

type Login = ServiceConfig['login'];

interface Refresh {
  readonly refresh: Request;
  /** The login, with the position of the refresh token, and of the renewed credential if that is another. */
  readonly login: Login;
}

/** Logins for refreshes, of all paths together: services limit the sessions of a user. */
const MOST_LOGINS = 5;

/**
 * @returns null if the login gives no refresh token, no usual request takes it, or more logins would be needed
 *
 * @throws TollgateError in one line if the search has reached a limit
 */
export async function findRefresh(asked: Searched, found: Found, login: Login): Promise<Refresh | null> {
  let logins = 0;
  for (const refreshToken of refreshTokensIn(found.session.reply)) {
    const having: Login = { ...login, refreshToken };
    const loggedIn = async () => (logins++ < MOST_LOGINS ? sessionOrNull(asked, having) : null);
    let session = await loggedIn();
    for (const path of pathsFor(asked, found.session.reply, login)) {
      if (session === null) return null;
      const taken = await firstTaken(asked, requestsAt(path, refreshToken), session);
      if (taken === null) continue;
      const renewal = await renewalBy(asked, found.guarded, having, taken);
      // A used refresh token may be refused later, and its family with it.
      session = await loggedIn();
      if (renewal === null) continue;
      if (session === null) return null;
      const other = await firstTaken(asked, [taken.request], withWrong(session, refreshToken));
      if (other === null || (await renewalBy(asked, found.guarded, having, other)) === null) return renewal;
      session = await loggedIn();
    }
  }
  return null;
}

interface Taken {
  readonly request: Request;
  readonly answer: Answer;
}

/** The first of the requests to one path that succeeds; null if none does. */
async function firstTaken(asked: Searched, requests: readonly Request[], session: LoggedIn): Promise<Taken | null> {
  for (const request of requests) {
    const answer = await ask(asked, callOf(request, session));
    if (answer.status === 404 || answer.status === 405) return null;
    if (answer.status < 300) return { request: withStatus(request, answer.status), answer };
  }
  return null;
}

/** @returns null if the reply alone holds no credential that works: the cookies of the login are not sent */
async function renewalBy(
  asked: Searched,
  guarded: Request,
  login: Login,
  { request, answer }: Taken,
): Promise<Refresh | null> {
  for (const credential of [login.credential, ...credentialsIn(answer)]) {
    const own = renewedBy(login, credential, answer);
    const renewed = loggedInFrom({ login: { ...login, ...own, request, credential } }, asked.user, answer);
    if (!(renewed instanceof TollgateError) && (await isAccepted(asked, guarded, renewed)))
      return { refresh: request, login: { ...login, ...own } };
  }
  return null;
}

/** A client whose refresh token is wrong, and the rest right: some services renew a session by its other credentials. */
const withWrong = (session: LoggedIn, place: Place): LoggedIn => ({
  ...session,
  refreshToken: session.refreshToken === null ? null : unlike(session.refreshToken),
  cookies: session.cookies.map((cookie) =>
    'cookie' in place && cookie.name === place.cookie ? { ...cookie, value: unlike(cookie.value) } : cookie,
  ),
});

/** Says where the reply to the refresh has its credential and refresh token, if not where that to the login does. */
function renewedBy({ credential }: Login, own: Place, answer: Answer): Pick<Login, 'renewed'> {
  if (JSON.stringify(own) === JSON.stringify(credential)) return {};
  const [refreshToken] = refreshTokensIn(answer);
  return { renewed: { credential: own, ...(refreshToken === undefined ? {} : { refreshToken }) } };
}

/** Where a reply has a refresh token, and not its type or its times. */
function refreshTokensIn({ json, cookies }: Answer): Place[] {
  const isToken = ([pointer, text]: [string, string]) =>
    /refresh/i.test(pointer) &&
    !/expir|issued|type/i.test(pointer) &&
    !/(?:At|_at)$/.test(pointer) &&
    /^[\x21-\x7e]{16,}$/.test(text) &&
    !/^(?:https?:\/)?\//.test(text) &&
    !/^\d{4}-\d\d-\d\d/.test(text);
  return [
    ...textsIn(json)
      .filter(isToken)
      .map(([pointer]) => ({ json: pointer })),
    ...cookies.filter(({ name, deletes }) => /refresh/i.test(name) && !deletes).map(({ name }) => ({ cookie: name })),
  ];
}

/** Paths that the reply names come first, then those beside the login. */
function pathsFor(asked: Searched, reply: Answer, { request }: Login): string[] {
  const named = textsIn(reply.json)
    .filter(([pointer]) => /(?:refresh|token)_?-?(?:url|uri|endpoint)/i.test(pointer))
    .flatMap(([, text]) => actionOf(request.path, withinOrigin(text, asked.url)) ?? []);
  const isToken = request.form?.grant_type !== undefined;
  const beside = request.path.slice(0, request.path.replace(/\/$/, '').lastIndexOf('/'));
  const near = [`${beside}/refresh`, `${request.path.replace(/\/$/, '')}/refresh`];
  return [
    ...new Set([...named, ...(isToken ? [request.path] : []), ...near, ...below(asked, [...REFRESHES, ...TOKENS])]),
  ];
}

/** A URL of the service without its origin; any other text as it is. */
function withinOrigin(text: string, { origin }: URL): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url?.origin === origin ? url.pathname + url.search : text;
}

/** Requests with the refresh token in each usual place, that with its own name first. */
function requestsAt(path: string, place: Place): Request[] {
  const bare: Request = { method: 'POST', path };
  if (!('json' in place)) return [bare];
  const own = place.json.slice(place.json.lastIndexOf('/') + 1);
  const names = [...new Set([own, 'refreshToken', 'refresh_token', 'refresh'])];
  return [
    ...names.map((name) => ({ ...bare, json: { [name]: '{{refreshToken}}' } })),
    { ...bare, form: { grant_type: 'refresh_token', refresh_token: '{{refreshToken}}' } },
    { ...bare, headers: { authorization: 'Bearer {{refreshToken}}' } },
  ];
}
