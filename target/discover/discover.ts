/** Finds out how to use a running service by trying common requests, and makes a configuration of it. */
import { TollgateError } from '../../core/errors.ts';
import type { Request } from '../config/request-schema.ts';
import type { ServiceConfig } from '../config/schema.ts';
import { type Ask, shown, shownPath } from '../flow/login.ts';
import { placeText } from '../flow/places.ts';
import { callOf, NOTHING } from '../flow/requests.ts';
import { isSuccess } from '../flow/success.ts';
import { SEARCH_LIMITS, startSearch } from './ask.ts';
import { textsIn } from './csrf.ts';
import type { Found } from './guarded.ts';
import { findLogin } from './login.ts';
import { findLogout } from './logout.ts';
import { findRefresh } from './refresh.ts';
import { type Asked, ask, below, firstOf, type Listener, type Searched, sessionOrNull } from './searched.ts';
import { CSRF_TOKENS, LOGOUTS, PUBLIC } from './usual.ts';

/**
 * A login and a guarded request have to be found. A limit that ends the search after that keeps what was found.
 *
 * @throws {TollgateError} in one line: what was not found, and the flag that specifies it; or that a limit was reached
 */
export async function discover(asked: Asked): Promise<ServiceConfig> {
  const search = startSearch(asked.signal, asked.limits ?? SEARCH_LIMITS);
  try {
    const send = named(search.ask, asked.listener);
    return await discoverBy({ ...asked, signal: search.signal, send }, search.ask);
  } finally {
    search.finish();
  }
}

/** Some services refuse requests without this header, or bind sessions to it. */
const AGENT = 'tollgate';

const named =
  (send: Ask, listener: Listener | undefined): Ask =>
  (endpoint, call, timeoutMs) => {
    const { headers = {} } = call;
    const pairs: (readonly [string, string])[] = Array.isArray(headers) ? [...headers] : Object.entries(headers);
    listener?.tries(`${call.method} ${shownPath(call.path)}`);
    return send(endpoint, { ...call, headers: [['user-agent', AGENT], ...pairs] }, timeoutMs);
  };

/** Whether the service can be used as found without the name of a client. */
async function worksAlike(asked: Searched, { login, guarded }: Found, send: Ask): Promise<boolean> {
  const session = await sessionOrNull({ ...asked, send }, login);
  return session !== null && isSuccess(guarded, await send(asked.endpoint, callOf(guarded, session)));
}

/**
 * Looks for a part that a service may lack, and tells what was found.
 *
 * @returns null if a fault of the service or a limit of the search ends this part
 */
async function optional<T>(
  { signal, listener }: Searched,
  name: string,
  find: () => Promise<T>,
  text: (found: T) => string,
): Promise<T | null> {
  try {
    const found = await find();
    listener?.finds(`${name}: ${text(found)}`);
    return found;
  } catch (error) {
    const reason: unknown = signal.aborted ? signal.reason : error;
    // An interruption has another reason.
    if (!(reason instanceof TollgateError)) throw reason;
    listener?.finds(`${name}: unknown, since ${reason.message}; ${reason.hint}`);
    return null;
  }
}

/** @param nameless sends a request without the name of a client */
async function discoverBy(asked: Searched, nameless: Ask): Promise<ServiceConfig> {
  const { user, url } = asked;
  const found = await findLogin(asked);
  const { login, guarded, session, reply } = found;
  const finds = (part: string) => asked.listener?.finds(part);
  finds(`login: ${requestText(login.request)}, with its credential in the ${shown(placeText(login.credential))}`);
  for (const { request, csrf } of [login.before ?? []].flat())
    if (csrf !== undefined) finds(`CSRF token of the login: the ${shown(placeText(csrf))} of ${requestText(request)}`);
  finds(`guarded: ${requestText(guarded)}`);
  const identity = textsIn(reply.json).find(([, text]) => text === user.username)?.[0] ?? null;
  const isAlike = await optional(
    asked,
    'client',
    () => worksAlike(asked, found, nameless),
    (alike) => (alike ? 'needs no User-Agent' : 'needs a User-Agent'),
  );
  const textOf = (request: Request | null) => (request === null ? 'nothing was found' : requestText(request));
  const open = await optional(asked, 'public', () => findPublic(asked, guarded), textOf);
  const ending = await optional(
    asked,
    'logout',
    () =>
      findLogout(
        { endpoint: asked.endpoint, ask: asked.send, signal: asked.signal, ...found },
        below(asked, LOGOUTS),
        below(asked, CSRF_TOKENS),
      ),
    (logout) => textOf(logout?.logout ?? null),
  );
  const renewal = await optional(
    asked,
    'refresh',
    () => findRefresh(asked, found, ending?.login ?? login),
    (refresh) => textOf(refresh?.refresh ?? null),
  );
  return {
    $schema: './service.schema.json',
    name: 'service',
    urls: [url.origin],
    users: [{ username: user.username, password: { env: asked.passwordVariable } }],
    // What was found was found with it.
    ...(isAlike === true ? {} : { headers: { 'user-agent': AGENT } }),
    login: renewal?.login ?? ending?.login ?? login,
    requests: {
      guarded,
      ...(open === null ? {} : { public: open }),
      ...(renewal === null ? {} : { refresh: renewal.refresh }),
      ...(ending === null ? {} : { logout: ending.logout }),
    },
    ...(identity === null || session.user.username === '' ? {} : { identity }),
  };
}

const findPublic = (asked: Searched, guarded: Request): Promise<Request | null> =>
  firstOf(
    below(asked, PUBLIC).map((path): Request => ({ path })),
    async (request) => request.path !== guarded.path && (await ask(asked, callOf(request, NOTHING))).status === 200,
  );

const requestText = ({ method = 'GET', path }: Request): string => `${method} ${shownPath(path)}`;
