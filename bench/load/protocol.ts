/**
 * The operations of a load generator: every load except the open loop and the timeline, which have separate
 * processes.
 */
import type { Static } from 'typebox';
import { Type } from '../../core/schema.ts';
import { type DeepReadonly, Nothing, operation, type RequestOf } from '../processes/rpc.ts';
import { AddressSchema } from './connection/address-schema.ts';
import { HashCost, Storm, Tally, Warmed } from './replies.ts';

const closed = { additionalProperties: false } as const;
const count = Type.Integer({ minimum: 1 });
const duration = Type.Number({ exclusiveMinimum: 0 });

/** A request to repeat, and its expected response. */
export const PreparedRequest = Type.Object(
  {
    method: Type.String(),
    path: Type.String(),
    /** Headers by name; one may be the key of a proof: see `requestBytes`. */
    headers: Type.Record(Type.String(), Type.String()),
    expectedStatus: Type.Integer(),
    /** The exact body; null accepts any. */
    expectedBody: Type.Union([Type.String(), Type.Null()]),
    /** Sent as JSON; absent for none. */
    body: Type.Optional(Type.Unknown()),
    /** Sent instead of `body`, as a form: already encoded. */
    form: Type.Optional(Type.String()),
  },
  closed,
);
export type PreparedRequest = Static<typeof PreparedRequest>;

/** Processes counted as a target's CPU time, each with its descendants. */
export const Processes = Type.Object(
  {
    replicas: Type.Array(Type.Integer()),
    /** A cluster has several, whose CPU times are added up. */
    redis: Type.Union([Type.Integer(), Type.Array(Type.Integer()), Type.Null()]),
    /** Processes other than replicas and Redis; absent if there are none. */
    companions: Type.Optional(Type.Array(Type.Integer(), { minItems: 1 })),
    /**
     * The processes of a balancer in front of the replicas, whose CPU time is not a cost of the arm; absent if there
     * is none.
     */
    balancer: Type.Optional(Type.Array(Type.Integer(), { minItems: 1 })),
  },
  closed,
);
export type Processes = Static<typeof Processes>;

/** One side of a comparison: a fleet, and its requests. Connection i goes to address i mod N. */
export const Target = Type.Object(
  {
    key: Type.String(),
    addresses: Type.Array(AddressSchema, { minItems: 1 }),
    requests: Type.Array(PreparedRequest, { minItems: 1 }),
    processes: Processes,
    /**
     * If the one address is a balancer's: the addresses of the replicas behind it and of its own processes, in the
     * order of `processes`.
     */
    behind: Type.Optional(
      Type.Object({ replicas: Type.Array(AddressSchema), balancer: Type.Array(AddressSchema) }, closed),
    ),
  },
  closed,
);
export type Target = Static<typeof Target>;

/** A pool of connections to one fleet, which stay open until other pools are opened. */
export const PoolTarget = Type.Object(
  {
    /** The name of the pool; a fleet may have several. */
    key: Type.String(),
    target: Target,
    /** The total number; connection i goes to address i mod N. */
    connections: count,
    /** The target's requests are split into sequences of this length, one per user; null: each repeats one request. */
    sequence: Type.Union([count, Type.Null()]),
  },
  closed,
);
export type PoolTarget = Static<typeof PoolTarget>;

/** Users of one fleet who log in, refresh and log out. All go to the first address. */
export const ClientTarget = Type.Object(
  {
    key: Type.String(),
    addresses: Type.Array(AddressSchema, { minItems: 1 }),
    users: Type.Array(Type.Object({ username: Type.String(), password: Type.String() }, closed), { minItems: 1 }),
    /** Whether tokens are bound to a key of the client. */
    senderConstrained: Type.Optional(Type.Literal(true)),
    processes: Processes,
  },
  closed,
);
export type ClientTarget = Static<typeof ClientTarget>;

export const ClientOperation = Type.Union([Type.Literal('login'), Type.Literal('refresh'), Type.Literal('logout')]);
export type ClientOperation = Static<typeof ClientOperation>;

/** How workers are assigned to N replicas: see `assignmentOf`. */
export const Spreading = Type.Union([Type.Literal('connection'), Type.Literal('request'), Type.Literal('sticky')]);
export type Spreading = Static<typeof Spreading>;

/** The targets to load; null for all. */
const keys = Type.Union([Type.Array(Type.String()), Type.Null()]);
/** Rounds in random order; in each of them every target has one turn. */
const turns = { rounds: count, seed: Type.Integer(), keys };
/** Load before the window opens is not counted. */
const window = { rampMs: Type.Number({ minimum: 0 }), windowMs: duration };
const windowEnds = ({ rampMs, windowMs }: { rampMs: number; windowMs: number }) => rampMs + windowMs;

