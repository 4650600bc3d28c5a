/** The input of a generator in a container: the plan of all shards, and the replicas of each shard. */
import type { Static } from 'typebox';
import { PlacedUser } from '../bench/fleet/placed.ts';
import type { JsonFormat } from '../core/results/json-file.ts';
import { MOST_SHARDS } from '../core/results/recorded/shards.ts';
import { checker } from '../core/results/validate.ts';
import { Type } from '../core/schema.ts';

/** The variable with the file's path. */
export const PLAN_FILE = 'TOLLGATE_PLAN_FILE';
/** The number of the shard, from 0: the completion index of a Job. */
export const SHARD_INDEX = 'TOLLGATE_SHARD_INDEX';

const closed = { additionalProperties: false } as const;

export const GeneratorPlan = Type.Object(
  {
    shards: Type.Integer({ minimum: 1, maximum: MOST_SHARDS }),
    /** Arguments of `bench`, without the shard and the results folder. */
    arguments: Type.Array(Type.String()),
    arms: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          /** One per shard: a name that resolves to its replicas, or to their load balancer. */
          hosts: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
          port: Type.Integer({ minimum: 1, maximum: 65535 }),
          /** How many addresses the name has once all replicas are ready. */
          addresses: Type.Integer({ minimum: 1 }),
        },
        closed,
      ),
      { minItems: 1 },
    ),
    users: Type.Array(PlacedUser, { minItems: 1 }),
    /** How long the replicas may take to become ready. */
    readyWithinSeconds: Type.Number({ exclusiveMinimum: 0 }),
  },
  closed,
);
export type GeneratorPlan = Static<typeof GeneratorPlan>;

const AGAIN = 'bench --fleet writes that file: start the run again';
export const PLAN_FORMAT: JsonFormat<GeneratorPlan> = {
  what: 'the plan of a generator',
  version: null,
  check: checker(GeneratorPlan),
  hints: { missing: AGAIN, damaged: AGAIN, version: AGAIN },
};
