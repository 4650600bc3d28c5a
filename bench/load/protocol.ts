/** What the bench process and its generator processes say to each other. Both sides check every message. */
import { type Static, Type } from 'typebox';
import { EncodedHistogram } from '../../core/results/histogram.ts';

const closed = { additionalProperties: false } as const;

const Address = Type.Object(
  {
    host: Type.String(),
    port: Type.Integer({ minimum: 1, maximum: 65535 }),
    certificate: Type.Optional(Type.String()),
  },
  closed,
);

/** One request to repeat, and the answer that it must get. */
export const PreparedRequest = Type.Object(
  {
    method: Type.String(),
    path: Type.String(),
    headers: Type.Record(Type.String(), Type.String()),
    expectedStatus: Type.Integer(),
    /** The exact body, or null where any will do. */
    expectedBody: Type.Union([Type.String(), Type.Null()]),
    /** Sent as JSON; none when left out. Walkers and the paired load send it, the closed loop does not. */
    body: Type.Optional(Type.Unknown()),
  },
  closed,
);
export type PreparedRequest = Static<typeof PreparedRequest>;

/** Processes whose CPU time belongs to a target. */
export const Processes = Type.Object(
  {
    replicas: Type.Array(Type.Integer()),
    /** Several of a cluster, whose CPU times are added up. */
    redis: Type.Union([Type.Integer(), Type.Array(Type.Integer()), Type.Null()]),
  },
  closed,
);
export type Processes = Static<typeof Processes>;

/** One side of a comparison: a fleet, and the requests that go to it. Connection i goes to address i mod N. */
export const Target = Type.Object(
  {
    key: Type.String(),
    addresses: Type.Array(Address, { minItems: 1 }),
    requests: Type.Array(PreparedRequest, { minItems: 1 }),
    processes: Processes,
  },
  closed,
);
export type Target = Static<typeof Target>;

/** Connections to one fleet that stay open until others are asked for. */
export const KeptTarget = Type.Object(
  {
    /** Of this load; a fleet may have several. */
    key: Type.String(),
    target: Target,
    /** In all; connection i goes to address i mod N. */
    connections: Type.Integer({ minimum: 1 }),
    /** The target's requests are cut into sequences of this length, one for each user; null: each repeats one request. */
    sequence: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
  },
  closed,
);
export type KeptTarget = Static<typeof KeptTarget>;

/** Users of one fleet who log in, refresh and log out themselves. All go to the first address. */
export const ClientTarget = Type.Object(
  {
    key: Type.String(),
    addresses: Type.Array(Address, { minItems: 1 }),
    users: Type.Array(Type.Object({ username: Type.String(), password: Type.String() }, closed), { minItems: 1 }),
    processes: Processes,
  },
  closed,
);
export type ClientTarget = Static<typeof ClientTarget>;

export const Operation = Type.Union([Type.Literal('login'), Type.Literal('refresh'), Type.Literal('logout')]);
export type Operation = Static<typeof Operation>;

const Keys = Type.Union([Type.Array(Type.String()), Type.Null()]);

