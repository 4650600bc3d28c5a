/** What the calibration and a server of known truth say to each other over IPC. */
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { EncodedHistogram } from '../load/histogram.ts';

const closed = { additionalProperties: false } as const;
const count = Type.Integer({ minimum: 0 });

export const toTruthServer = Compile(
  Type.Union([
    Type.Object({ type: Type.Literal('start'), kind: Type.String() }, closed),
    /** Forget everything; the next `skip` requests are a warm-up. */
    Type.Object({ type: Type.Literal('reset'), skip: count }, closed),
    Type.Object({ type: Type.Literal('truth') }, closed),
    /** Find how long the way to the server on that port takes. */
    Type.Object({ type: Type.Literal('ping'), port: Type.Integer({ minimum: 1, maximum: 65535 }) }, closed),
  ]),
);

export const truthListening = Compile(
  Type.Object({ type: Type.Literal('listening'), port: Type.Integer({ minimum: 1, maximum: 65535 }) }, closed),
);
export const truthReset = Compile(Type.Object({ type: Type.Literal('reset') }, closed));
export const truthPing = Compile(
  Type.Object({ type: Type.Literal('ping'), medianMicros: Type.Number({ minimum: 0 }) }, closed),
);
export const truthAnswer = Compile(
  Type.Object(
    {
      type: Type.Literal('truth'),
      counts: Type.Object(
        {
          requests: count,
          answered: count,
          refused: count,
          withheld: count,
          firstMicros: Type.Number(),
          lastMicros: Type.Number(),
          allRequests: count,
          allBurnedMicros: Type.Number(),
          service: EncodedHistogram,
        },
        closed,
      ),
    },
    closed,
  ),
);
