/** What a process that delays Redis can be asked for. */
import type { Static } from 'typebox';
import { Type } from '../../../core/schema.ts';
import { Nothing, operation } from '../../processes/rpc.ts';

const closed = { additionalProperties: false } as const;
const port = Type.Integer({ minimum: 1, maximum: 65535 });

/** Where a Redis listens. */
const Place = Type.Union([
  Type.Object({ host: Type.String({ minLength: 1 }), port }, closed),
  Type.Object({ path: Type.String({ minLength: 1 }) }, closed),
]);
export type Place = Static<typeof Place>;

/** How late replies were passed on, beyond their delay. */
export const Lateness = Type.Object(
  {
    /** Pieces of replies that were held back and passed on. */
    delayed: Type.Integer({ minimum: 0 }),
    totalMicros: Type.Number({ minimum: 0 }),
    maxMicros: Type.Number({ minimum: 0 }),
  },
  closed,
);
export type Lateness = Readonly<Static<typeof Lateness>>;

export const DELAY_PROXY = {
  /** Listens on loopback and forwards to the given place. @returns the port that it listens on */
  start: operation({ request: Place, reply: Type.Object({ port }, closed) }),
  /** Holds every reply back for this long from now on; 0 passes replies at once. */
  delay: operation({
    request: Type.Object({ micros: Type.Number({ minimum: 0, maximum: 10_000_000 }) }, closed),
    reply: Nothing,
  }),
  /** Lateness since the last request for it. */
  lateness: operation({ request: Nothing, reply: Lateness }),
};
