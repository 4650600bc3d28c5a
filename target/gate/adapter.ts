/**
 * Makes a service look like an arm to the gate's checks. A check requests routes of the endpoint contract; the
 * service's own requests are sent in their place. A reply keeps its headers and body, but gets the status of the
 * contract: that of success if the configuration defines it as success, and otherwise 401 for any refusal (403 for a
 * logged-in client at the admin route).
 */
import { randomBytes } from 'node:crypto';
import type { User } from '../../bench/fleet/secrets.ts';
import { type ClientSession, clientSessionFrom, headersOf, secretOf } from '../../bench/gate/client-session.ts';
import { type Endpoint, exchange } from '../../bench/gate/http.ts';
import type { GateTarget } from '../../bench/gate/target.ts';
import type { Which } from '../../bench/gate/which.ts';
import { ROUTES } from '../../servers/contract.ts';
import type { Service, ServiceUser } from '../config/service.ts';
import { type Ask, type LoggedIn, logIn, sent } from '../flow/login.ts';
import { jarOf } from '../flow/places.ts';
import { cookieOf } from '../flow/requests.ts';
import type { ServiceFleet } from '../process/fleet.ts';
import { EqualTokens } from './equal-tokens.ts';
import type { Subject } from './subject.ts';
import { type Holder, requestFor, type ServerError, Translator } from './translate.ts';

export interface ServiceTarget extends GateTarget {
  readonly ask: Ask;
  /** All 5xx replies so far. */
  readonly serverErrors: readonly ServerError[];
  readonly subject: Subject;
  /**
   * Exchanges the refresh token.
   *
   * @returns null if it is refused
   *
   * @throws {Error} if the reply contains no credential
   */
  renew(which: Which, session: ClientSession): Promise<ClientSession | null>;
}

/** @param serverErrors gets every 5xx reply from now on */
export function createServiceTarget(
  subject: Subject,
  fleet: ServiceFleet,
  serverErrors: ServerError[],
  ask: Ask = sent,
): ServiceTarget {
  const { service } = subject;
  const users = service.users.map(userOf);
  const admin = service.admin === null ? (users[1] ?? users[0]) : userOf(service.admin);
  if (admin === undefined) throw new Error('the service has no user');
  const [first, second = first] = fleet.replicas.map(({ endpoint }) => endpoint);
  if (first === undefined || second === undefined) throw new Error('the service has no replica');
  const holders = new Map<string, Holder>();
  let drawn = 0;
  const endpoint = (which: 0 | 1): Endpoint => (which === 0 ? first : second);

  const equalTokens = new EqualTokens(subject);

  const known = (session: ClientSession, { kept, elsewhere }: Kept): ClientSession => {
    // Other cookies may have equal values for all users.
    const secrets = [session.refreshToken, secretOf(session)];
    for (const secret of secrets)
      if (secret !== null) holders.set(secret, { user: userIn(service, session.user), kept, elsewhere });
    return session;
  };

  const translate = new Translator(service, holders, serverErrors, ask);
  const target: ServiceTarget = {
    subject,
    ask,
    serverErrors,
    arm: subject.arm,
    settings: {},
    secrets: subject.secrets,
    redis: null,
    store: null,
    admin,
    canSign: subject.canSign,
    proofKey: null,
    has: (route) => (route === 'transfer' ? service.requests.critical : requestFor(service, route)) !== undefined,
    freshUser() {
      const user = users[drawn++ % users.length];
      if (user === undefined) throw new Error('the service has no user');
      return user;
    },
    endpoint,
    call: (which, asked, timeoutMs) => translate.call(endpoint(which), asked, timeoutMs),
    async callBehind() {
      throw new Error('what stands behind the service is not known');
    },
    send: (which, bytes, timeoutMs) => exchange(endpoint(which), bytes, timeoutMs),
    tryLogin: (which, { username, password }, headers = {}) =>
      target.call(which, { ...ROUTES.login, headers, json: { username, password } }),
    async login(which, user, { headers = {} } = {}) {
      await equalTokens.beforeLogin(headers);
      let kept: Kept = { kept: {}, elsewhere: [] };
      const session = await equalTokens.distinct(async () => {
        const loggedIn = await logIn(service, endpoint(which), userIn(service, user), { ask, headers });
        kept = { kept: loggedIn.kept, elsewhere: loggedIn.cookies.filter(({ host }) => host !== undefined) };
        return sessionOf(user, loggedIn);
      });
      return known(session, kept);
    },
    async renew(which, session) {
      const reply = await target.refresh(which, session.refreshToken ?? '');
      if (reply.status !== 200) return null;
      if (reply.json === undefined)
        throw new Error('the reply to the refresh holds no credential: login.renewed says where it is');
      const { cookies, ...renewed } = clientSessionFrom(session.user, reply);
      const held = jarOf(reply, cookieOf(service.login), [...session.cookies, ...cookies]);
      const kept = holders.get(session.refreshToken ?? '') ?? { kept: {}, elsewhere: [] };
      return known({ ...renewed, cookies: held }, kept);
    },
    read: (which, session, path = ROUTES.me.path) =>
      target.call(which, { method: 'GET', path, headers: headersOf(session) }),
    write(which, session, path = ROUTES.transfer.path) {
      if (path === ROUTES.logout.path || path === ROUTES.logoutAll.path) equalTokens.ending(session);
      const asked = { method: 'POST', path, headers: headersOf(session, 'write') };
      return translate.call(endpoint(which), asked, undefined, session);
    },
    refresh: (which, refreshToken) => target.call(which, { ...ROUTES.refresh, json: { refreshToken } }),
    async disable() {
      throw new Error('the service has no request that disables a user');
    },
    async withKeys() {
      throw new Error('the service takes its keys from its own configuration');
    },
    endsAtMs({ expiresInSeconds, reply }) {
      return reply.answeredAtMs + (expiresInSeconds === null ? UNKNOWN_LIFE_MS : expiresInSeconds * 1000);
    },
    death: () => fleet.death()?.message ?? null,
    output: () => fleet.output() ?? '',
  };
  return target;
}

type Kept = Omit<Holder, 'user'>;

const UNKNOWN_LIFE_MS = 24 * 3_600_000;

function userOf({ username, password }: ServiceUser): User {
  const unknown = randomBytes(24).toString('base64url');
  return { username, password, record: { id: username, username, roles: [], passwordHash: unknown } };
}

function sessionOf(
  user: User,
  { cookies, token, csrf, refreshToken, expiresInSeconds, reply }: LoggedIn,
): ClientSession {
  const own = cookies.filter(({ host }) => host === undefined);
  return { user, cookies: own, accessToken: token, refreshToken, csrfToken: csrf, expiresInSeconds, reply };
}

/** The configured user that a login sends. */
function userIn({ users, admin }: Service, { username, password }: User): ServiceUser {
  const all = admin === null ? users : [...users, admin];
  return all.find((user) => user.username === username) ?? { username, password };
}
