/** The operations of the micro suite's process. */
import type { Static } from 'typebox';
import { Type } from '../../core/schema.ts';
import { Nothing, operation } from '../processes/rpc.ts';

const closed = { additionalProperties: false } as const;

export const MicroOptions = Type.Object(
  {
    redisUrl: Type.Union([Type.String(), Type.Null()]),
    postgresUrl: Type.Union([Type.String(), Type.Null()]),
    keyPrefix: Type.String(),
    /** Measured time of each task in each round, in addition to warm-up. */
    secondsPerTask: Type.Number({ exclusiveMinimum: 0 }),
    rounds: Type.Integer({ minimum: 1 }),
    seed: Type.Integer({ minimum: 0 }),
    /** Default: all that can run. */
    tasks: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
  },
  closed,
);
export type MicroOptions = Static<typeof MicroOptions>;

const microseconds = Type.Number({ minimum: 0 });

/** One task in one round; a round is a block. */
export const MicroSample = Type.Object(
  {
    round: Type.Integer({ minimum: 0 }),
    /** Position within its round's random order. */
    order: Type.Integer({ minimum: 0 }),
    task: Type.String(),
    operations: Type.Integer({ minimum: 1 }),
    durationMs: Type.Number({ minimum: 0 }),
    /** Mean wall-clock time per operation; with concurrency, over all operations. */
    wallUsPerOp: microseconds,
    /** User and system time of the thread that runs the tasks, in the same way. */
    cpuUsPerOp: microseconds,
    /** Median of the runs' mean times per operation. */
    p50Us: microseconds,
    p90Us: microseconds,
    p99Us: microseconds,
    /** Operations before this round's measured time, over all rounds so far. */
    warmUpOperations: Type.Integer({ minimum: 0 }),
    /** Whether V8 had stopped optimising the task by then. */
    isWarm: Type.Boolean(),
  },
  closed,
);
export type MicroSample = Static<typeof MicroSample>;

export const MICRO = {
  /** Times the tasks, and reports each sample as it is measured. */
  run: operation({ request: MicroOptions, reply: Nothing, note: MicroSample }),
};
