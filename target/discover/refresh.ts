/** Discovers how a service renews a credential: by a usual request with the refresh token of the login, really made once. */
import type { Answer } from '../../bench/gate/http.ts';
import { TollgateError } from '../../core/errors.ts';
import type { Place, Request } from '../config/request-schema.ts';
import type { ServiceConfig } from '../config/schema.ts';
import { loggedInFrom, logIn } from '../flow/login.ts';
import { callOf } from '../flow/requests.ts';
import { textsIn } from './csrf.ts';
import { actionOf } from './form.ts';
import { credentialsIn, type Found } from './guarded.ts';
import { withStatus } from './logout.ts';
import { ask, below, isAccepted, type Searched } from './searched.ts';
import { REFRESHES, TOKENS } from './usual.ts';

type Login = ServiceConfig['login'];

interface Refresh {
  readonly refresh: Request;
  /** The login, with the position of the refresh token, and of the renewed credential if that is another. */
  readonly login: Login;
}

/** @returns null if the login gives no refresh token, or no usual request takes it */
export async function findRefresh(asked: Searched, found: Found, login: Login): Promise<Refresh | null> {
  for (const refreshToken of refreshTokensIn(found.session.reply)) {
    const having: Login = { ...login, refreshToken };
    // A used refresh token may be refused later, and its family with it.
    let session = await logIn({ login: having }, asked.endpoint, asked.user, { ask: asked.send });
    for (const path of pathsFor(asked, found.session.reply, login)) {
      for (const request of requestsAt(path, refreshToken)) {
        const answer = await ask(asked, callOf(request, session));
        if (answer.status === 404 || answer.status === 405) break;
        if (answer.status >= 300) continue;
        const refresh = withStatus(request, answer.status);
        for (const credential of [login.credential, ...credentialsIn(answer)]) {
          const form = { ...having, ...renewedBy(login, credential, answer), request: refresh };
          const renewed = loggedInFrom({ login: { ...form, credential } }, asked.user, answer);
          // The reply alone has to hold the credential: the cookies of the login are not sent.
          if (renewed instanceof TollgateError || !(await isAccepted(asked, found.guarded, renewed))) continue;
          return { refresh, login: { ...having, ...renewedBy(login, credential, answer) } };
        }
        session = await logIn({ login: having }, asked.endpoint, asked.user, { ask: asked.send });
      }
    }
  }
  return null;
}

/** Says where the reply to the refresh has its credential and refresh token, if not where that to the login does. */
function renewedBy({ credential }: Login, own: Place, answer: Answer): Pick<Login, 'renewed'> {
  if (JSON.stringify(own) === JSON.stringify(credential)) return {};
  const [refreshToken] = refreshTokensIn(answer);
  return { renewed: { credential: own, ...(refreshToken === undefined ? {} : { refreshToken }) } };
}

/** Where a reply has a refresh token. */
function refreshTokensIn({ json, cookies }: Answer): Place[] {
  const texts = textsIn(json).filter(([pointer, text]) => /refresh/i.test(pointer) && /^[\x21-\x7e]{16,}$/.test(text));
  return [
    ...texts.filter(([, text]) => !/^(?:https?:\/)?\//.test(text)).map(([pointer]) => ({ json: pointer })),
    ...cookies.filter(({ name, deletes }) => /refresh/i.test(name) && !deletes).map(({ name }) => ({ cookie: name })),
  ];
}

/** Paths that the reply names come first, then those beside the login. */
function pathsFor(asked: Searched, reply: Answer, { request }: Login): string[] {
  const named = textsIn(reply.json)
    .filter(([pointer]) => /(?:refresh|token)_?-?(?:url|uri|endpoint)/i.test(pointer))
    .flatMap(
      ([, text]) =>
        actionOf(request.path, text.startsWith(asked.url.origin) ? text.slice(asked.url.origin.length) : text) ?? [],
    );
  const isToken = request.form?.grant_type !== undefined;
  const beside = request.path.slice(0, request.path.replace(/\/$/, '').lastIndexOf('/'));
  const near = [`${beside}/refresh`, `${request.path.replace(/\/$/, '')}/refresh`];
  return [
    ...new Set([...named, ...(isToken ? [request.path] : []), ...near, ...below(asked, [...REFRESHES, ...TOKENS])]),
  ];
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
