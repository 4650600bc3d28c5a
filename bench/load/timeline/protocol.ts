/** A timeline of requests: its options, and its record of every request, which shows when things changed. */
import type { Static } from 'typebox';
import { Type } from '../../../core/schema.ts';
import { Nothing, operation } from '../../processes/rpc.ts';
import { AddressSchema } from '../connection/address-schema.ts';

const closed = { additionalProperties: false } as const;

/** The outcome of a request, as the client sees it. */
export const OUTCOMES = [
  /** 200, with the expected body if there is one. */
  'accepted',
  /** 401. */
  'refused',
  /** 403. */
  'forbidden',
  /** 503. */
  'unavailable',
  'other',
  /** The connection was refused, or lost before the answer. */
  'error',
  'timedOut',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const TimelineOptions = Type.Object(
  {
    streams: Type.Array(
      Type.Object(
        {
          key: Type.String(),
          ratePerSecond: Type.Number({ exclusiveMinimum: 0, maximum: 10_000 }),
          /** Used in turn. */
          requests: Type.Array(
            Type.Object(
              {
                ...AddressSchema.properties,
                /** The request, with each character one byte (latin1). */
                wire: Type.String({ minLength: 1 }),
                /** Signs a new proof for each sending; absent if the request has no proof. */
                proofKey: Type.Optional(Type.String()),
                expectBody: Type.Optional(Type.String()),
                /** How to classify responses that do not follow our servers' contract. */
                judge: Type.Optional(
                  Type.Object(
                    {
                      /** Statuses of success. */
                      accepts: Type.Array(Type.Integer(), { minItems: 1 }),
                      /** Text that the body must contain; otherwise it is a refusal. */
                      holds: Type.Optional(Type.String()),
                    },
                    closed,
                  ),
                ),
              },
              closed,
            ),
            { minItems: 1 },
          ),
        },
        closed,
      ),
      { minItems: 1 },
    ),
    /** Counted from when a request was due, after which its client gives up. */
    timeoutMs: Type.Number({ exclusiveMinimum: 0, maximum: 60_000 }),
    /** It ends by itself after this time, if `finish` is never called. */
    longestMs: Type.Number({ exclusiveMinimum: 0, maximum: 3_600_000 }),
  },
  closed,
);
export type TimelineOptions = Static<typeof TimelineOptions>;

/** Arrays of one length, in order of the time at which requests were due. */
export const StreamRecord = Type.Object(
  {
    key: Type.String(),
    /** When each request was due, from the start. */
    dueMs: Type.Array(Type.Number()),
    /** Time from when each was due to its outcome. */
    waitMs: Type.Array(Type.Number()),
    /** Status of the answer; 0 if there was none. */
    status: Type.Array(Type.Integer({ minimum: 0, maximum: 599 })),
    /** Index into OUTCOMES; -1 if the outcome was unknown at the end, which is an error. */
    outcome: Type.Array(Type.Integer({ minimum: -1, maximum: OUTCOMES.length - 1 })),
  },
  closed,
);
export type StreamRecord = Static<typeof StreamRecord>;

/** The operations of a timeline's process: one load at a time. */
export const TIMELINE = {
  start: operation({
    request: TimelineOptions,
    /** Time 0 of the records, with fractions, on the monotonic clock that all processes share. */
    reply: Type.Object({ atMonotonicMs: Type.Number() }, closed),
  }),
  /** Ends the load. Replies once every request has ended or been given up. */
  finish: operation({ request: Nothing, reply: Type.Array(StreamRecord) }),
};
