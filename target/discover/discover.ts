/** Finds out how to use a running service by trying common requests, and makes a configuration of it. */

import { TollgateError } from '../../core/errors.ts';
import type { Request } from '../config/request-schema.ts';
import type { ServiceConfig } from '../config/schema.ts';
import { type Ask, logIn, shown } from '../flow/login.ts';
import { placeText } from '../flow/places.ts';
import { callOf, NOTHING } from '../flow/requests.ts';
import { isSuccess } from '../flow/success.ts';
import { SEARCH_LIMITS, type Search, startSearch } from './ask.ts';
import { textsIn } from './csrf.ts';
import { findLogin } from './login.ts';
import { findLogout } from './logout.ts';
import { findRefresh } from './refresh.ts';
import { type Asked, ask, below, firstOf, type Listener, type Searched } from './searched.ts';
import { CSRF_TOKENS, LOGOUTS, PUBLIC } from './usual.ts';

/** @throws {TollgateError} in one line: what was not found, and the flag that specifies it; or that a limit was reached */
export async function discover(asked: Asked): Promise<ServiceConfig> {
  const search = startSearch(asked.signal, asked.limits ?? SEARCH_LIMITS);
  try {
    const config = await discoverBy({ ...asked, signal: search.signal, send: named(search.ask, asked.listener) });
    return (await worksAlike(asked, config, search)) ? config : { ...config, headers: { 'user-agent': AGENT } };
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
    listener?.tries(`${call.method} ${shown(call.path.replace(/\?.*$/, ''))}`);
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
  const finds = (part: string) => asked.listener?.finds(part);
  finds(`login: ${requestText(login.request)}, with its credential in the ${placeText(login.credential)}`);
  for (const { request, csrf } of [login.before ?? []].flat())
    if (csrf !== undefined) finds(`CSRF token of the login: the ${placeText(csrf)} of ${requestText(request)}`);
  finds(`guarded: ${requestText(guarded)}`);
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
  const renewal = await findRefresh(asked, found, ending?.login ?? login);
  finds(open === null ? 'public: nothing was found' : `public: ${requestText(open)}`);
  finds(ending === null ? 'logout: nothing was found' : `logout: ${requestText(ending.logout)}`);
  if (renewal !== null) finds(`refresh: ${requestText(renewal.refresh)}, and its new credential works`);
  return {
    $schema: './service.schema.json',
    name: 'service',
    urls: [url.origin],
    users: [{ username: user.username, password: { env: asked.passwordVariable } }],
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

const requestText = ({ method = 'GET', path }: Request): string => `${method} ${shown(path)}`;
