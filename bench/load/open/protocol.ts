/** The operations of a shard of the open loop. */
import { Type } from '../../../core/schema.ts';
import { Nothing, operation } from '../../processes/rpc.ts';
import { OpenOptions, OpenResult } from './schema.ts';

const closed = { additionalProperties: false } as const;

export const SHARD = {
  /** Connects. Shard k of K takes the arrivals `i ≡ k (mod K)`. */
  prepare: operation({
    request: Type.Object(
      { options: OpenOptions, shard: Type.Integer({ minimum: 0 }), shards: Type.Integer({ minimum: 1 }) },
      closed,
    ),
    reply: Nothing,
  }),
  /** Runs the prepared load. The start is on the clock of `monotonicMs`, which all processes share. */
  go: operation({ request: Type.Object({ startAtMs: Type.Number() }, closed), reply: OpenResult }),
};
