/** What a run was asked to measure. */
import type { Static } from 'typebox';
import { Type } from '../../schema.ts';
import { Shard } from './shards.ts';

const closed = { additionalProperties: false } as const;

/** The options of the run. Resuming takes them from here, so that both halves answer the same question. */
export const RunConfig = Type.Object(
  {
    profile: Type.Union([Type.Literal('quick'), Type.Literal('full')]),
    experiments: Type.Array(Type.String()),
    /** True if these are the profile's defaults, because none were named; absent in runs of older versions. */
    byDefault: Type.Optional(Type.Boolean()),
    /** Null: each experiment's own choice for the profile. */
    arms: Type.Union([Type.Array(Type.String()), Type.Null()]),
    replicas: Type.Union([Type.Array(Type.Integer({ minimum: 1 })), Type.Null()]),
    budgetSeconds: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()]),
    seed: Type.Integer({ minimum: 0 }),
    aa: Type.Boolean(),
    /** Iterations of arithmetic that slow each request of the second baseline on purpose; none where it is left out. */
    plantedIterations: Type.Optional(Type.Integer({ minimum: 1 })),
    /** A server for each fleet, or a cluster of three nodes; a server where it is left out. */
    redis: Type.Optional(Type.Union([Type.Literal('single'), Type.Literal('cluster')])),
    /** How many sessions `store` keeps, ascending; its own choice where it is left out. */
    storeSizes: Type.Optional(Type.Array(Type.Integer({ minimum: 1 }))),
    /** What `capacity` holds the load to: `p99<50ms,errors<0.1%`; the usual objective where it is left out. */
    slo: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    /** The load generator that measures the throughput of `scale`, too, as a second opinion; none where it is left out. */
    engine: Type.Optional(Type.Literal('wrk')),
    argon2: Type.Object({ memoryKiB: Type.Integer(), passes: Type.Integer(), cheap: Type.Boolean() }, closed),
    /** Absent if the run is the whole of its plan, or merged. */
    shard: Type.Optional(Shard),
    /** The hosts that servers and generators were on, by name; absent where all were on one machine. */
    hosts: Type.Optional(Type.Array(Type.Object({ name: Type.String(), roles: Type.Array(Type.String()) }, closed))),
    /** How the balancer on one of them was asked to spread requests; absent if there was none. */
    balancer: Type.Optional(
      Type.Object({ choice: Type.String(), processes: Type.Union([Type.Integer(), Type.Null()]) }, closed),
    ),
  },
  closed,
);
export type RunConfig = Static<typeof RunConfig>;
