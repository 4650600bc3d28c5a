/** What the calibration and a server of known truth say to each other over IPC. */
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { EncodedHistogram } from '../../../core/results/histogram.ts';

const closed = { additionalProperties: false } as const;
const count = Type.Integer({ minimum: 0 });
const scheduleOf = Type.Object({ startMicros: Type.Number(), ratePerSecond: Type.Number() }, closed);
const windowOf = Type.Object({ fromMicros: Type.Number(), toMicros: Type.Number() }, closed);

/**
 * How a server sees what comes. `polling`: all the time, so its clock tells when; it burns CPU time. `looking`: every
 * millisecond or two, so that it can tell what was not there yet. `asleep`: it is woken up, and spends nothing meanwhile.
 */
export const Watch = Type.Union([Type.Literal('polling'), Type.Literal('looking'), Type.Literal('asleep')]);
export type Watch = Static<typeof Watch>;

export const toTruthServer = Compile(
  Type.Union([
    Type.Object({ type: Type.Literal('start'), kind: Type.String() }, closed),
    /** Forget everything; the next `skip` requests are a warm-up. */
    Type.Object({ type: Type.Literal('reset'), skip: count, watch: Watch }, closed),
    Type.Object(
      {
        type: Type.Literal('truth'),
        window: Type.Union([windowOf, Type.Null()]),
        schedule: Type.Union([scheduleOf, Type.Null()]),
      },
      closed,
    ),
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
          cpuWaitMs: Type.Union([Type.Number(), Type.Null()]),
          periodMs: Type.Number(),
          service: EncodedHistogram,
          due: Type.Union([
            Type.Object({ late: count, requests: count, latency: EncodedHistogram }, closed),
            Type.Null(),
          ]),
          window: Type.Union([Type.Object({ answered: count, refused: count }, closed), Type.Null()]),
        },
        closed,
      ),
    },
    closed,
  ),
);
