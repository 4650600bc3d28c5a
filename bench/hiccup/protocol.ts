/** What the meter and its processes say to each other over IPC. */
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { EncodedHistogram } from '../../core/results/histogram.ts';

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

export const toCore = Compile(
  Type.Union([
    Type.Object({ type: Type.Literal('start'), sleepMs: Type.Number({ minimum: 1, maximum: 100 }) }, closed),
    Type.Object({ type: Type.Union([Type.Literal('mark'), Type.Literal('total')]) }, closed),
  ]),
);
export const coreStarted = Compile(Type.Object({ type: Type.Literal('started') }, closed));
export const coreReading = Compile(Type.Object({ type: Type.Literal('reading'), reading: CoreReading }, closed));
