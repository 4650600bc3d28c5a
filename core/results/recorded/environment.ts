/** What a run was measured on. */
import type { Static } from 'typebox';
import { Type } from '../../schema.ts';
import { FlagName } from './names.ts';

const finite = Type.Number();
const closed = { additionalProperties: false } as const;

/** Periods of a CPU quota, those in which it was used up, and for how long processes then stood still. */
export const Throttled = Type.Object({ periods: finite, throttledPeriods: finite, seconds: finite }, closed);
export type Throttled = Static<typeof Throttled>;

/** One of several hosts of a run, by its own account. */
export const RunHost = Type.Object(
  {
    name: Type.String(),
    roles: Type.Array(Type.String()),
    cpuModel: Type.String(),
    cores: Type.Integer(),
    memoryBytes: finite,
    kernel: Type.String(),
    node: Type.String(),
    redis: Type.Union([Type.String(), Type.Null()]),
    /** Where CPU time was read from. */
    accounts: Type.String(),
    /** How far its clock was ahead of that of the machine that ran the bench, when the run began. */
    clock: Type.Object({ offsetMs: finite, uncertaintyMs: finite }, closed),
  },
  closed,
);
export type RunHost = Static<typeof RunHost>;

/** A balancer between generators and replicas. */
export const RunBalancer = Type.Object(
  {
    /** Which replica gets a request: `round-robin` or `least-connections`. */
    choice: Type.String(),
    /** Processes that share its port. */
    processes: Type.Integer(),
  },
  closed,
);

export const Environment = Type.Object(
  {
    cpuModel: Type.String(),
    /** Cores that the run could use: fewer than the machine has if it was confined to some. */
    cores: Type.Integer(),
    memoryBytes: finite,
    /** The limit of a control group, such as a container's; null if there is none, absent in runs of older versions. */
    memoryLimitBytes: Type.Optional(Type.Union([finite, Type.Null()])),
    platform: Type.String(),
    kernel: Type.String(),
    node: Type.String(),
    v8: Type.String(),
    redis: Type.Union([Type.String(), Type.Null()]),
    packages: Type.Record(Type.String(), Type.String()),
    gitCommit: Type.Union([Type.String(), Type.Null()]),
    gitDirty: Type.Union([Type.Boolean(), Type.Null()]),
    cpuShares: Type.String(),
    /** Details of these cores; absent in runs of older versions. */
    cpu: Type.Optional(
      Type.Object(
        {
          /** Cores' worth of CPU time: less than the cores where a quota limits it. */
          usable: finite,
          quota: Type.Union([finite, Type.Null()]),
          /** The fastest first; a single one without a name where all cores are alike. Cores as `0-3,6`. */
          kinds: Type.Array(Type.Object({ name: Type.String(), cores: Type.String() }, closed)),
          /** Cores that are hardware threads of one core: `['0,4', '1,5']`. */
          siblings: Type.Array(Type.String()),
          /** Where CPU time was read from. */
          accounts: Type.String(),
          /** False: loopback's receive work is charged to the sender. Null: not known. */
          irqTimeAccounting: Type.Union([Type.Boolean(), Type.Null()]),
          /** How often a quota stopped the run, once it has ended; absent where it did not. */
          throttled: Type.Optional(Throttled),
          /** Flags of the whole run. */
          flags: Type.Array(FlagName),
        },
        closed,
      ),
    ),
    /** The hosts of servers and generators; absent if all were on this machine. */
    hosts: Type.Optional(Type.Array(RunHost)),
    /** How the balancer between generators and replicas spreads requests; absent if there is none. */
    balancer: Type.Optional(RunBalancer),
    /** What the last calibration of the load generators on this machine said; absent in runs of older versions. */
    calibration: Type.Optional(
      Type.Object({ reason: Type.String(), flag: Type.Union([FlagName, Type.Null()]) }, closed),
    ),
  },
  closed,
);
export type Environment = Static<typeof Environment>;
