/** What `capacity` measures in each profile, and how its open loop is set up. */
import { LONGEST_WAIT_MS } from '../../../core/thresholds/objective.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { FleetSpec } from '../../fleet/fleet.ts';
import type { ExperimentContext } from '../../measuring/experiment.ts';
import type { ForkSchedule } from '../../measuring/run-forks.ts';

export const CAPACITY = 'capacity';

/** Fresh starts, since a JIT settles differently in each; a start that is given less time looks fewer times. */
export const SCHEDULE: Readonly<Record<'quick' | 'full', ForkSchedule>> = {
  quick: { minForks: 3, maxForks: 6, canBeShort: true },
  full: { minForks: 4, maxForks: 10, canBeShort: true },
};

/** The default numbers of replicas. */
export const LEVELS = { quick: [1], full: [1, 2] } as const;

/** What a budget must have room for: a start of the servers, and the first looks at each arm. */
export const LEAST_SECONDS = { once: 3, perArm: 12 } as const;

/** With more looks the interval would be too narrow: the servers change by more than that between looks. */
export const MOST_LOOKS = 20;
/** A start is worth something from this many on: some four to find both sides of the limit. */
export const LEAST_LOOKS = 8;
/** Once the share of a start is spent, its least looks at an arm go on for as long, at most. */
export const MOST_SECONDS_FOR_LEAST = 30;

export const SATURATION = { windows: 3, rampMs: 150, windowMs: 400, connections: 32 } as const;
export const CONNECTIONS = 32;
/** Further ones are opened while all are busy; when these are in use too, requests wait, and the load is more than is served. */
export const MOST_CONNECTIONS = 512;
export const STEP_WARM_UP_MS = 250;
export const WARM_UP_MS = 20_000;
/** How long the open loop compiles its own code, and how often at most. */
export const WARM_UP_OPEN = { ms: 1_000, runs: 4 } as const;

/** A request is given up after this: long enough that its objective was missed before, and no load goes on for ever. */
export const timeoutMs = (limits: readonly number[]) =>
  Math.min(LONGEST_WAIT_MS, Math.max(2_000, 4 * Math.max(0, ...limits)));

export function levelsOf({ config }: Pick<ExperimentContext, 'config'>): readonly number[] {
  return (config.replicas ?? LEVELS[config.profile]).toSorted((a, b) => a - b);
}

/** A replica that keeps sessions to itself serves only the clients that logged in to it; the load is spread over all. */
export const canSpread = ({ needsStickyRouting }: Pick<ArmInfo, 'needsStickyRouting'>) => !needsStickyRouting;

export function capacitySpecs(context: ExperimentContext): FleetSpec[] {
  const most = Math.max(...levelsOf(context));
  return context.arms.map((arm) => ({
    key: arm.name,
    arm,
    replicas: canSpread(arm) ? most : 1,
    replicaShare: null,
    redisShare: null,
    users: CONNECTIONS,
  }));
}
