/** The options and the result of an open-loop run: plain data, to be sent between processes. */
import type { Static } from 'typebox';
import { EncodedHistogram } from '../../../core/results/histogram.ts';
import { Type } from '../../../core/schema.ts';
import { AddressSchema } from '../connection/address-schema.ts';

const closed = { additionalProperties: false } as const;
const count = Type.Integer({ minimum: 0 });

export const OpenRequest = Type.Object(
  {
    /** Index into `targets`. */
    target: Type.Integer({ minimum: 0 }),
    /** The request, with each character one byte (latin1). */
    wire: Type.String({ minLength: 1 }),
    /** Signs a new proof for each sending; absent if the request has no proof. */
    proofKey: Type.Optional(Type.String()),
    expectStatus: Type.Integer({ minimum: 200, maximum: 599 }),
    /** The exact body; default: any. */
    expectBody: Type.Optional(Type.String()),
  },
  closed,
);
export type OpenRequest = Static<typeof OpenRequest>;

export const OpenOptions = Type.Object(
  {
    targets: Type.Array(AddressSchema, { minItems: 1 }),
    /** Used in turn, one per arrival. */
    requests: Type.Array(OpenRequest, { minItems: 1 }),
    ratePerSecond: Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000 }),
    /** Duration of the measured arrivals; the warm-up comes before it, at the same rate. */
    durationMs: Type.Number({ exclusiveMinimum: 0, maximum: 86_400_000 }),
    warmupMs: Type.Number({ minimum: 0, maximum: 86_400_000 }),
    arrivals: Type.Union([Type.Literal('uniform'), Type.Literal('poisson')]),
    seed: Type.Integer({ minimum: 0 }),
    /** Counted from the intended send time. */
    timeoutMs: Type.Number({ exclusiveMinimum: 0, maximum: 60_000 }),
    /** Open from the start, over all targets. */
    connections: Type.Integer({ minimum: 1, maximum: 10_000 }),
    /** When all are busy, more are opened up to this limit. */
    maxConnections: Type.Integer({ minimum: 1, maximum: 20_000 }),
  },
  closed,
);
export type OpenOptions = Static<typeof OpenOptions>;

/** How late requests were sent for one cause; `count` includes those later than 1 ms. */
export const Lateness = Type.Object({ count, maxMicros: Type.Number(), totalMicros: Type.Number() }, closed);
export type Lateness = Static<typeof Lateness>;

/**
 * Counts of the arrivals that are measured. They add up:
 * `scheduled = answered + failed + timedOut + unanswered = sent + neverSent`.
 */
export const OpenResult = Type.Object(
  {
    askedRate: Type.Number(),
    /** Requests per second sent before the schedule's end, give or take 1 ms. */
    achievedRate: Type.Number(),
    durationMs: Type.Number(),
    /** When the first request was due, including warm-up: ms on the clock that all processes of a machine share. */
    startedAtMs: Type.Number(),
    scheduled: count,
    sent: count,
    /** Still waiting for a free connection when they timed out. */
    neverSent: count,
    sentInTime: count,
    answered: count,
    /** Another status or body than expected. They are in the histograms. */
    unexpected: count,
    /** Ended without a response: connection lost, malformed response. They are in no histogram. */
    failed: count,
    /** Requests not answered in time while the schedule ran. They are in `corrected` with the time-out as latency. */
    timedOut: count,
    /** Pending when the schedule ended, and then timed out. They are in `corrected` in the same way. */
    unanswered: count,
    statuses: Type.Record(Type.String(), count),
    /** Failures by the name of the error. */
    errors: Type.Record(Type.String(), count),
    connectErrors: count,
    /** Connections that replaced one that was closed, broke or timed out. */
    reconnects: count,
    peakConnections: count,
    peakInFlight: count,
    /** Requests waiting or unanswered when the measured arrivals began. */
    inFlightFirst: count,
    /** The same when they ended: a queue that has grown. */
    inFlightLast: count,
    requestBytes: count,
    responseBytes: count,
    /** Due requests that this process handled late. */
    generatorLate: Lateness,
    /** Due requests for which no connection was free. */
    connectionWait: Lateness,
    /**
     * How long the generator's thread was ready to run without a core, from the first measured arrival on; null:
     * unknown.
     */
    cpuWaitMs: Type.Union([Type.Number({ minimum: 0 }), Type.Null()]),
    /** Latency from the intended send time, as a user feels it. `answered + timedOut + unanswered` records. */
    corrected: EncodedHistogram,
    /** Latency from the actual send time, without the wait before it. `answered` records. */
    service: EncodedHistogram,
    /** Time between consecutive sends of the same process: how even the pace was. */
    sendGap: EncodedHistogram,
  },
  closed,
);
export type OpenResult = Static<typeof OpenResult>;

/** Every fault that the schema cannot find, one line each. */
export function openFaults(options: OpenOptions): string[] {
  const faults: string[] = [];
  options.requests.forEach(({ target }, index) => {
    if (target >= options.targets.length) faults.push(`request ${index} names target ${target}, which does not exist`);
  });
  if (options.connections < options.targets.length) faults.push('connections must be at least as many as targets');
  if (options.maxConnections < options.connections) faults.push('maxConnections is smaller than connections');
  return faults;
}
