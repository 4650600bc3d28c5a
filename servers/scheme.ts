/**
 * What a scheme supplies. Handlers, bodies and status codes are written once in app.ts and know nothing of it: a scheme
 * says only how a credential is issued, authenticated, checked again, renewed and ended.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Identity, LoginReply, Secrets } from './contract.ts';
import type { Directory } from './directory.ts';
import type { Accounts } from './stores/accounts.ts';
import type { RedisStore } from './stores/redis.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the scheme's `authenticate`; null where no credential was checked. */
    identity: Identity | null;
  }
}

/**
 * A step that lets a request pass (`done()`) or not (`done(error)`, an HttpError). It is a Fastify hook in callback form,
 * so that a scheme which needs no promise pays for none, and guards can hand over to one another.
 */
export type Guard = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => void;

/** What the login reply carries beside the user. Empty where the credential is a cookie alone. */
export type Credential = Omit<LoginReply, 'user'>;

export interface Scheme {
  /** `WWW-Authenticate` on a 401, where the credential is one of HTTP's own. */
  readonly challenge: string | null;
  /** True where the scheme's hooks see public routes too, as a plugin registered for the whole application does. */
  readonly coversPublicRoutes: boolean;

  /** Adds plugins and decorators to the context that holds login, refresh and the guarded routes; called once, first. */
  install(scope: FastifyInstance): Promise<void>;

  /**
   * A credential for a user whose password was right. Null where the user was disabled meanwhile.
   * @throws StoreUnavailable
   */
  issue(request: FastifyRequest, reply: FastifyReply, user: Identity): Promise<Credential | null>;

  /** Sets `request.identity`, or fails with Unauthenticated or StoreUnavailable. The hot path. */
  readonly authenticate: Guard;

  /** Refuses a state change that another site made the browser send; null where no credential is sent by itself. */
  readonly verifyCsrf: Guard | null;

  /** Checks against current state before a critical operation; null where the scheme promises nothing beyond `authenticate`. */
  readonly recheck: Guard | null;

  /**
   * Trades a refresh credential for a new one: the one in the body, or a cookie. Null where the scheme has none (404).
   * The promise fails with Unauthenticated where the credential is spent, stolen or too old.
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

/** What a scheme is made from. Everything that it needs comes in here. */
export interface SchemeContext {
  readonly secrets: Secrets;
  readonly directory: Directory;
  readonly accounts: Accounts;
  /** Null in an arm that declares no Redis. */
  readonly redis: RedisStore | null;
  readonly settings: SchemeSettings;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface SchemeSettings {
  /** A session ends when it was not used for so long. */
  readonly idleTimeoutMs: number;
  /** A session ends so long after login, however much it is used. */
  readonly absoluteTimeoutMs: number;
  readonly tokenLifetimeSeconds: number;
  /** Of access tokens that a refresh token renews. */
  readonly accessTokenLifetimeSeconds: number;
  /** A refresh token that was just traded may come again for so long, and gets the same successor. */
  readonly refreshGraceMs: number;
  /** How old a session in an in-process cache may be. */
  readonly cacheStalenessMs: number;
  /** Whether light reads pass while the denylist does not answer. */
  readonly denylistFailOpen: boolean;
  /** Whether the Redis client keeps its library's settings, to show what they do while Redis is away. */
  readonly redisDefaults: boolean;
  /** Whether the Redis client sends commands of one event-loop turn together; without it each goes on its own. */
  readonly redisAutoPipelining: boolean;
  /** What a credential's cookie says of requests from other sites; `unset` says nothing and leaves it to the browser. */
  readonly cookieSameSite: 'unset' | 'none' | 'lax' | 'strict';
  /** False leaves CSRF tokens unchecked: to see what else stands in an attack's way. Never where it matters. */
  readonly csrfProtection: boolean;
  /** Whether bodies of HTML forms are read too, as by an application with pages of its own. */
  readonly formBodies: boolean;
  /** Failed logins in a minute after which a username is refused, and an address. */
  readonly failedLoginsPerUser: number;
  readonly failedLoginsPerAddress: number;
  /** Origins whose pages may read replies; none unless named. */
  readonly allowedOrigins: readonly string[];
  /** Whether every route is limited by address, and where requests are counted: in the process, or in Redis for all replicas. */
  readonly rateLimit: 'off' | 'local' | 'redis';
  /** Of one address, where requests are limited. */
  readonly requestsPerMinute: number;
  /** Whether every reply carries the headers that keep browsers from misusing it. */
  readonly securityHeaders: boolean;
  /** True behind TLS: cookies get `Secure` and the `__Host-` prefix. Over plain HTTP a browser would drop them. */
  readonly secureCookies: boolean;
}

export const DEFAULT_SETTINGS: SchemeSettings = {
  idleTimeoutMs: 30 * 60_000,
  absoluteTimeoutMs: 12 * 3_600_000,
  tokenLifetimeSeconds: 15 * 60,
  accessTokenLifetimeSeconds: 5 * 60,
  // Two tabs, or a request that is sent again after a lost reply; short, since a thief could use it too.
  refreshGraceMs: 10_000,
  cacheStalenessMs: 1_000,
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
  secureCookies: false,
};

export type SchemeFactory = (context: SchemeContext) => Scheme;

/** The Redis of an arm that declares it. */
export function redisOf(context: SchemeContext): RedisStore {
  if (context.redis === null) throw new TypeError('This scheme keeps state in Redis: declare usesRedis in its arm.');
  return context.redis;
}
