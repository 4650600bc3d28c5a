/** The machine and software of a run. */
import type { Static } from 'typebox';
import { Type } from '../../schema.ts';
import { FlagName } from './names.ts';

const finite = Type.Number();
const closed = { additionalProperties: false } as const;

/** Periods of a CPU quota, those in which it was used up, and the time for which processes were stopped. */
export const Throttled = Type.Object({ periods: finite, throttledPeriods: finite, seconds: finite }, closed);
export type Throttled = Static<typeof Throttled>;

/** One of several hosts of a run, as it describes itself. */
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
    /** The offset of its clock from that of the coordinator when the run began. */
    clock: Type.Object({ offsetMs: finite, uncertaintyMs: finite }, closed),
  },
  closed,
);
export type RunHost = Static<typeof RunHost>;

/** A balancer between generators and replicas. */
const RunBalancer = Type.Object(
  {
    /** The balancing method: `round-robin` or `least-connections`. */
    choice: Type.String(),
    /** Processes that share its port. */
    processes: Type.Integer(),
  },
  closed,
);

export const Environment = Type.Object(
  {
    cpuModel: Type.String(),
    /** Cores that the run could use: fewer than the machine's if it was confined. */
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
          /** CPU time in cores: less than the number of cores if a quota limits it. */
          usable: finite,
          quota: Type.Union([finite, Type.Null()]),
          /** The fastest first; one without a name if all cores are alike. Cores as `0-3,6`. */
          kinds: Type.Array(Type.Object({ name: Type.String(), cores: Type.String() }, closed)),
          /** Hardware threads of the same core: `['0,4', '1,5']`. */
          siblings: Type.Array(Type.String()),
          /** Where CPU time was read from. */
          accounts: Type.String(),
          /** False: loopback's receive work is charged to the sender. Null: unknown. */
          irqTimeAccounting: Type.Union([Type.Boolean(), Type.Null()]),
          /** How often a quota stopped the run; absent if it did not, or the run has not ended. */
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
    /** The last calibration of the load generators on this machine; absent in runs of older versions. */
    calibration: Type.Optional(
      Type.Object({ reason: Type.String(), flag: Type.Union([FlagName, Type.Null()]) }, closed),
    ),
  },
  closed,
);
export type Environment = Static<typeof Environment>;
