/** The messages that start and query the processes of an arm: its replicas, hosts of several, and its companions. */
import type { Static } from 'typebox';
import {
  ChainPlace,
  CompanionAddresses,
  LoopbackUrl,
  RequestWork,
  Secrets,
  ServerSettings,
  TlsOptions,
  UserRecord,
} from './configuration.ts';
import { RedisAddress } from './redis-address.ts';
import { Type } from './schema.ts';

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

/**
 * Parent → replica: start the CPU profiler, with a sample every `intervalMicros`, and that of its edge. Answered by
 * `profile-started`.
 */
export const StartProfile = Type.Object({
  type: Type.Literal('profile-start'),
  id: Type.Integer(),
  intervalMicros: Type.Integer({ minimum: 50, maximum: 100_000 }),
});
export type StartProfile = Static<typeof StartProfile>;

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
  /** If spans are enabled. */
  spans: Type.Optional(SpanCounts),
});
export type Telemetry = Static<typeof Telemetry>;

/** The replies to `profile-start` and `profile-stop`; `profile-failed` answers either if it is impossible. */
export const ProfileReply = Type.Union([
  Type.Object({ type: Type.Literal('profile-started'), id: Type.Integer() }),
  /** The CPU profile as the inspector returned it, and that of the edge if there is one; the reader checks them. */
  Type.Object({
    type: Type.Literal('profile'),
    id: Type.Integer(),
    profile: Type.Unknown(),
    edge: Type.Optional(Type.Unknown()),
  }),
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
    /** The secret of its clients, the replicas. */
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