export const ToGenerator = Type.Union([
  Type.Object({ type: Type.Literal('open'), id: Type.Integer(), targets: Type.Array(Target) }, closed),
  Type.Object(
    {
      type: Type.Literal('warm'),
      id: Type.Integer(),
      /** Of each target. */
      requests: Type.Integer({ minimum: 1 }),
      /** Ends it sooner. */
      timeoutMs: Type.Number({ exclusiveMinimum: 0 }),
      /** Only these targets; null for all. */
      keys: Type.Union([Type.Array(Type.String()), Type.Null()]),
    },
    closed,
  ),
  Type.Object(
    {
      type: Type.Literal('paired'),
      id: Type.Integer(),
      /** Turns of each target. */
      rounds: Type.Integer({ minimum: 1 }),
      /** Batches of one turn, one after the other. */
      batches: Type.Integer({ minimum: 1 }),
      /** Requests of a batch: the first so many connections of each target. */
      inFlight: Type.Integer({ minimum: 1 }),
      seed: Type.Integer(),
      /** Only these targets; null for all. */
      keys: Type.Union([Type.Array(Type.String()), Type.Null()]),
    },
    closed,
  ),
  Type.Object(
    {
      type: Type.Literal('connects'),
      id: Type.Integer(),
      rounds: Type.Integer({ minimum: 1 }),
      /** New connections of one turn, one after the other, each for one request. */
      connections: Type.Integer({ minimum: 1 }),
      /** Whether a TLS session is resumed where there was one before. */
      resume: Type.Boolean(),
      seed: Type.Integer(),
      keys: Keys,
    },
    closed,
  ),
  Type.Object({ type: Type.Literal('enrol'), id: Type.Integer(), clients: Type.Array(ClientTarget) }, closed),
  Type.Object(
    {
      type: Type.Literal('operate'),
      id: Type.Integer(),
      operation: Operation,
      rounds: Type.Integer({ minimum: 1 }),
      batches: Type.Integer({ minimum: 1 }),
      inFlight: Type.Integer({ minimum: 1 }),
      seed: Type.Integer(),
      keys: Keys,
    },
    closed,
  ),
  Type.Object(
    {
      type: Type.Literal('storm'),
      id: Type.Integer(),
      key: Type.String(),
      /** Logins under way; 0 for the calm before. */
      inFlight: Type.Integer({ minimum: 0 }),
      durationMs: Type.Number({ exclusiveMinimum: 0 }),
      /** Sent beside the logins at a steady rate. */
      probe: PreparedRequest,
      probesPerSecond: Type.Number({ exclusiveMinimum: 0 }),
    },
    closed,
  ),
  Type.Object(
    {
      type: Type.Literal('hash'),
      id: Type.Integer(),
      memoryKiB: Type.Integer({ minimum: 8 }),
      passes: Type.Integer({ minimum: 1 }),
      count: Type.Integer({ minimum: 1 }),
    },
    closed,
  ),
  Type.Object(
    {
      type: Type.Literal('closed'),
      id: Type.Integer(),
      target: Target,
      connections: Type.Integer({ minimum: 1 }),
      rampMs: Type.Number({ minimum: 0 }),
      windowMs: Type.Number({ exclusiveMinimum: 0 }),
    },
    closed,
  ),
  Type.Object(
    {
      type: Type.Literal('walk'),
      id: Type.Integer(),
      target: Target,
      walkers: Type.Integer({ minimum: 1 }),
      spreading: Type.Union([Type.Literal('connection'), Type.Literal('request'), Type.Literal('sticky')]),
      rampMs: Type.Number({ minimum: 0 }),
      windowMs: Type.Number({ exclusiveMinimum: 0 }),
    },
    closed,
  ),
  /** In the place of those that were kept before. */
  Type.Object({ type: Type.Literal('keep'), id: Type.Integer(), targets: Type.Array(KeptTarget) }, closed),
  Type.Object({ type: Type.Literal('touch'), id: Type.Integer() }, closed),
  Type.Object(
    {
      type: Type.Literal('visit'),
      id: Type.Integer(),
      key: Type.String(),
      addresses: Type.Array(Type.Integer({ minimum: 0 }), { minItems: 1 }),
      perAddress: Type.Integer({ minimum: 1 }),
      rampMs: Type.Number({ minimum: 0 }),
      windowMs: Type.Number({ exclusiveMinimum: 0 }),
    },
    closed,
  ),
]);
export type ToGenerator = Static<typeof ToGenerator>;

/** Sums over a slice. CPU times are null where they cannot be read from outside. */
export const Tally = Type.Object(
  {
    key: Type.String(),
    requests: Type.Integer({ minimum: 0 }),
    unexpected: Type.Integer({ minimum: 0 }),
    failed: Type.Integer({ minimum: 0 }),
    statuses: Type.Record(Type.String(), Type.Integer()),
    requestBytes: Type.Number(),
    responseBytes: Type.Number(),
    durationMs: Type.Number(),
    replicaCpuNs: Type.Union([Type.Array(Type.Number()), Type.Null()]),
    redisCpuNs: Type.Union([Type.Number(), Type.Null()]),
    generatorCpuNs: Type.Number(),
    /** Share of the window in which the generator's event loop was busy, 0 to 1. */
    generatorBusy: Type.Number(),
    /** From send to answer, where the load takes it: `HISTFA…`. */
    latency: Type.Optional(EncodedHistogram),
  },
  closed,
);
export type Tally = Static<typeof Tally>;

export const FromGenerator = Type.Union([
  Type.Object({ type: Type.Literal('opened'), id: Type.Integer() }, closed),
  Type.Object({ type: Type.Literal('warmed'), id: Type.Integer(), requests: Type.Integer() }, closed),
  Type.Object({ type: Type.Literal('tallies'), id: Type.Integer(), tallies: Type.Array(Tally) }, closed),
  Type.Object(
    {
      type: Type.Literal('stormed'),
      id: Type.Integer(),
      logins: Tally,
      loginLatency: Type.String(),
      probes: Tally,
      probeLatency: Type.String(),
    },
    closed,
  ),
  Type.Object(
    { type: Type.Literal('hashed'), id: Type.Integer(), wallNs: Type.Number(), cpuNs: Type.Number() },
    closed,
  ),
  Type.Object({ type: Type.Literal('failed'), id: Type.Integer(), message: Type.String() }, closed),
]);
export type FromGenerator = Static<typeof FromGenerator>;
