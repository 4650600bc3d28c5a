/** Shards: runs of one plan, usually each on its own machine, and the record of merging them. */
import type { Static, TSchema } from 'typebox';
import { Type } from '../../schema.ts';
import { Environment } from './environment.ts';
import { FactorValues } from './factors.ts';

const closed = { additionalProperties: false } as const;
const finite = Type.Number();
const orNull = <T extends TSchema>(type: T) => Type.Union([type, Type.Null()]);

/** No sensible plan has more parts. */
export const MOST_SHARDS = 1000;

const index = Type.Integer({ minimum: 1, maximum: MOST_SHARDS });

/** The part of a plan that a run covers. */
export const Shard = Type.Object(
  {
    /** Counted from 1. */
    index,
    count: index,
    /** When the load of all shards begins: ISO 8601, UTC. Null if each begins when it is ready. */
    startAt: orNull(Type.String()),
    /** The version of Tollgate: shards of different versions cannot be merged. */
    version: Type.String(),
  },
  closed,
);
export type Shard = Static<typeof Shard>;

/** A difference of two clocks. Of a shard: its own minus the common one, when it began. */
export const ClockOffset = Type.Object(
  {
    offsetMs: finite,
    /** The true offset is within ± this. */
    uncertaintyMs: Type.Number({ minimum: 0 }),
    roundTrips: Type.Integer({ minimum: 1 }),
  },
  closed,
);
export type ClockOffset = Static<typeof ClockOffset>;

/** Written after the security checks, when the load of a shard begins. */
export const ShardBegan = Type.Object(
  {
    kind: Type.Literal('shard-began'),
    /** When it began, by the shard's own clock. */
    at: Type.String(),
    /** The delay by the same clock; null if no start time was given. */
    lateMs: orNull(finite),
    /** Absent if there was no common clock. */
    clock: Type.Optional(ClockOffset),
  },
  closed,
);
export type ShardBegan = Static<typeof ShardBegan>;

/** The properties in which machines of shards may differ; all others must be equal. */
const Machine = Type.Pick(Environment, [
  'cpuModel',
  'cores',
  'memoryBytes',
  'memoryLimitBytes',
  'platform',
  'kernel',
  'cpuShares',
  'cpu',
  'calibration',
]);

/** One shard of a merged run. */
export const MergedShard = Type.Object(
  {
    kind: Type.Literal('shard'),
    index,
    count: index,
    runId: Type.String(),
    commandLine: Type.String(),
    startedAt: Type.String(),
    /** When its load began, by its own clock; null if it never did. */
    beganAt: orNull(Type.String()),
    /** Null if it was interrupted. */
    endedAt: orNull(Type.String()),
    startAt: orNull(Type.String()),
    lateMs: orNull(finite),
    /** Null if there was no common clock. */
    clock: orNull(ClockOffset),
    /** False if it was interrupted, or an experiment failed. */
    complete: Type.Boolean(),
    damagedLines: Type.Integer({ minimum: 0 }),
    machine: Machine,
    /** The class of machine, as in the history of figures. */
    machineClass: Type.String(),
  },
  closed,
);
export type MergedShard = Static<typeof MergedShard>;

/** A figure for which one shard's value is further from the others' than chance explains. */
export const ShardsDiffer = Type.Object(
  {
    kind: Type.Literal('shards-differ'),
    experiment: Type.String(),
    arm: orNull(Type.String()),
    factors: FactorValues,
    metric: Type.String(),
    /** The one furthest from the others. */
    shard: index,
  },
  closed,
);
export type ShardsDiffer = Static<typeof ShardsDiffer>;
