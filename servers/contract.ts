/**
 * The endpoint contract: the routes that every arm serves, and the facts that an arm declares. The gate, the load and
 * the replicas share this file, configuration.ts and messages.ts; CONTRIBUTING.md lists the rest.
 */
import type { Static } from 'typebox';
import { Type } from './schema.ts';

/** Every route, with its method and whether it needs a credential. `role` and `critical` say how it is guarded. */
export const ROUTES = {
  healthz: { method: 'GET', path: '/healthz', guarded: false },
  public: { method: 'GET', path: '/public', guarded: false },
  login: { method: 'POST', path: '/login', guarded: false },
  me: { method: 'GET', path: '/me', guarded: true },
  admin: { method: 'GET', path: '/admin', guarded: true, role: 'admin' },
  transfer: { method: 'POST', path: '/transfer', guarded: true, critical: true },
  refresh: { method: 'POST', path: '/refresh', guarded: false },
  logout: { method: 'POST', path: '/logout', guarded: true },
  logoutAll: { method: 'POST', path: '/logout-all', guarded: true, critical: true },
  disableUser: { method: 'POST', path: '/admin/users/:id/disable', guarded: true, role: 'admin', critical: true },
} as const;

/** The request header of the CSRF token, for schemes that need one (`LoginReply.csrfToken`). */
export const CSRF_HEADER = 'x-csrf-token';

/** The request header of a proof that the client holds the key of its token, and the type of such a proof (RFC 9449 §4). */
export const PROOF_HEADER = 'dpop';
export const PROOF_TYPE = 'dpop+jwt';
/** The reply header with a nonce that later proofs must contain, if the server requires one (RFC 9449 §8). */
export const PROOF_NONCE_HEADER = 'dpop-nonce';

export const LoginBody = Type.Object(
  {
    username: Type.String({ minLength: 1, maxLength: 64 }),
    password: Type.String({ minLength: 1, maxLength: 256 }),
    /** The credential to issue, for a scheme that has both; a cookie by default. Other schemes ignore it. */
    credential: Type.Optional(Type.Union([Type.Literal('cookie'), Type.Literal('token')])),
  },
  { additionalProperties: false },
);
export type LoginBody = Static<typeof LoginBody>;

/** The user who made a request: the body of `GET /me`, byte for byte the same in every arm. */
export const Identity = Type.Object(
  { id: Type.String(), username: Type.String(), roles: Type.Array(Type.String()) },
  { additionalProperties: false },
);
export type Identity = Static<typeof Identity>;

/**
 * The reply to a login or refresh. A client does not need to know the scheme: it keeps the cookies, sends `accessToken` as
 * `Authorization: Bearer`, and sends `csrfToken` in the CSRF header of each state change. With `tokenType` DPoP, the token is
 * bound to the key that signed the proof of the login: it is sent as `Authorization: DPoP`, with a new proof each time.
 */
export const LoginReply = Type.Object(
  {
    user: Identity,
    accessToken: Type.Optional(Type.String()),
    /** Absent for a bearer token. */
    tokenType: Type.Optional(Type.Literal('DPoP')),
    refreshToken: Type.Optional(Type.String()),
    csrfToken: Type.Optional(Type.String()),
    expiresInSeconds: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  { additionalProperties: false },
);
export type LoginReply = Static<typeof LoginReply>;

export const RefreshBody = Type.Object(
  { refreshToken: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })) },
  { additionalProperties: false },
);
export type RefreshBody = Static<typeof RefreshBody>;

export const TransferBody = Type.Object(
  {
    to: Type.String({ minLength: 1, maxLength: 64 }),
    /** The amount in the smallest unit of the currency. */
    amount: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
  },
  { additionalProperties: false },
);
export type TransferBody = Static<typeof TransferBody>;

export const TransferReply = Type.Object(
  { accepted: Type.Literal(true), from: Type.String(), to: Type.String(), amount: Type.Integer() },
  { additionalProperties: false },
);

export const AdminReply = Type.Object(
  { area: Type.Literal('admin'), username: Type.String() },
  { additionalProperties: false },
);
export const PublicReply = Type.Object({ service: Type.Literal('tollgate') }, { additionalProperties: false });
export const HealthReply = Type.Object({ status: Type.Literal('ok') }, { additionalProperties: false });

/** RFC 9457 problem details: the body of every reply that is not 2xx. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type Problem = Static<typeof Problem>;

/**
 * How long a credential survives logout, logout-all or the disabling of its user: it is refused at once by every replica that
 * knows it, within a bound, or only when it would have expired anyway.
 */
