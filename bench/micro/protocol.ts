/** What the micro suite's process and its parent say to each other over IPC. */
import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;

/** Parent → process, once. */
export const MicroStart = Type.Object(
  {
    type: Type.Literal('start'),
    redisUrl: Type.Union([Type.String(), Type.Null()]),
    keyPrefix: Type.String(),
    /** Measured time of each task in each round; warm-up comes on top. */
    secondsPerTask: Type.Number({ exclusiveMinimum: 0 }),
    rounds: Type.Integer({ minimum: 1 }),
    seed: Type.Integer({ minimum: 0 }),
    /** All that can run, if left out. */
    tasks: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
  },
  closed,
);
export type MicroStart = Static<typeof MicroStart>;

const microseconds = Type.Number({ minimum: 0 });

/** One task in one round; a round is a block. */
export const MicroSample = Type.Object(
  {
    type: Type.Literal('sample'),
    round: Type.Integer({ minimum: 0 }),
    /** Place within its round's random order. */
    order: Type.Integer({ minimum: 0 }),
    task: Type.String(),
    operations: Type.Integer({ minimum: 1 }),
    durationMs: Type.Number({ minimum: 0 }),
    /** Wall-clock time of all measured operations over their number; for concurrent operations, over all of them. */
    wallUsPerOp: microseconds,
    /** User and system time of all threads of the process, likewise. */
    cpuUsPerOp: microseconds,
    /** Of the runs' mean times per operation. */
    p50Us: microseconds,
    p90Us: microseconds,
    p99Us: microseconds,
  },
  closed,
);
export type MicroSample = Static<typeof MicroSample>;

/** Process → parent. After `done` it exits with 0, after `failed` with 1. */
export const FromMicro = Type.Union([
  MicroSample,
  Type.Object({ type: Type.Literal('done') }, closed),
  Type.Object({ type: Type.Literal('failed'), message: Type.String() }, closed),
]);
export type FromMicro = Static<typeof FromMicro>;
