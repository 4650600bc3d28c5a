/** The operations of the proxy that delays Redis. */
import type { Static } from 'typebox';
import { Type } from '../../../core/schema.ts';
import { Nothing, operation } from '../../processes/rpc.ts';

const closed = { additionalProperties: false } as const;
const port = Type.Integer({ minimum: 1, maximum: 65535 });

/** The address of a Redis. */
const Place = Type.Union([
  Type.Object({ host: Type.String({ minLength: 1 }), port }, closed),
  Type.Object({ path: Type.String({ minLength: 1 }) }, closed),
]);
export type Place = Static<typeof Place>;

/** How late replies were passed on, beyond their delay. */
export const Lateness = Type.Object(
  {
    /** Chunks of replies that were delayed and passed on. */
    delayed: Type.Integer({ minimum: 0 }),
    totalMicros: Type.Number({ minimum: 0 }),
    maxMicros: Type.Number({ minimum: 0 }),
  },
  closed,
);
export type Lateness = Readonly<Static<typeof Lateness>>;

export const DELAY_PROXY = {
  /** Listens on loopback and forwards to the given address. @returns the port that it listens on */
  start: operation({ request: Place, reply: Type.Object({ port }, closed) }),
  /** Delays all further replies by this much; 0 passes them at once. */
  delay: operation({
    request: Type.Object({ micros: Type.Number({ minimum: 0, maximum: 10_000_000 }) }, closed),
    reply: Nothing,
  }),
  /** Lateness since the last call. */
  lateness: operation({ request: Nothing, reply: Lateness }),
};
