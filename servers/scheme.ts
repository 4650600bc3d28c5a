/**
 * The interface of a scheme. Handlers, bodies and status codes are written once, in http/, and do not depend on it: a scheme
 * defines only how a credential is issued, authenticated, rechecked, renewed and ended.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CompanionAddress, CompanionAddresses, Secrets } from './configuration.ts';
import type { CompanionKind, Identity, LoginReply } from './contract.ts';
import type { Directory } from './directory.ts';
import type { Accounts } from './stores/accounts.ts';
import type { RedisStore } from './stores/redis.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The scheme's `authenticate` sets this; it is null if no credential was checked. */
    identity: Identity | null;
  }
}

/**
 * A step that lets a request pass (`done()`) or refuses it (`done(error)`, an HttpError). It is a Fastify hook in callback
 * form, so that a scheme does not pay for a promise it does not need, and guards can call one another.
 */
export type Guard = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => void;

/** The part of the login reply other than the user. It is empty if the credential is only a cookie. */
export type Credential = Omit<LoginReply, 'user'>;

export interface Scheme {
  /** The `WWW-Authenticate` header on a 401, if the credential belongs to an HTTP authentication scheme. */
  readonly challenge: string | null;
  /** True if the scheme's hooks also run on public routes, as those of a plugin registered for the whole application do. */
  readonly coversPublicRoutes: boolean;
  /** The store of disabled users, for a scheme with its state in a companion; default: the context's accounts. */
  readonly accounts?: Accounts;

  /** Adds plugins and decorators to the context of login, refresh and the guarded routes. It is called once, before the others. */
  install(scope: FastifyInstance): Promise<void>;

  /**
   * Issues a credential to a user whose password was correct, or returns null if the user was disabled meanwhile.
   * @throws StoreUnavailable
   */
  issue(request: FastifyRequest, reply: FastifyReply, user: Identity): Promise<Credential | null>;

  /** Sets `request.identity`, or fails with Unauthenticated or StoreUnavailable. This is the hot path. */
  readonly authenticate: Guard;

  /** Refuses a state change that another site made the browser send; null if browsers do not send the credential by themselves. */
  readonly verifyCsrf: Guard | null;

  /** Checks current state before a critical operation; null if the scheme promises nothing beyond `authenticate`. */
  readonly recheck: Guard | null;

  /**
   * Exchanges a refresh credential, from the body or a cookie, for a new one; null if the scheme has none (404).
   * The promise fails with Unauthenticated if the credential is used, stolen or too old.
   */
  readonly refresh:
    | ((
        request: FastifyRequest,
        reply: FastifyReply,
        refreshToken: string | undefined,
      ) => Promise<{ user: Identity; credential: Credential }>)
    | null;

