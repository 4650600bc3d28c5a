/** The target of a check: two replicas of one arm, users, and the operations of a client. */

import type { Secrets, ServerSettings } from '../../servers/configuration.ts';
import { type ArmInfo, ROUTES } from '../../servers/contract.ts';
import type { User } from '../fleet/secrets.ts';
import { newProofKey } from '../load/connection/proof.ts';
import { proven } from './attacks/proofs.ts';
import { type ClientSession, clientSessionFrom, headersOf } from './client-session.ts';
import { type Answer, type Call, call, type Endpoint, exchange } from './http.ts';
import { onceServed } from './once-served.ts';
import { asTokens } from './promises.ts';
import { DEFAULT_ABSOLUTE_TIMEOUT_MS } from './stage/variants.ts';
import type { Which } from './which.ts';

/** Controls the store of the fleet, such as an authorization server. */
export interface StoreControl {
  /** Makes it stop responding, with every connection left open. */
  freeze(): void;
  thaw(): void;
}

/** Controls the Redis of the fleet. */
export interface RedisControl extends StoreControl {
  /** Breaks every connection to it; it accepts new ones at once. */
  disconnectAll(): Promise<void>;
  /** Makes it lose all data and every connection at once, like a restart without data. */
  lose(): Promise<void>;
}

/** A running fleet of two replicas of an arm or a mutant. */
export interface GateFleet {
  readonly replicas: readonly [Endpoint, Endpoint];
  /** The replicas' own addresses, if clients connect to an edge in front of each; absent or null for all others. */
  readonly behind?: readonly [Endpoint, Endpoint] | null;
  /** The settings of the replicas. */
  readonly settings: ServerSettings;
  /** The keys of these servers. A check uses them to sign tokens that no attacker could, to try one claim at a time. */
  readonly secrets: Secrets;
  readonly users: readonly User[];
  /** Null without a Redis, or if it must not be stopped. */
  readonly redis: RedisControl | null;
  /** The companion that stores its state; absent or null without one. */
  readonly companion?: StoreControl | null;
  /** Starts two more replicas of the arm on the same store with other keys. They end with the fleet. */
  withKeys(secrets: Secrets): Promise<readonly [Endpoint, Endpoint]>;
  /** Returns why a replica ended; null while all run. */
  death(): string | null;
  /** Returns everything that the replicas wrote to stdout and stderr. */
  output(): string;
  stop(): Promise<void>;
}

export interface GateTarget {
  readonly arm: ArmInfo;
  readonly settings: ServerSettings;
  readonly secrets: Secrets;
  readonly redis: RedisControl | null;
  /** Its Redis, or the companion that replaces it; null if there is none, or if it must not be stopped. */
  readonly store: StoreControl | null;
  readonly admin: User;
  /** Whether `secrets` contains the key that signs its tokens: always, except for a service. */
  readonly canSign: boolean;
  /** Whether it serves a route of the contract; an arm serves all. */
  has(route: keyof typeof ROUTES): boolean;
  /** The key of its clients, for an arm whose tokens are bound to one; null for every other. */
  readonly proofKey: string | null;
  /** Returns an ordinary user for this check only. */
  freshUser(): User;
  endpoint(which: Which): Endpoint;
  /** Sends a request past the edge to the replica behind it, which no client can reach. @throws Error without an edge */
  callBehind(which: Which, asked: Call): Promise<Answer>;
  /** Sends a request, and adds a proof of the client's key if it needs one and has none. */
  call(which: Which, asked: Call, timeoutMs?: number): Promise<Answer>;
  /** Sends any bytes. Returns null if the connection was closed without an answer. */
  send(which: Which, bytes: Buffer, timeoutMs?: number): Promise<Answer | null>;
  /** Sends `POST /login` and returns any answer. */
  tryLogin(which: Which, user: Pick<User, 'username' | 'password'>, headers?: Call['headers']): Promise<Answer>;
  /** Logs in. @throws Error if the answer does not match the contract */
  login(which: Which, user: User, options?: LoginOptions): Promise<ClientSession>;
  /** Sends `GET /me`, or another path, with the credential. */
  read(which: Which, session: ClientSession, path?: string): Promise<Answer>;
  /** Sends a state change with the credential and its CSRF token; by default `POST /transfer` with a valid body. */
  write(which: Which, session: ClientSession, path?: string, json?: unknown): Promise<Answer>;
  refresh(which: Which, refreshToken: string): Promise<Answer>;
  /** Disables the user as an administrator. @throws Error if the answer is not 204 */
  disable(which: Which, user: User): Promise<void>;
  /** Starts two more replicas with other keys, which share store and users with these. */
  withKeys(secrets: Secrets): Promise<GateTarget>;
  /** The time at which a credential expires at the latest, on the clock of performance.now(). */
  endsAtMs(session: ClientSession): number;
  death(): string | null;
  output(): string;
}

