/** The configuration of an arm's server: users, keys, settings, companions, and its place in a chain. */
import type { Static } from 'typebox';
import type { RedisAddress } from './redis-address.ts';
import { Type } from './schema.ts';

/**
 * A user in the start message of a replica. `passwordHash` is a PHC string:
 * `$argon2id$v=19$m=KiB,t=passes,p=lanes$salt$hash`, salt and hash in base64 without padding.
 */
export const UserRecord = Type.Object(
  {
    id: Type.String(),
    username: Type.String(),
    roles: Type.Array(Type.String()),
    passwordHash: Type.String({
      pattern: '^\\$argon2id\\$v=19\\$m=\\d+,t=\\d+,p=\\d+\\$[A-Za-z0-9+/]+\\$[A-Za-z0-9+/]+$',
    }),
  },
  { additionalProperties: false },
);
export type UserRecord = Static<typeof UserRecord>;

/** Keys made for each run and sent to replicas over IPC only, so that they appear in no argument, environment or log. */
export const Secrets = Type.Object(
  {
    /** 32 random bytes or more, base64. Signs HMAC tokens. */
    hmacKey: Type.String(),
    /** 32 random bytes or more, base64. Signs cookies. */
    cookieKey: Type.String(),
    /** PKCS#8 and SPKI PEM, 2048 bits or more. */
    rsaPrivateKey: Type.String(),
    rsaPublicKey: Type.String(),
    /** PKCS#8 and SPKI PEM, curve P-256. Signs ES256 tokens. */
    ecPrivateKey: Type.String(),
    ecPublicKey: Type.String(),
    /** PKCS#8 and SPKI PEM, Ed25519. Signs EdDSA tokens. */
    edPrivateKey: Type.String(),
    edPublicKey: Type.String(),
    /**
     * The previous keys, after a rotation: they no longer sign, but credentials signed with them are accepted until
     * they expire. Remove them once the longest-lived credential has expired.
     */
    previous: Type.Optional(
      Type.Object(
        {
          hmacKey: Type.Optional(Type.String()),
          cookieKey: Type.Optional(Type.String()),
          rsaPublicKey: Type.Optional(Type.String()),
          ecPublicKey: Type.Optional(Type.String()),
          edPublicKey: Type.Optional(Type.String()),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export type Secrets = Static<typeof Secrets>;

const Milliseconds = Type.Integer({ minimum: 1 });

/** The settings of a replica. scheme.ts has the meaning and default of each. */
export const ServerSettings = Type.Partial(
  Type.Object({
    idleTimeoutMs: Milliseconds,
    absoluteTimeoutMs: Milliseconds,
    tokenLifetimeSeconds: Type.Integer({ minimum: 1 }),
    accessTokenLifetimeSeconds: Type.Integer({ minimum: 1 }),
    refreshGraceMs: Type.Integer({ minimum: 0 }),
    cacheStalenessMs: Milliseconds,
    denylistStalenessMs: Milliseconds,
    introspectionCacheMs: Milliseconds,
    statusListMs: Type.Integer({ minimum: 100 }),
    cookieCacheMs: Milliseconds,
    trackingBoundMs: Type.Integer({ minimum: 50 }),
    noteEveryUse: Type.Boolean(),
    proofMaxAgeSeconds: Type.Integer({ minimum: 1, maximum: 3_600 }),
    proofNonces: Type.Boolean(),
    denylistFailOpen: Type.Boolean(),
    redisDefaults: Type.Boolean(),
    redisAutoPipelining: Type.Boolean(),
    cookieSameSite: Type.Union([
      Type.Literal('unset'),
      Type.Literal('none'),
      Type.Literal('lax'),
      Type.Literal('strict'),
    ]),
    csrfProtection: Type.Boolean(),
    formBodies: Type.Boolean(),
    failedLoginsPerUser: Type.Integer({ minimum: 1 }),
    failedLoginsPerAddress: Type.Integer({ minimum: 1 }),
    allowedOrigins: Type.Array(Type.String({ pattern: '^https?://[^/*\\s]+$' })),
    rateLimit: Type.Union([Type.Literal('off'), Type.Literal('local'), Type.Literal('redis')]),
    requestsPerMinute: Type.Integer({ minimum: 1 }),
    securityHeaders: Type.Boolean(),
    metrics: Type.Boolean(),
    traceEndpoint: Type.String({ pattern: '^https?://[^\\s@]+$' }),
    /** Addresses or networks (CIDR) of proxies in front. */
    trustedProxies: Type.Array(Type.String({ pattern: '^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$' })),
  }),
  { additionalProperties: false },
);
export type ServerSettings = Static<typeof ServerSettings>;

/** A certificate and key in PEM. With them a replica speaks HTTPS, and its cookies are `Secure` and prefixed `__Host-`. */
export const TlsOptions = Type.Object(
  { certificate: Type.String(), privateKey: Type.String() },
  { additionalProperties: false },
);
export type TlsOptions = Static<typeof TlsOptions>;

/** The address of a companion for replicas. */
export const CompanionAddress = Type.Object(
  {
    url: Type.String(),
    /** The password or client secret of a replica, if the URL contains none. */
    secret: Type.Optional(Type.String({ minLength: 32, pattern: '^[A-Za-z0-9_-]+$' })),
  },
  { additionalProperties: false },
);
export type CompanionAddress = Static<typeof CompanionAddress>;

/** Addresses by kind; an arm gets those that it declares. */
export const CompanionAddresses = Type.Partial(
  Type.Object({ issuer: CompanionAddress, postgres: CompanionAddress, sqlite: CompanionAddress }),
  { additionalProperties: false },
);
export type CompanionAddresses = Static<typeof CompanionAddresses>;

export const LoopbackUrl = Type.String({ pattern: '^http://127\\.0\\.0\\.1:[0-9]{1,5}$' });

/** The place of a service in a chain of services that a request passes: a replica without one stands alone. */
export const ChainPlace = Type.Object(
  {
    /**
     * What identifies the sender of a request: `own`, the arm's own check in this service; `passed-on`, the service
     * before it, in a header that it signed; `asked`, the service `authService`, asked for each request.
     */
    checks: Type.Union([Type.Literal('own'), Type.Literal('passed-on'), Type.Literal('asked')]),
    authService: Type.Optional(LoopbackUrl),
    /** True behind the first service; absent there. An arm's own edge is in front of that one alone. */
    inner: Type.Optional(Type.Literal(true)),
    /** Where it forwards requests to, and with what: the client's credential, or the signed identity; absent in the last one. */
    next: Type.Optional(
      Type.Object(
        { url: LoopbackUrl, sends: Type.Union([Type.Literal('credential'), Type.Literal('identity')]) },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export type ChainPlace = Static<typeof ChainPlace>;

/**
 * Additional work before each request, selected by the parent: it shows the cost of an operation inside a working
 * server.
 */
export const RequestWork = Type.Object(
  {
    /** The URL of a `WorkModule`. */
    module: Type.String({ pattern: '^file:///' }),
    /** The name of one piece of work in the module. */
    name: Type.String(),
  },
  { additionalProperties: false },
);
export type RequestWork = Static<typeof RequestWork>;

export interface PreparedWork {
  /** Runs once per request, which continues when `done` is called, and fails if `done` gets an error. */
  readonly run: (done: (error?: Error) => void) => void;
  readonly close: () => Promise<void>;
}

/** @param redis the Redis of the replica's start message; null if it has none. @param companions those of that message */
export interface WorkModule {
  prepare(name: string, redis: RedisAddress | null, companions: CompanionAddresses): Promise<PreparedWork>;
}
