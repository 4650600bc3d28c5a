/** Results of a load generator: sums over a load, and how warm its targets are. */
import type { Static } from 'typebox';
import { EncodedHistogram } from '../../core/results/histogram.ts';
import { Type } from '../../core/schema.ts';

const closed = { additionalProperties: false } as const;
const count = Type.Integer({ minimum: 1 });
const cpuNs = Type.Union([Type.Number(), Type.Null()]);

/** Requests, and their CPU time. */
const cost = {
  requests: Type.Integer({ minimum: 0 }),
  replicaCpuNs: cpuNs,
  redisCpuNs: cpuNs,
  /** Absent without companions. */
  companionCpuNs: Type.Optional(cpuNs),
};

/** One turn of a paired load. */
export const TurnTally = Type.Object(cost, closed);
export type TurnTally = Static<typeof TurnTally>;

/** Sums over the turns of one length. */
export const LengthTally = Type.Object(
  {
    /** The planned number. */
    requestsPerTurn: count,
    turns: Type.Integer({ minimum: 0 }),
    ...cost,
  },
  closed,
);
export type LengthTally = Static<typeof LengthTally>;

/** Sums over a slice. CPU times are null if they cannot be read from outside. */
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
    redisCpuNs: cpuNs,
    /** Absent without companions. */
    companionCpuNs: Type.Optional(cpuNs),
    /** Of each process of the balancer; null if one cannot be read, absent without a balancer. */
    balancerCpuNs: Type.Optional(Type.Union([Type.Array(Type.Number()), Type.Null()])),
    /** Read from control groups, from threads, or from clock ticks if exited threads are missing from the former. */
    cpuAccount: Type.Optional(
      Type.Union([Type.Literal('groups'), Type.Literal('threads'), Type.Literal('incomplete')]),
    ),
    generatorCpuNs: Type.Number(),
    /** Share of the window in which the generator's event loop was busy, 0 to 1. */
    generatorBusy: Type.Number(),
    /** Responses of the whole load, including those before and after the window, for loads at saturation. */
    answered: Type.Optional(Type.Integer({ minimum: 0 })),
    /** The number of generators merged; one if absent. */
    generators: Type.Optional(count),
    /** Time from send to answer, for loads that measure it. */
    latency: Type.Optional(EncodedHistogram),
    /**
     * Tallies by length of turn, the shortest first, if there were several. Turns that only separated others are left
     * out.
     */
    lengths: Type.Optional(Type.Array(LengthTally)),
    /** Turn by turn, if requested. */
    turns: Type.Optional(Type.Array(TurnTally)),
  },
  closed,
);
export type Tally = Static<typeof Tally>;

/** How warm a target is after a warm-up: the replica with the fewest requests, or the least warm. */
export const Warmed = Type.Object(
  {
    key: Type.String(),
    /** Responses per replica. */
    requests: Type.Integer({ minimum: 0 }),
    isWarm: Type.Boolean(),
    /** CPU time of all other threads relative to the main thread's, over the last requests; null if unknown. */
    helperShare: Type.Union([Type.Number(), Type.Null()]),
    /** CPU time of the main thread, over the last requests. */
    cpuUsPerRequest: Type.Union([Type.Number(), Type.Null()]),
    /** Why it ended early: an unexpected response, or a broken connection. */
    fault: Type.Union([Type.String(), Type.Null()]),
  },
  closed,
);
export type Warmed = Static<typeof Warmed>;

/** Latencies are in µs. Both tallies contain the CPU time of the whole storm. */
export const Storm = Type.Object(
  { logins: Tally, loginLatency: EncodedHistogram, probes: Tally, probeLatency: EncodedHistogram },
  closed,
);
export type Storm = Static<typeof Storm>;

/** Sums over all hashes. The CPU time is that of all threads, user and system. */
export const HashCost = Type.Object({ wallNs: Type.Number(), cpuNs: Type.Number() }, closed);
export type HashCost = Static<typeof HashCost>;
