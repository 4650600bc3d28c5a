/** What the parent and a shard of the open loop say to each other over IPC. */
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { OpenOptions, OpenResult } from './schema.ts';

const closed = { additionalProperties: false } as const;

export const toShard = Compile(
  Type.Union([
    Type.Object(
      {
        type: Type.Literal('prepare'),
        options: OpenOptions,
        shard: Type.Integer({ minimum: 0 }),
        shards: Type.Integer({ minimum: 1 }),
      },
      closed,
    ),
    /** On the clock of `monotonicMs`, which all processes share and nobody sets. */
    Type.Object({ type: Type.Literal('go'), startAtMs: Type.Number() }, closed),
  ]),
);

export const shardReady = Compile(Type.Object({ type: Type.Literal('ready') }, closed));
export const shardResult = Compile(Type.Object({ type: Type.Literal('result'), result: OpenResult }, closed));
