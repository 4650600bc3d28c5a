/** Clients of a service in experiments: they log in, repeat its requests, and end their sessions. */
import type { ForeignClients, ForeignSession, Judgement, RevocationKind } from '../../bench/fleet/foreign.ts';
import { type Answer, answerOf, bytesOf, type Call, type Endpoint } from '../../bench/gate/http.ts';
import type { Address } from '../../bench/load/connection/connection.ts';
import { runError } from '../../core/errors.ts';
import type { Request } from '../config/request-schema.ts';
import { statusesOf } from '../config/request-sense.ts';
import type { Purpose } from '../config/schema.ts';
import type { Service, ServiceUser } from '../config/service.ts';
import { endsAtMs } from '../flow/life.ts';
import { type LoggedIn, logIn, sent, shown } from '../flow/login.ts';
import { callOf, NOTHING } from '../flow/requests.ts';
import { isSuccess } from '../flow/success.ts';
import { isFor } from '../gate/subject.ts';

const PURPOSES: Readonly<Record<RevocationKind, Purpose>> = {
  logout: 'logout',
  'logout-all': 'logoutAll',
  disable: 'disable',
};
const KINDS = ['logout', 'logout-all', 'disable'] as const;
/** Statuses of a service for a logout with an ended credential: a refusal, or a redirect to the login page. */
const ENDED = [301, 302, 303, 401, 403];

/** A session with all credentials of its client. */
class Session implements ForeignSession {
  readonly loggedIn: LoggedIn;
  readonly endsAtMs: number | null;
  readonly credentialBytes: number;
  readonly #requests: Service['requests'];

  constructor({ requests, login }: Service, loggedIn: LoggedIn) {
    this.#requests = requests;
    this.loggedIn = loggedIn;
    this.endsAtMs = endsAtMs(login, loggedIn);
    const [cookie] = loggedIn.cookies;
    const text = loggedIn.token ?? (cookie === undefined ? '' : `${cookie.name}${cookie.value}`);
    this.credentialBytes = Buffer.byteLength(text);
  }

  read(address: Address): Buffer {
    return this.#bytes(address, this.#requests.guarded);
  }

  critical(address: Address): Buffer | null {
    const { critical } = this.#requests;
    return critical === undefined ? null : this.#bytes(address, critical);
  }

  #bytes(address: Address, request: Request): Buffer {
    return bytesOf(endpointAt(address), callOf(request, this.loggedIn, { random: crypto.randomUUID() }));
  }
}

function endpointAt({ host, port, certificate, isPinned = false }: Address): Endpoint {
  return { host, port, certificate: certificate ?? null, isPinned };
}

export function clientsOf(service: Service): ForeignClients {
  const { users, requests } = service;
  const userAt = (index: number): ServiceUser => {
    const user = users[index];
    if (user === undefined) throw new RangeError(`${service.name} has no user ${index}`);
    return user;
  };
  /** @returns the status */
  const ask = async (address: Address, request: Request, call: Call): Promise<number> => {
    const answer = await sent(endpointAt(address), call);
    return isSuccess(request, answer) ? 0 : answer.status;
  };
  const asAdmin = async (address: Address, purpose: 'disable' | 'enable', { username }: ServiceUser): Promise<void> => {
    const request = requests[purpose];
    const { admin } = service;
    if (request === undefined || admin === null) throw new TypeError(`there is no request to ${purpose} a user`);
    const holding = await logIn(service, endpointAt(address), admin);
    const status = await ask(address, request, callOf(request, holding, { username, random: crypto.randomUUID() }));
    if (status !== 0) throw refused(service, purpose, status);
  };
  const judgeFor = (user: ServiceUser, request: Request, answer: Answer, isRead: boolean): Judgement => {
    if (answer.status >= 500) return 'other';
    const isAccepted = isRead ? isFor(service, answer, user) : isSuccess(request, answer);
    return isAccepted ? 'accepted' : 'refused';
  };
  return {
    users: users.length,
    labelOf: (user) => userAt(user).label ?? `user ${user + 1}`,
    kinds: KINDS.filter((kind) => requests[PURPOSES[kind]] !== undefined),
    hasCritical: requests.critical !== undefined,
    logIn: async (address, user) => new Session(service, await logIn(service, endpointAt(address), userAt(user))),
    async revoke(address, kind, user, session) {
      if (kind === 'disable') {
        await asAdmin(address, 'disable', userAt(user));
        return true;
      }
      const request = requests[PURPOSES[kind]];
      if (request === undefined || !(session instanceof Session))
        throw new TypeError(`there is no request for ${kind}`);
      const status = await ask(address, request, callOf(request, session.loggedIn, { random: crypto.randomUUID() }));
      if (status === 0) return true;
      // A success status without the expected content is also a refusal.
      if (ENDED.includes(status) || statusesOf(request).includes(status)) return false;
      throw refused(service, PURPOSES[kind], status);
    },
    restore: (address, user) => asAdmin(address, 'enable', userAt(user)),
    judge: (response, operation, user) => {
      const request = operation === 'read' ? requests.guarded : (requests.critical ?? requests.guarded);
      return judgeFor(userAt(user), request, answerOf(response), operation === 'read');
    },
    judgeRead: (user) => ({
      accepts: [...statusesOf(requests.guarded)],
      // As it is encoded in JSON, since the load compares bytes.
      ...heldBy(service, userAt(user)),
    }),
    open(address) {
      if (requests.public === undefined) return null;
      const call = callOf(requests.public, NOTHING, { random: crypto.randomUUID() });
      return { wire: bytesOf(endpointAt(address), call), accepts: statusesOf(requests.public) };
    },
  };
}

function heldBy({ identity, requests }: Service, { username }: ServiceUser): { readonly holds?: string } {
  if (identity !== null) return { holds: JSON.stringify(username) };
  const { holds } = requests.guarded;
  return holds !== undefined && 'text' in holds ? { holds: holds.text } : {};
}

function refused({ name, requests }: Service, purpose: Purpose, status: number) {
  const { method = 'GET', path = '' } = requests[purpose] ?? {};
  return runError(
    `${method} ${shown(path.replace(/\?.*$/, ''))} of ${name} returned ${status}`,
    `correct requests.${purpose}: its path, body or expected status`,
  );
}
