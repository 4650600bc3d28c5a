/** The operations of a server of known truth, and its record by its own clock. */
import type { Static } from 'typebox';
import { EncodedHistogram } from '../../../core/results/histogram.ts';
import { Type } from '../../../core/schema.ts';
import { Nothing, operation } from '../../processes/rpc.ts';

const closed = { additionalProperties: false } as const;
const count = Type.Integer({ minimum: 0 });
const port = Type.Integer({ minimum: 1, maximum: 65535 });

/** A period on the clock that all processes share (CLOCK_MONOTONIC), in µs. */
export const Window = Type.Object({ fromMicros: Type.Number(), toMicros: Type.Number() }, closed);
export type Window = Readonly<Static<typeof Window>>;

/** Evenly spaced requests, each of which states its index. Index 0 is due at `startMicros` on the shared clock. */
export const Schedule = Type.Object({ startMicros: Type.Number(), ratePerSecond: Type.Number() }, closed);
export type Schedule = Readonly<Static<typeof Schedule>>;

/**
 * How a server notices requests. `polling`: continuously, so it knows the time of arrival, and burns CPU time.
 * `looking`: every millisecond or two, so it knows what had not arrived yet. `asleep`: it is woken up, and uses no
 * CPU time meanwhile.
 */
export const Watch = Type.Union([Type.Literal('polling'), Type.Literal('looking'), Type.Literal('asleep')]);
export type Watch = Static<typeof Watch>;

/** Counts of the requests that stated their index, without the warm-up. */
export const DueCounts = Type.Object(
  {
    requests: count,
    /**
     * Requests that had not arrived at a check after they were due, nor by the next one, a millisecond or more later.
     */
    late: count,
    /** Time from when each was due to its response; out of range if it was not answered. */
    latency: EncodedHistogram,
  },
  closed,
);
export type DueCounts = Readonly<Static<typeof DueCounts>>;

/** Responses within a window. */
export const WindowCounts = Type.Object({ answered: count, refused: count }, closed);
export type WindowCounts = Readonly<Static<typeof WindowCounts>>;

/** Names without `all` exclude the first requests, which warm up. */
export const TruthCounts = Type.Object(
  {
    requests: count,
    answered: count,
    refused: count,
    withheld: count,
    firstMicros: Type.Number(),
    lastMicros: Type.Number(),
    allRequests: count,
    /** Burned, and spent on sending responses: a sleeping client has to be woken up, a busy one does not. */
    allBurnedMicros: Type.Number(),
    /** How long the server was ready to run and waited for a core, since the reset. Null: unknown. */
    cpuWaitMs: Type.Union([Type.Number(), Type.Null()]),
    periodMs: Type.Number(),
    service: EncodedHistogram,
    /** Null without a window. */
    window: Type.Union([WindowCounts, Type.Null()]),
    /** Null without a schedule. */
    due: Type.Union([DueCounts, Type.Null()]),
  },
  closed,
);
export type TruthCounts = Readonly<Static<typeof TruthCounts>>;

export const TRUTH = {
  /** @returns the port that it listens on */
  start: operation({ request: Type.Object({ kind: Type.String() }, closed), reply: Type.Object({ port }, closed) }),
  /** Clears all records; the next `skip` requests are a warm-up. */
  reset: operation({ request: Type.Object({ skip: count, watch: Watch }, closed), reply: Nothing }),
  truth: operation({
    request: Type.Object(
      { window: Type.Union([Window, Type.Null()]), schedule: Type.Union([Schedule, Type.Null()]) },
      closed,
    ),
    reply: TruthCounts,
  }),
  /** Measures the round trip to the server on that port. */
  ping: operation({
    request: Type.Object({ port }, closed),
    reply: Type.Object({ medianMicros: Type.Number({ minimum: 0 }) }, closed),
  }),
};