  /** Ends the credential of this request, as far as the scheme can. */
  end(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Ends every credential of this request's user, as far as the scheme can. */
  endAll(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Ends every credential of a user who was disabled, as far as the scheme can. */
  terminate(userId: string): Promise<void>;
}

/** Everything that a scheme needs. */
export interface SchemeContext {
  readonly secrets: Secrets;
  readonly directory: Directory;
  readonly accounts: Accounts;
  /** Null for an arm that declares no Redis. */
  readonly redis: RedisStore | null;
  /** Every companion that the arm declares. */
  readonly companions: CompanionAddresses;
  readonly settings: SchemeSettings;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface SchemeSettings {
  /** A session ends after this long without use. */
  readonly idleTimeoutMs: number;
  /** A session ends this long after login, however much it is used. */
  readonly absoluteTimeoutMs: number;
  readonly tokenLifetimeSeconds: number;
  /** The lifetime of access tokens that a refresh token renews. */
  readonly accessTokenLifetimeSeconds: number;
  /** A refresh token may be used again for this long after its first use, and gets the same successor. */
  readonly refreshGraceMs: number;
  /** The maximum age of a session in an in-process cache. */
  readonly cacheStalenessMs: number;
  /** The maximum age of a denylist that is pushed to the replicas; if it is older, they ask Redis. */
  readonly denylistStalenessMs: number;
  /** The maximum age of an answer of the authorization server in an in-process cache. */
  readonly introspectionCacheMs: number;
  /** The lifetime of a published status list, and so the maximum age of one that a replica uses. */
  readonly statusListMs: number;
  /** The maximum age of the copy of a session that a client holds in a second cookie. */
  readonly cookieCacheMs: number;
  /** How long a cached session may be trusted after the last proof that Redis still reports changes to it. */
  readonly trackingBoundMs: number;
  /**
   * Whether a database records every use of a session, instead of once per 30th of the idle timeout: sessions then do
   * not end by that much early, but every request writes.
   */
  readonly noteEveryUse: boolean;
  /** The maximum age of a proof of a token's key, and how long used ones are remembered. */
  readonly proofMaxAgeSeconds: number;
  /** Whether proofs must contain a nonce of the server, so that they cannot be made in advance. */
  readonly proofNonces: boolean;
  /** Whether light reads are accepted while the denylist is unavailable. */
  readonly denylistFailOpen: boolean;
  /** Whether the Redis client keeps its library's defaults, to show their effect while Redis is down. */
  readonly redisDefaults: boolean;
  /** Whether the Redis client sends all commands of one event-loop iteration together, instead of one by one. */
  readonly redisAutoPipelining: boolean;
  /** The `SameSite` attribute of a credential's cookie; `unset` leaves it to the browser. */
  readonly cookieSameSite: 'unset' | 'none' | 'lax' | 'strict';
  /** False disables the check of CSRF tokens, to test the other defences alone. Never disable it in production. */
  readonly csrfProtection: boolean;
  /** Whether bodies of HTML forms are parsed too, as in an application with its own pages. */
  readonly formBodies: boolean;
  /** The numbers of failed logins a minute after which a username, and an address, are refused. */
  readonly failedLoginsPerUser: number;
  readonly failedLoginsPerAddress: number;
  /** Origins whose pages may read replies; none by default. */
  readonly allowedOrigins: readonly string[];
  /** Whether requests are limited by address, and where they are counted: in the process, or in Redis for all replicas. */
  readonly rateLimit: 'off' | 'local' | 'redis';
  /** The number of requests a minute that `rateLimit` allows one address. */
  readonly requestsPerMinute: number;
  /** Whether every reply carries security headers for browsers. */
  readonly securityHeaders: boolean;
  /** Whether requests are counted for Prometheus, and `GET /metrics` answers anyone who can reach the server. */
  readonly metrics: boolean;
  /** The OTLP endpoint of a collector for a span per request; null for no spans. */
  readonly traceEndpoint: string | null;
  /**
   * Proxies, by address or network (CIDR), whose `X-Forwarded-For` is trusted. Limits count clients by address:
   * behind a proxy that is not listed all clients share its address, and one of them can lock out the others.
   */
  readonly trustedProxies: readonly string[];
  /** True behind TLS: cookies get `Secure` and the `__Host-` prefix. Over plain HTTP a browser would drop them. */
  readonly secureCookies: boolean;
}

export const DEFAULT_SETTINGS: SchemeSettings = {
  idleTimeoutMs: 30 * 60_000,
  absoluteTimeoutMs: 12 * 3_600_000,
  tokenLifetimeSeconds: 15 * 60,
  accessTokenLifetimeSeconds: 5 * 60,
  // For two tabs, or a retry after a lost reply; short, since a thief could use it too.
  refreshGraceMs: 10_000,
  cacheStalenessMs: 1_000,
  // Longer than a stall of a busy machine: revocations arrive within milliseconds, and this only matters for a broken
  // channel.
  denylistStalenessMs: 2_000,
  introspectionCacheMs: 10_000,
  statusListMs: 5_000,
  cookieCacheMs: 60_000,
  trackingBoundMs: 500,
  noteEveryUse: false,
  proofMaxAgeSeconds: 60,
  proofNonces: false,
  denylistFailOpen: false,
  redisDefaults: false,
  redisAutoPipelining: true,
  cookieSameSite: 'lax',
  csrfProtection: true,
  formBodies: false,
  failedLoginsPerUser: 10,
  failedLoginsPerAddress: 100,
  allowedOrigins: [],
  rateLimit: 'off',
  requestsPerMinute: 600,
  securityHeaders: false,
  metrics: false,
  traceEndpoint: null,
  trustedProxies: [],
  secureCookies: false,
};

export type SchemeFactory = (context: SchemeContext) => Scheme;

/** Returns the Redis of an arm that declares it. @throws TypeError if the arm does not */
export function redisOf(context: SchemeContext): RedisStore {
  if (context.redis === null) throw new TypeError('This scheme keeps state in Redis: declare usesRedis in its arm.');
  return context.redis;
}

/** Returns the address of a companion that an arm declares. @throws TypeError if the arm does not */
export function companionOf({ companions }: Pick<SchemeContext, 'companions'>, kind: CompanionKind): CompanionAddress {
  const address = companions[kind];
  if (address === undefined) throw new TypeError(`This scheme needs a companion: declare ${kind} in its arm.`);
  return address;
}