export const LOAD = {
  /** Connects to every target of the paired load, and closes earlier connections. */
  open: operation({ request: Type.Array(Target), reply: Nothing }),
  /** Loads open targets until each is warm, two replicas at a time. @returns one result per target */
  warmUp: operation({
    request: Type.Object(
      {
        keys,
        /** For all targets together. */
        timeoutMs: duration,
        /** Requests to each replica, warm or not. */
        atLeast: count,
        /** Requests after which a replica is considered not to become warm. */
        atMost: count,
      },
      closed,
    ),
    reply: Type.Array(Warmed),
    lastsMs: ({ timeoutMs }) => timeoutMs,
  }),
  /** Paired load on open targets. @returns one tally for each, over exactly the same rounds */
  paired: operation({
    request: Type.Object(
      {
        ...turns,
        /** Sequential batches of every turn; if absent, each target has a short and a long turn per round. */
        batches: Type.Optional(count),
        /** Requests of a turn of each length, the shortest first; default: the usual short and long one. */
        lengths: Type.Optional(Type.Array(count, { minItems: 1 })),
        /** Whether the reply lists the turns. */
        eachTurn: Type.Optional(Type.Boolean()),
        /**
         * False if the caller reads CPU times itself: the reply then lacks them, and is sent with the last response.
         */
        accounts: Type.Optional(Type.Boolean()),
        /** Concurrent requests of a batch: on the first connections of each target. */
        inFlight: count,
      },
      closed,
    ),
    reply: Type.Array(Tally),
  }),
  /** New connections to open targets, one after another, each for one request. */
  connect: operation({
    request: Type.Object(
      {
        ...turns,
        /** Connections of one turn. */
        connections: count,
        /** Whether connections resume the last TLS session. */
        resume: Type.Boolean(),
      },
      closed,
    ),
    reply: Type.Array(Tally),
  }),
  /** Sets the clients that log in, refresh and log out. Connections are opened on first use. */
  register: operation({ request: Type.Array(ClientTarget), reply: Nothing }),
  /** One client operation in turns. A login leaves a client session to refresh or log out. */
  operate: operation({
    request: Type.Object({ ...turns, operation: ClientOperation, batches: count, inFlight: count }, closed),
    reply: Type.Array(Tally),
  }),
  /** As many logins as one target can serve, and a steady stream of another request at the same time. */
  storm: operation({
    request: Type.Object(
      {
        key: Type.String(),
        /** Concurrent logins; 0 for the calm period before. */
        inFlight: Type.Integer({ minimum: 0 }),
        durationMs: duration,
        probe: PreparedRequest,
        probesPerSecond: Type.Number({ exclusiveMinimum: 0 }),
      },
      closed,
    ),
    reply: Storm,
    lastsMs: ({ durationMs }) => durationMs,
  }),
  /** Sequential password hashes in the generator itself. */
  hash: operation({
    request: Type.Object({ memoryKiB: Type.Integer({ minimum: 8 }), passes: count, count }, closed),
    reply: HashCost,
  }),
  /** Saturation by connections that each repeat one request. @returns the responses within the window */
  closed: operation({
    request: Type.Object({ target: Target, connections: count, ...window }, closed),
    reply: Tally,
    lastsMs: windowEnds,
  }),
  /** Saturation by users who spread their requests over replicas, or alternate between different ones. */
  walk: operation({
    request: Type.Object({ target: Target, walkers: count, spreading: Spreading, ...window }, closed),
    reply: Tally,
    lastsMs: windowEnds,
  }),
  /** Opens connection pools, and closes existing ones. */
  openPools: operation({ request: Type.Array(PoolTarget), reply: Nothing }),
  /** One request on each connection of every pool, so that no server closes one for being idle. */
  keepAlive: operation({ request: Nothing, reply: Nothing }),
  /** Saturation by some connections of one pool. */
  runPool: operation({
    request: Type.Object(
      {
        key: Type.String(),
        /** Indices of the target's addresses. */
        addresses: Type.Array(Type.Integer({ minimum: 0 }), { minItems: 1 }),
        /** Indices of the replicas that a balancer spreads them over; absent if the addresses are those of replicas. */
        replicas: Type.Optional(Type.Array(Type.Integer({ minimum: 0 }), { minItems: 1 })),
        /** Connections to each of them. */
        perAddress: count,
        ...window,
      },
      closed,
    ),
    reply: Tally,
    lastsMs: windowEnds,
  }),
};

/** The options of one operation: `LoadOptions<'walk'>`. */
export type LoadOptions<K extends keyof typeof LOAD> = DeepReadonly<RequestOf<typeof LOAD, K>>;
