/** The messages that start and query the processes of an arm: its replicas, hosts of several, and its companions. */
import type { Static } from 'typebox';
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
     * The previous keys, after a rotation: they sign nothing any more, but what they signed is accepted until it expires.
     * Remove them once the longest-lived credential has expired.
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

export const RedisAddress = Type.Object({
  /** `redis://[:password@]host:port`; for a cluster any node, which names the others. */
  url: Type.String(),
  keyPrefix: Type.String(),
  /** True for a Redis Cluster; absent for a single server. */
  cluster: Type.Optional(Type.Literal(true)),
});
export type RedisAddress = Static<typeof RedisAddress>;

/** How replicas reach a companion. */
export const CompanionAddress = Type.Object(
  {
    url: Type.String(),
    /** What a replica proves itself with, if the URL holds nothing of that kind. */
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

const LoopbackUrl = Type.String({ pattern: '^http://127\\.0\\.0\\.1:[0-9]{1,5}$' });

/** The place of a service in a chain of services that a request passes: a replica without one stands alone. */
export const ChainPlace = Type.Object(
  {
    /**
     * What identifies the sender of a request: `own`, the arm's own check in this service; `passed-on`, the service
     * before it, in a header that it signed; `asked`, the service `authService`, asked for each request.
     */
    checks: Type.Union([Type.Literal('own'), Type.Literal('passed-on'), Type.Literal('asked')]),
    authService: Type.Optional(LoopbackUrl),
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

/** Extra work before each request, chosen by the parent: it shows the cost of an operation inside a working server. */
export const RequestWork = Type.Object(
  {
    /** The URL of a `WorkModule`. */
    module: Type.String({ pattern: '^file:///' }),
    /** The name of one of the module's works. */
    name: Type.String(),
  },
  { additionalProperties: false },
);
export type RequestWork = Static<typeof RequestWork>;

export interface PreparedWork {
  /** Runs once for each request, which continues when `done` is called, and fails if `done` gets an error. */
  readonly run: (done: (error?: Error) => void) => void;
  readonly close: () => Promise<void>;
}

/** @param redis the Redis of the replica's start message; null if it has none. @param companions those of that message */
export interface WorkModule {
  prepare(name: string, redis: RedisAddress | null, companions: CompanionAddresses): Promise<PreparedWork>;
}

/** Parent → replica, first message: become a replica of this arm. */
export const StartMessage = Type.Object(
  {
    type: Type.Literal('start'),
    arm: Type.String(),
    host: Type.String(),
    /** 0 lets the kernel choose. */
    port: Type.Integer({ minimum: 0, maximum: 65535 }),
    redis: Type.Optional(RedisAddress),
    companions: Type.Optional(CompanionAddresses),
    secrets: Secrets,
    users: Type.Array(UserRecord),
    /** A known slowdown of every request, to prove that the measurement would detect a real one: see http/burn.ts. */
    burnIterations: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000 })),
    /** Extra work for every request. */
    work: Type.Optional(RequestWork),
    chain: Type.Optional(ChainPlace),
    settings: Type.Optional(ServerSettings),
    tls: Type.Optional(TlsOptions),
  },
  { additionalProperties: false },
);
export type StartMessage = Static<typeof StartMessage>;

/** Replica → edge, first message: become the edge in front of it. It then takes the messages of a replica. */
export const StartEdge = Type.Object(
  {
    type: Type.Literal('start-edge'),
    arm: Type.String(),
    host: Type.String(),
    /** 0 lets the kernel choose. */
    port: Type.Integer({ minimum: 0, maximum: 65535 }),
    /** Where the replica listens. */
    behind: LoopbackUrl,
    companions: Type.Optional(CompanionAddresses),
    settings: Type.Optional(ServerSettings),
    tls: Type.Optional(TlsOptions),
  },
  { additionalProperties: false },
);
export type StartEdge = Static<typeof StartEdge>;

/** Parent → replica: reply with telemetry. The reply has the same `id`. */
export const TelemetryRequest = Type.Object({ type: Type.Literal('telemetry'), id: Type.Integer() });

/** Parent → replica: start the CPU profiler, with a sample every `intervalMicros`. Answered by `profile-started`. */
export const StartProfile = Type.Object({
  type: Type.Literal('profile-start'),
  id: Type.Integer(),
  intervalMicros: Type.Integer({ minimum: 50, maximum: 100_000 }),
});

/** Parent → replica: stop the profiler. Answered by `profile`. */
export const StopProfile = Type.Object({ type: Type.Literal('profile-stop'), id: Type.Integer() });

/** Parent → replica: close the server and the stores, then exit 0. A closed IPC channel ends the replica immediately. */
export const StopMessage = Type.Object({ type: Type.Literal('stop') });

export const ToReplica = Type.Union([
  StartMessage,
  StartEdge,
  TelemetryRequest,
  StartProfile,
  StopProfile,
  StopMessage,
]);
export type ToReplica = Static<typeof ToReplica>;

/** Spans that a replica has recorded, and those of them that a collector has confirmed. */
export const SpanCounts = Type.Object({ made: Type.Integer({ minimum: 0 }), arrived: Type.Integer({ minimum: 0 }) });
export type SpanCounts = Static<typeof SpanCounts>;

/** Counters since the replica started; the reader takes differences. */
export const Telemetry = Type.Object({
  type: Type.Literal('telemetry'),
  id: Type.Integer(),
  rssBytes: Type.Number(),
  heapUsedBytes: Type.Number(),
  /** performance.eventLoopUtilization(): ms since start. */
  eventLoopActiveMs: Type.Number(),
  eventLoopIdleMs: Type.Number(),
  gcCount: Type.Integer(),
  gcMs: Type.Number(),
  /** process.cpuUsage(), for systems without /proc. */
  cpuUserUs: Type.Number(),
  cpuSystemUs: Type.Number(),
  /** Iterations of the event loop. Older builds do not count them. */
  loopTurns: Type.Optional(Type.Integer()),
  /** Where requests are spans. */
  spans: Type.Optional(SpanCounts),
});
export type Telemetry = Static<typeof Telemetry>;

/** The replies to `profile-start` and `profile-stop`; `profile-failed` answers either if it is impossible. */
export const ProfileReply = Type.Union([
  Type.Object({ type: Type.Literal('profile-started'), id: Type.Integer() }),
  /** The CPU profile as the inspector returned it; the reader checks it. */
  Type.Object({ type: Type.Literal('profile'), id: Type.Integer(), profile: Type.Unknown() }),
  Type.Object({ type: Type.Literal('profile-failed'), id: Type.Integer(), message: Type.String() }),
]);
export type ProfileReply = Static<typeof ProfileReply>;

/** Replica → parent. `failed` is followed by exit code 1. */
export const FromReplica = Type.Union([
  Type.Object({
    type: Type.Literal('ready'),
    port: Type.Integer({ minimum: 1, maximum: 65535 }),
    /** The port of the replica itself, if clients talk to an edge in front of it. */
    behindPort: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
  }),
  Type.Object({ type: Type.Literal('failed'), code: Type.String(), message: Type.String() }),
  Telemetry,
  ProfileReply,
]);
export type FromReplica = Static<typeof FromReplica>;

/** Parent → issuer, first message. It answers with `ready` or `failed`, as a replica does, and obeys a `stop` message. */
export const StartIssuer = Type.Object(
  {
    type: Type.Literal('start-issuer'),
    host: Type.String(),
    /** 0 lets the kernel choose. */
    port: Type.Integer({ minimum: 0, maximum: 65535 }),
    /** What its clients, the replicas, prove themselves with. */
    secret: Type.String({ minLength: 32, pattern: '^[A-Za-z0-9_-]+$' }),
    /** PKCS#8 PEM, RSA of 2048 bits or more: signs tokens until the first rotation. */
    signingKey: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type StartIssuer = Static<typeof StartIssuer>;

/** Parent → host: serve one more replica. Answered by `hosted` or `not-hosted`. */
export const ToHost = Type.Object({ type: Type.Literal('host'), id: Type.Integer(), start: StartMessage });
export type ToHost = Static<typeof ToHost>;

/** Host → parent. */
export const FromHost = Type.Union([
  Type.Object({
    type: Type.Literal('hosted'),
    id: Type.Integer(),
    port: Type.Integer({ minimum: 1, maximum: 65535 }),
    /** As in `ready`. */
    behindPort: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
  }),
  Type.Object({ type: Type.Literal('not-hosted'), id: Type.Integer(), code: Type.String(), message: Type.String() }),
]);
export type FromHost = Static<typeof FromHost>;