export interface LoginOptions {
  /** The credential to request, if the arm has both. */
  readonly credential?: 'cookie' | 'token';
  readonly headers?: Readonly<Record<string, string>>;
}

export const TRANSFER = { to: 'somebody', amount: 1 };

/** Whether an answer to `GET /me` is for this user. */
export function isFor(answer: Answer, user: User): boolean {
  const { json } = answer;
  return (
    answer.status === 200 &&
    typeof json === 'object' &&
    json !== null &&
    'username' in json &&
    json.username === user.username
  );
}

/** @throws Error if a check needs more users than the fleet has */
export function createTarget(arm: ArmInfo, fleet: GateFleet): GateTarget {
  const admin = fleet.users.at(-1);
  if (admin === undefined) throw new Error('the fleet has no users');
  const spare = fleet.users.slice(0, -1).values();
  return targetOf(arm, fleet, {
    admin,
    proofKey: arm.senderConstrained === true ? newProofKey() : null,
    freshUser() {
      const { value } = spare.next();
      if (value === undefined) throw new Error('the gate has too few users: make more in bench/gate/stage/stage.ts');
      return value;
    },
  });
}

/** The operations that all targets of one check share. */
type Clients = Pick<GateTarget, 'admin' | 'freshUser' | 'proofKey'>;

function targetOf(arm: ArmInfo, fleet: GateFleet, clients: Clients): GateTarget {
  const { admin, proofKey } = clients;
  const endpoint = (which: Which) => fleet.replicas[which];

  const target: GateTarget = {
    arm,
    settings: fleet.settings,
    secrets: fleet.secrets,
    redis: fleet.redis,
    store: fleet.redis ?? fleet.companion ?? null,
    ...clients,
    canSign: true,
    has: () => true,
    endpoint,
    call: (which, asked, timeoutMs) =>
      call(endpoint(which), proofKey === null ? asked : proven(endpoint(which), asked, proofKey), timeoutMs),
    async callBehind(which, asked) {
      if (!fleet.behind) throw new Error('no replica stands behind an edge');
      return call(fleet.behind[which], asked);
    },
    send: (which, bytes, timeoutMs) => exchange(endpoint(which), bytes, timeoutMs),
    tryLogin: (which, { username, password }, headers = {}) =>
      target.call(which, { ...ROUTES.login, headers, json: { username, password } }),
    async login(which, user, { credential, headers = {} } = {}) {
      const { username, password } = user;
      const json = { username, password, ...(credential === undefined ? {} : { credential }) };
      return clientSessionFrom(user, await onceServed(() => target.call(which, { ...ROUTES.login, headers, json })));
    },
    read: (which, session, path = ROUTES.me.path) =>
      target.call(which, { method: 'GET', path, headers: headersOf(session) }),
    write: (which, session, path = ROUTES.transfer.path, json = path === ROUTES.transfer.path ? TRANSFER : undefined) =>
      target.call(which, { method: 'POST', path, headers: headersOf(session, 'write'), json }),
    refresh: (which, refreshToken) => target.call(which, { ...ROUTES.refresh, json: { refreshToken } }),
    async disable(which, user) {
      const session = await target.login(which, admin);
      const path = ROUTES.disableUser.path.replace(':id', user.record.id);
      const { status } = await onceServed(() => target.write(which, session, path));
      if (status !== 204) throw new Error(`disabling a user as an administrator returned ${status}`);
    },
    withKeys: async (secrets) =>
      targetOf(arm, { ...fleet, secrets, behind: null, replicas: await fleet.withKeys(secrets) }, clients),
    endsAtMs({ expiresInSeconds, reply }) {
      const absoluteMs = fleet.settings.absoluteTimeoutMs ?? DEFAULT_ABSOLUTE_TIMEOUT_MS;
      return reply.answeredAtMs + (expiresInSeconds === null ? absoluteMs : expiresInSeconds * 1000);
    },
    death: () => fleet.death(),
    output: () => fleet.output(),
  };
  return target;
}

/** Returns the same fleet and users, for a client that requests a token at login. */
export function withTokens(target: GateTarget): GateTarget {
  return {
    ...target,
    arm: asTokens(target.arm),
    login: (which, user, options = {}) => target.login(which, user, { credential: 'token', ...options }),
    withKeys: async (secrets) => withTokens(await target.withKeys(secrets)),
  };
}
