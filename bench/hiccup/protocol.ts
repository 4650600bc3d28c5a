/** The hiccup meter and its processes, one for each core. */
import type { Static } from 'typebox';
import { EncodedHistogram } from '../../core/results/histogram.ts';
import { Type } from '../../core/schema.ts';
import { Nothing, operation } from '../processes/rpc.ts';

const closed = { additionalProperties: false } as const;

/** One core over one period. */
export const CoreReading = Type.Object(
  {
    durationMs: Type.Number({ minimum: 0 }),
    maxLateMicros: Type.Number({ minimum: 0 }),
    /** Wake-ups that were more than 10 ms late. */
    stalls: Type.Integer({ minimum: 0 }),
    /** Lateness of every wake-up. */
    late: EncodedHistogram,
  },
  closed,
);
export type CoreReading = Static<typeof CoreReading>;

/** The operations of the process on one core. */
export const CORE = {
  start: operation({
    request: Type.Object({ sleepMs: Type.Number({ minimum: 1, maximum: 100 }) }, closed),
    reply: Nothing,
  }),
  /** Readings since the last mark, or the start. */
  mark: operation({ request: Nothing, reply: CoreReading }),
  /** Readings since the start. */
  total: operation({ request: Nothing, reply: CoreReading }),
};
