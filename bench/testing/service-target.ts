/** A service of two replicas in memory, whose store may be late: a request is answered with 503, and served when repeated. */
import type { Secrets } from '../../servers/configuration.ts';
import { type ArmInfo, ROUTES } from '../../servers/contract.ts';
import { type ClientSession, headersOf } from '../gate/client-session.ts';
import type { Answer } from '../gate/http.ts';
import type { GateTarget } from '../gate/target.ts';
import { armInfo } from './arm-info.ts';

/** The length of its tokens, in characters: as of 256 bits in Base64. */
const TOKEN_LENGTH = 43;

/** A late store does what it is asked when the request is repeated, or did it although the answer was 503. */
export type Store = 'prompt' | 'late' | 'late-but-done';

export interface ServiceOptions {
  readonly arm?: ArmInfo;
  readonly store?: Store;
  /** Returns the token that counts in place of this one; null if none does. By default each counts as itself. */
  readonly countsAs?: (token: string) => string | null;
}

/** It issues opaque tokens, and ends them at once. Only what the checks of its tests need is there. */
export function serviceTarget({
  arm = armInfo('service'),
  store = 'prompt',
  countsAs = (token) => token,
}: ServiceOptions = {}): GateTarget {
  const owners = new Map<string, string>();
  const late = new Set<string>();
  let users = 0;
  let logins = 0;

  const serve = (method: string, path: string, token: string): { status: number; json?: unknown } => {
    const username = owners.get(countsAs(token) ?? '');
    if (username === undefined) return { status: 401 };
    if (method === 'GET' || path === ROUTES.transfer.path) return { status: 200, json: { username } };
    const disabled = /^\/admin\/users\/(.+)\/disable$/.exec(path)?.[1];
    for (const [other, owner] of owners) {
      const isOfUser = path === ROUTES.logoutAll.path && owner === username;
      if (owner === disabled || isOfUser || (path === ROUTES.logout.path && other === token)) owners.delete(other);
    }
    return { status: 204 };
  };
  const answer = (asked: { status: number; json?: unknown }): Answer => {
    const sentAtMs = performance.now();
    return { cookies: [], text: '', ...asked, sentAtMs, answeredAtMs: sentAtMs } as unknown as Answer;
  };
  const target = {
    arm,
    settings: {},
    secrets: {} as Secrets,
    admin: userOf('admin'),
    freshUser: () => userOf(`user-${++users}`),
    async login(_which, user) {
      const accessToken = `${++logins}-`.padEnd(TOKEN_LENGTH, 'x');
      owners.set(accessToken, user.username);
      return {
        user,
        cookies: [],
        accessToken,
        refreshToken: null,
        csrfToken: null,
        expiresInSeconds: null,
        reply: { ...answer({ status: 200 }), json: { accessToken } },
      };
    },
    async call(which, { method, path, headers = {} }) {
      const key = JSON.stringify([which, method, path, headers]);
      const token = new Headers(headers as Record<string, string>).get('authorization')?.replace('Bearer ', '') ?? '';
      if (store === 'prompt' || late.delete(key)) return answer(serve(method, path, token));
      late.add(key);
      if (store === 'late-but-done') serve(method, path, token);
      return answer({ status: 503 });
    },
    read: (which, session, path = ROUTES.me.path) =>
      target.call(which, { method: 'GET', path, headers: headersOf(session) }),
    write: (which, session, path = ROUTES.transfer.path) =>
      target.call(which, { method: 'POST', path, headers: headersOf(session) }),
    withKeys: async () => target,
    endsAtMs: () => Number.POSITIVE_INFINITY,
  } as Partial<GateTarget> as GateTarget;
  return target;
}

function userOf(username: string): ClientSession['user'] {
  return { username, password: '', record: { id: username, username, passwordHash: '', roles: [] } };
}
