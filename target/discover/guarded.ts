/** Finds the credential in the reply to a login by a request that needs it. */
import type { Answer } from '../../bench/gate/http.ts';
import { TollgateError } from '../../core/errors.ts';
import type { Place, Request } from '../config/request-schema.ts';
import type { ServiceConfig } from '../config/schema.ts';
import { type LoggedIn, loggedInFrom } from '../flow/login.ts';
import { type ClientCredentials, callOf, NOTHING } from '../flow/requests.ts';
import { isSuccess } from '../flow/success.ts';
import { textsIn } from './csrf.ts';
import { ask, below, isAccepted, type Searched } from './searched.ts';
import { GUARDED, OWN_HEADERS, TOKEN_HEADERS } from './usual.ts';

/** Where a reply to a login may hold the credential: a token by its form or name, else a cookie that scripts cannot read. */
export function credentialsIn({ json, cookies, header }: Answer, held: ClientCredentials['cookies'] = []): Place[] {
  const texts = textsIn(json).filter(([pointer, text]) => text.length >= 16 && !/refresh|csrf/i.test(pointer));
  const isToken = ([pointer, text]: [string, string]) =>
    /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text) || /token|jwt/i.test(pointer);
  const kept = cookies.filter(({ deletes }) => !deletes);
  const ordered = kept.toSorted((a, b) => Number(b.attributes.has('httponly')) - Number(a.attributes.has('httponly')));
  return [
    ...texts.filter(isToken).map(([pointer]): Place => ({ json: pointer })),
    ...TOKEN_HEADERS.flatMap((name): Place[] => (header(name) === null ? [] : [{ header: name }])),
    ...(/[?&#]access_token=/.test(header('location') ?? '') ? [{ parameter: 'access_token' }] : []),
    ...ordered.map(({ name }): Place => ({ cookie: name })),
    // Except a session that began before the login and was not replaced by it.
    ...held.filter(({ name }) => !cookies.some((cookie) => cookie.name === name)).map(({ name }) => ({ cookie: name })),
  ];
}

type Login = ServiceConfig['login'];

export interface Found {
  readonly login: Login;
  readonly guarded: Request;
  readonly session: LoggedIn;
  readonly reply: Answer;
}

/** The credential in the reply to a login, and the request that it authorises. */
export async function foundWith(
  asked: Searched,
  form: Login,
  answer: Answer,
  held: ClientCredentials,
): Promise<Found | null> {
  const { user } = asked;
  for (const credential of credentialsIn(answer, held.cookies)) {
    const login = { ...form, credential };
    const session = loggedInFrom({ login }, user, answer, held.cookies);
    if (session instanceof TollgateError) continue;
    const guarded = await findGuarded(asked, session, credential);
    if (guarded === null) continue;
    // A client sends all its cookies: the credential is the first one without which the request is refused.
    if ('cookie' in credential && (await isAccepted(asked, guarded.guarded, without(session, credential.cookie))))
      continue;
    return { login, session, ...guarded };
  }
  return null;
}

const without = (session: LoggedIn, name: string): LoggedIn => ({
  ...session,
  cookies: session.cookies.filter((cookie) => cookie.name !== name),
});

/** A token of a header of its own goes back in that header; any other as a bearer token, or in a usual header. */
function asks(path: string, credential: Place): Request[] {
  const having = (name: string): Request => ({ path, headers: { [name]: '{{token}}' } });
  if ('header' in credential && credential.header !== 'authorization') return [having(credential.header), { path }];
  return 'cookie' in credential ? [{ path }] : [{ path }, ...OWN_HEADERS.map(having)];
}

async function findGuarded(
  asked: Searched,
  session: LoggedIn,
  credential: Place,
): Promise<{ readonly guarded: Request; readonly reply: Answer } | null> {
  const { guarded } = asked;
  for (const path of guarded === null ? below(asked, GUARDED) : [guarded]) {
    if (await isAccepted(asked, { path }, NOTHING)) continue;
    for (const request of asks(path, credential)) {
      const reply = await ask(asked, callOf(request, session));
      if (isSuccess(request, reply)) return { guarded: request, reply };
      if (reply.status === 404) break;
    }
  }
  return null;
}
