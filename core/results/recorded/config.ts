/** The configuration of a run. */
import type { Static } from 'typebox';
import { Type } from '../../schema.ts';
import { Shard } from './shards.ts';

const closed = { additionalProperties: false } as const;

/** The options of the run. Resuming reads them from here, so that both parts answer the same question. */
export const RunConfig = Type.Object(
  {
    profile: Type.Union([Type.Literal('quick'), Type.Literal('full')]),
    experiments: Type.Array(Type.String()),
    /** True if these are the profile's defaults, because none were named; absent in runs of older versions. */
    byDefault: Type.Optional(Type.Boolean()),
    /** Null: each experiment's defaults for the profile. */
    arms: Type.Union([Type.Array(Type.String()), Type.Null()]),
    replicas: Type.Union([Type.Array(Type.Integer({ minimum: 1 })), Type.Null()]),
    budgetSeconds: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()]),
    seed: Type.Integer({ minimum: 0 }),
    aa: Type.Boolean(),
    /** Iterations of arithmetic that slow down each request of the second baseline; absent for none. */
    plantedIterations: Type.Optional(Type.Integer({ minimum: 1 })),
    /** A server for each fleet, or a cluster of three nodes; a server if absent. */
    redis: Type.Optional(Type.Union([Type.Literal('single'), Type.Literal('cluster')])),
    /** Numbers of sessions stored in `store`, ascending; its defaults if absent. */
    storeSizes: Type.Optional(Type.Array(Type.Integer({ minimum: 1 }))),
    /** The objective of `capacity`: `p99<50ms,errors<0.1%`; the default if absent. */
    slo: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    /** A second load generator for the throughput of `scale`; none if absent. */
    engine: Type.Optional(Type.Literal('wrk')),
    argon2: Type.Object({ memoryKiB: Type.Integer(), passes: Type.Integer(), cheap: Type.Boolean() }, closed),
    /** Absent if the run is the whole plan, or merged. */
    shard: Type.Optional(Shard),
    /** The hosts of servers and generators, by name; absent if all were on one machine. */
    hosts: Type.Optional(Type.Array(Type.Object({ name: Type.String(), roles: Type.Array(Type.String()) }, closed))),
    /** How the balancer on one of them spreads requests; absent if there was none. */
    balancer: Type.Optional(
      Type.Object({ choice: Type.String(), processes: Type.Union([Type.Integer(), Type.Null()]) }, closed),
    ),
  },
  closed,
);
export type RunConfig = Static<typeof RunConfig>;
