/** An outage as clients see it, bin by bin. */
import type { Static } from 'typebox';
import { Type } from '../../schema.ts';
import { FactorValues } from './factors.ts';

const closed = { additionalProperties: false } as const;
const finite = Type.Number();
const bins = Type.Array(Type.Integer({ minimum: 0 }), { maxItems: 10_000 });
const waits = Type.Array(Type.Union([Type.Number(), Type.Null()]), { maxItems: 10_000 });

/** The outcomes of requests by the time when they were due, and their latencies; arrays of one length. */
export const Timeline = Type.Object(
  {
    binMs: Type.Number({ exclusiveMinimum: 0 }),
    /** When the fault began, from the start of the timeline. */
    faultFromMs: finite,
    /** When it ended; null if it did not. */
    faultToMs: Type.Union([finite, Type.Null()]),
    accepted: bins,
    /** 401. */
    refused: bins,
    /** 403. */
    forbidden: bins,
    /** 503. */
    unavailable: bins,
    other: bins,
    /** No connection, or lost without a response. */
    error: bins,
    timedOut: bins,
    /** Null if no request was due. */
    p50Ms: waits,
    maxMs: waits,
  },
  closed,
);
export type Timeline = Static<typeof Timeline>;

/** The timeline of a cell. */
export const CellTimeline = Type.Object(
  {
    experiment: Type.String(),
    arm: Type.Union([Type.String(), Type.Null()]),
    factors: FactorValues,
    timeline: Timeline,
  },
  closed,
);
