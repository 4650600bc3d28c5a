/** What a check works with: two replicas of one arm, users, and the things that a client can do. */
import { type ArmInfo, ROUTES, type Secrets, type ServerSettings } from '../../servers/contract.ts';
import type { User } from '../fleet/secrets.ts';
import { type ClientSession, clientSessionFrom, headersOf } from './client-session.ts';
import { type Answer, type Call, call, type Endpoint, exchange } from './http.ts';
import { asTokens } from './promises.ts';
import { DEFAULT_ABSOLUTE_TIMEOUT_MS } from './stage/variants.ts';
import type { Which } from './which.ts';

/** Hands on the Redis of the fleet. */
export interface RedisControl {
  /** It answers nobody from here on, and keeps every connection open. */
  freeze(): void;
  thaw(): void;
}

/** A running fleet of two replicas, whoever started it: the servers of an arm, or of a mutant. */
export interface GateFleet {
  readonly replicas: readonly [Endpoint, Endpoint];
  /** What the replicas were started with. */
  readonly settings: ServerSettings;
  /** The keys of these servers: with them a check forges what no attacker could, to try one claim at a time. */
  readonly secrets: Secrets;
  readonly users: readonly User[];
  /** Null where there is no Redis, or it is not ours to stop. */
  readonly redis: RedisControl | null;
  /** Why a replica is gone; null while both live. */
  death(): string | null;
  /** Everything that the replicas wrote to stdout and stderr. */
  output(): string;
  stop(): Promise<void>;
}

export interface GateTarget {
  readonly arm: ArmInfo;
  readonly settings: ServerSettings;
  readonly secrets: Secrets;
  readonly redis: RedisControl | null;
  readonly admin: User;
  /** An ordinary user whom no other check has, or will get. */
  freshUser(): User;
  endpoint(which: Which): Endpoint;
  call(which: Which, asked: Call, timeoutMs?: number): Promise<Answer>;
  /** Any bytes. Null where the connection was closed without an answer. */
  send(which: Which, bytes: Buffer, timeoutMs?: number): Promise<Answer | null>;
  /** `POST /login`, whatever is answered. */
  tryLogin(which: Which, user: Pick<User, 'username' | 'password'>, headers?: Call['headers']): Promise<Answer>;
  /** @throws Error where the login is not answered as the contract says */
  login(which: Which, user: User, options?: LoginOptions): Promise<ClientSession>;
  /** `GET /me`, or another path, with the credential. */
  read(which: Which, held: ClientSession, path?: string): Promise<Answer>;
  /** A state change with the credential and its CSRF token. `POST /transfer` with a valid body unless told otherwise. */
  write(which: Which, held: ClientSession, path?: string, json?: unknown): Promise<Answer>;
  refresh(which: Which, refreshToken: string): Promise<Answer>;
  /** An administrator disables the user. @throws Error where it is not answered 204 */
  disable(which: Which, user: User): Promise<void>;
  /** When a credential ends by itself at the latest, on the clock of performance.now(). */
  endsAtMs(held: ClientSession): number;
  death(): string | null;
  output(): string;
}

export interface LoginOptions {
  /** Where the arm has both. */
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

/** @throws Error where a check asks for more users than the fleet has */
export function createTarget(arm: ArmInfo, fleet: GateFleet): GateTarget {
  const admin = fleet.users.at(-1);
  if (admin === undefined) throw new Error('the fleet has no users');
  const spare = fleet.users.slice(0, -1).values();
  const endpoint = (which: Which) => fleet.replicas[which];

  const target: GateTarget = {
    arm,
    settings: fleet.settings,
    secrets: fleet.secrets,
    redis: fleet.redis,
    admin,
    freshUser() {
      const { value } = spare.next();
      if (value === undefined) throw new Error('the gate has too few users: make more in bench/gate/stage/stage.ts');
      return value;
    },
    endpoint,
    call: (which, asked, timeoutMs) => call(endpoint(which), asked, timeoutMs),
    send: (which, bytes, timeoutMs) => exchange(endpoint(which), bytes, timeoutMs),
    tryLogin: (which, { username, password }, headers = {}) =>
      target.call(which, { ...ROUTES.login, headers, json: { username, password } }),
    async login(which, user, { credential, headers = {} } = {}) {
      const { username, password } = user;
      const json = { username, password, ...(credential === undefined ? {} : { credential }) };
      return clientSessionFrom(user, await target.call(which, { ...ROUTES.login, headers, json }));
    },
    read: (which, held, path = ROUTES.me.path) => target.call(which, { method: 'GET', path, headers: headersOf(held) }),
    write: (which, held, path = ROUTES.transfer.path, json = path === ROUTES.transfer.path ? TRANSFER : undefined) =>
      target.call(which, { method: 'POST', path, headers: headersOf(held, 'write'), json }),
    refresh: (which, refreshToken) => target.call(which, { ...ROUTES.refresh, json: { refreshToken } }),
    async disable(which, user) {
      const held = await target.login(which, admin);
      const { status } = await target.write(which, held, ROUTES.disableUser.path.replace(':id', user.record.id));
      if (status !== 204) throw new Error(`disabling a user as an administrator was answered with ${status}`);
    },
    endsAtMs({ expiresInSeconds, reply }) {
      const absoluteMs = fleet.settings.absoluteTimeoutMs ?? DEFAULT_ABSOLUTE_TIMEOUT_MS;
      return reply.answeredAtMs + (expiresInSeconds === null ? absoluteMs : expiresInSeconds * 1000);
    },
    death: () => fleet.death(),
    output: () => fleet.output(),
  };
  return target;
}

/** The same fleet and users, as a client uses them that asks for a token at login. */
export function withTokens(target: GateTarget): GateTarget {
  return {
    ...target,
    arm: asTokens(target.arm),
    login: (which, user, options = {}) => target.login(which, user, { credential: 'token', ...options }),
  };
}
