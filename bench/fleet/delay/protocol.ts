/** What the bench process and a delay proxy say to each other over IPC. */
import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;

export const ToDelayProxy = Type.Union([
  /** Listen on loopback and forward to this port. Answered by `listening`. */
  Type.Object({ type: Type.Literal('start'), port: Type.Integer({ minimum: 1, maximum: 65535 }) }, closed),
  /** Hold back every reply for so long from now on; 0 passes them at once. Answered by `delaying`. */
  Type.Object({ type: Type.Literal('delay'), micros: Type.Number({ minimum: 0, maximum: 10_000_000 }) }, closed),
  /** Answered by `lateness`, of what was delayed since the last time. */
  Type.Object({ type: Type.Literal('lateness') }, closed),
]);
export type ToDelayProxy = Static<typeof ToDelayProxy>;

export const FromDelayProxy = Type.Union([
  Type.Object({ type: Type.Literal('listening'), port: Type.Integer({ minimum: 1, maximum: 65535 }) }, closed),
  Type.Object({ type: Type.Literal('delaying') }, closed),
  Type.Object(
    {
      type: Type.Literal('lateness'),
      /** Pieces of replies that were held back and passed on. */
      delayed: Type.Integer({ minimum: 0 }),
      /** How long beyond their time, in all. */
      totalMicros: Type.Number({ minimum: 0 }),
      maxMicros: Type.Number({ minimum: 0 }),
    },
    closed,
  ),
  Type.Object({ type: Type.Literal('failed'), message: Type.String() }, closed),
]);
export type FromDelayProxy = Static<typeof FromDelayProxy>;