export const Revocation = Type.Union([
  Type.Literal('at-once'),
  Type.Literal('at-expiry'),
  Type.Object({ withinMs: Type.Integer({ minimum: 1 }) }, { additionalProperties: false }),
]);
export type Revocation = Static<typeof Revocation>;

/** A cache of verified tokens: the most tokens in it, and the time after which one is verified again. */
export const Remembered = Type.Object(
  { tokens: Type.Integer({ minimum: 1 }), forMs: Type.Integer({ minimum: 1 }) },
  { additionalProperties: false },
);
export type Remembered = Static<typeof Remembered>;

/** The settings that can bound a revocation: the `withinMs` of an arm is the default of one of them. */
export const BoundSetting = Type.Union([
  Type.Literal('cacheStalenessMs'),
  Type.Literal('introspectionCacheMs'),
  Type.Literal('cookieCacheMs'),
  Type.Literal('trackingBoundMs'),
  Type.Literal('denylistStalenessMs'),
  Type.Literal('statusListMs'),
]);
export type BoundSetting = Static<typeof BoundSetting>;

/**
 * What is stored per login: sessions, the ids of revoked tokens, families of rotating refresh tokens, or opaque
 * tokens. Or per request: used proofs.
 */
export const StoredState = Type.Union([
  Type.Literal('session'),
  Type.Literal('denylist'),
  Type.Literal('refresh-family'),
  Type.Literal('opaque-token'),
  Type.Literal('used-proof'),
]);
export type StoredState = Static<typeof StoredState>;

/**
 * How a variant differs from the plain arm of its scheme: `hand-tuned` does not use the plugin, `library-defaults`
 * keeps the library's defaults, `algorithm` signs differently, `cached` caches reads in the replica, `cookie` puts the
 * token into a cookie, `fail-open` answers while its store is down, `both-credentials` serves two schemes at once,
 * `tracked` is notified of changes to what it caches, `broadcast` of every change in the store, `client` uses its store
 * through another library, or writes commands differently, and `edge` exchanges the credential at an edge in front of
 * its replicas.
 */
export const ArmVariant = Type.Union([
  Type.Literal('hand-tuned'),
  Type.Literal('library-defaults'),
  Type.Literal('algorithm'),
  Type.Literal('cached'),
  Type.Literal('cookie'),
  Type.Literal('fail-open'),
  Type.Literal('both-credentials'),
  Type.Literal('tracked'),
  Type.Literal('broadcast'),
  Type.Literal('client'),
  Type.Literal('edge'),
]);
export type ArmVariant = Static<typeof ArmVariant>;

/**
 * `reference` arms represent their family if there is time for only one of each. `representative` arms are the few
 * that answer the main question, sessions or tokens, within two minutes. `in-depth` arms are measured by default only
 * in the full profile.
 */
export const ArmTag = Type.Union([Type.Literal('reference'), Type.Literal('representative'), Type.Literal('in-depth')]);
export type ArmTag = Static<typeof ArmTag>;

/**
 * What an arm needs in addition to its replicas and Redis: `issuer`, an authorization server, `postgres`, a database
 * server, or `sqlite`, a file that the replicas share.
 */
export const CompanionKind = Type.Union([Type.Literal('issuer'), Type.Literal('postgres'), Type.Literal('sqlite')]);
export type CompanionKind = Static<typeof CompanionKind>;

/** How an encrypted token (RFC 7516) is encrypted, with a key shared by all replicas: the names of RFC 7518 §5.1. */
export const ContentEncryption = Type.Union([Type.Literal('A256GCM'), Type.Literal('A256CBC-HS512')]);
export type ContentEncryption = Static<typeof ContentEncryption>;

/**
 * The key of encrypted tokens is derived from `Secrets.cookieKey` by HKDF (RFC 5869) with SHA-256, no salt, and this
 * label plus the name of the encryption as info.
 */
export const ENCRYPTION_KEY_LABEL = 'tollgate encrypted session ';
export const CONTENT_KEY_BYTES: Readonly<Record<ContentEncryption, number>> = { A256GCM: 32, 'A256CBC-HS512': 64 };

/**
 * Claims of tokens that an authorization server signs for services behind an edge: clients never get such a token,
 * and the services accept no other.
 */
export const SERVICE_TOKEN = { typ: 'at+jwt', iss: 'https://tollgate.invalid', aud: 'tollgate-services' } as const;

/** The description of an arm. `node servers/process/describe.ts` prints those of all arms as `{"arms": [ArmInfo, …]}`. */
export const ArmInfo = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z][a-z0-9-]*$' }),
    title: Type.String(),
    summary: Type.String(),
    baseline: Type.Boolean(),
    family: Type.Union([
      Type.Literal('none'),
      Type.Literal('session'),
      Type.Literal('token'),
      Type.Literal('combination'),
    ]),
    usesRedis: Type.Boolean(),
    serverState: Type.Union([
      Type.Literal('none'),
      Type.Literal('redis'),
      Type.Literal('process'),
      Type.Literal('issuer'),
      Type.Literal('file'),
      Type.Literal('database'),
    ]),
    /** What it needs in addition to its replicas and Redis; absent if nothing. */
    companions: Type.Optional(Type.Array(CompanionKind)),
    /**
     * True if clients talk to an edge in front of each replica, a reverse proxy in a separate process. It belongs to
     * the replica: its CPU time and memory are counted with the replica's. Absent for all others.
     */
    hasEdge: Type.Optional(Type.Literal(true)),
    /** The declared number of Redis commands for one authenticated `GET /me`, which is compared with the measured one. */
    redisCommandsPerRequest: Type.Integer({ minimum: 0 }),
    /** True if that is an upper bound, since a cache saves some; absent if every request costs that many. */
    redisCommandsAreAtMost: Type.Optional(Type.Literal(true)),
    /** The number of Redis commands that each replica sends in a second by itself, without a request; absent for none. */
    redisCommandsPerSecond: Type.Optional(Type.Integer({ minimum: 1 })),
    /** True if a credential works only on the replica that issued it, so that N replicas need sticky routing. */
    needsStickyRouting: Type.Boolean(),
    /** The revocation of the light read with default settings; critical operations may be refused sooner. */
    revocation: Revocation,
    /** The setting that bounds it, for an arm that keeps copies of its sessions; absent for all others. */
    boundSetting: Type.Optional(BoundSetting),
    /** The replica's cache of verified tokens; absent for an arm that verifies each token every time. */
    remembers: Type.Optional(Remembered),
    /** The time from login until a token, or a session that no server stores, expires with default settings. */
    lifetimeMs: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Whether `GET /me` with an existing credential is still answered while its store is down: Redis, or a companion. */
    survivesRedisOutage: Type.Boolean(),
    /**
     * True if a critical operation also checks that the credential was not revoked; absent if every request checks it, or
     * none can.
     */
    rechecksCredential: Type.Optional(Type.Literal(true)),
    /** Whether a page of another site can send the credential if CORS allows it, as with a bearer token but not a cookie. */
    crossOrigin: Type.Boolean(),
    /** Whether a browser sends the credential by itself, so that state changes need a CSRF token. */
    needsCsrfProtection: Type.Boolean(),
    /** Whether a script in the client's page, such as an injected one, can read the credential. */
    readableByScript: Type.Boolean(),
    /** The algorithm of its tokens (`HS256`); absent without tokens. */
    tokenAlgorithm: Type.Optional(Type.String()),
    /** The content encryption of a cookie that is an encrypted token; absent for every other credential. */
    tokenEncryption: Type.Optional(ContentEncryption),
    /** True if a token is bound to a key of its client, which signs a proof for each login and each request (RFC 9449). */
    senderConstrained: Type.Optional(Type.Literal(true)),
    /** Whether login returns a refresh token in addition to the credential. */
    refreshTokens: Type.Optional(Type.Boolean()),
    /** What it stores for its logins, with what every login needs first; absent if it stores nothing. */
    stores: Type.Optional(Type.Array(StoredState)),
    /** The primitives of the micro suite that `GET /me` performs, in order; absent if unknown. */
    hotPath: Type.Optional(Type.Array(Type.String())),
    /** The arm that this unguarded request is the baseline of; no arm of this repository has one. */
    twinOf: Type.Optional(Type.String()),
    /** True for a service outside this repository, which declares nothing about its implementation. */
    isService: Type.Optional(Type.Literal(true)),
    /** Absent for the plain arm of a scheme, which experiments measure wherever its other facts suit them. */
    variant: Type.Optional(ArmVariant),
    tags: Type.Optional(Type.Array(ArmTag)),
    /**
     * The colour in every chart and run. Families differ along blue–orange, the axis that common colour blindness preserves,
     * and each colour has a contrast of 3:1 or more on a white and on a dark page. If absent, the report uses a spare colour.
     */
    colour: Type.Optional(Type.String({ pattern: '^#[0-9a-f]{6}$' })),
  },
  { additionalProperties: false },
);
export type ArmInfo = Static<typeof ArmInfo>;

export const ArmList = Type.Object({ arms: Type.Array(ArmInfo) }, { additionalProperties: false });
