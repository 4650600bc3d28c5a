/** The plan of `capacity` in each profile, and the settings of its open loop. */
import { LONGEST_WAIT_MS } from '../../../core/thresholds/objective.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { FleetSpec } from '../../fleet/fleet.ts';
import type { ExperimentContext } from '../../measuring/experiment.ts';
import type { ForkSchedule } from '../../measuring/run-forks.ts';

export const CAPACITY = 'capacity';

/** The first start must also find the scale of the answers. */
const weightOf = (index: number) => (index === 0 ? 1.25 : 1);

/** Fresh starts, since a JIT settles differently in each; a start with less time makes fewer looks. */
export const SCHEDULE: Readonly<Record<'quick' | 'full', ForkSchedule>> = {
  quick: { minForks: 3, maxForks: 6, canBeShort: true, weightOf },
  full: { minForks: 4, maxForks: 10, canBeShort: true, weightOf },
};

/** The default numbers of replicas. */
export const LEVELS = { quick: [1], full: [1, 2] } as const;

/** The least budget: a start of the servers, and the first looks at each arm. */
export const LEAST_SECONDS = { once: 3, perArm: 15 } as const;

/** With more looks the interval would be too narrow, because the servers change by more than that between looks. */
export const MOST_LOOKS = 20;
/**
 * The least useful number of looks in a start: those that find both sides of the limit, and three between them. The first start
 * needs about four to find both sides; later ones begin near its answer, and need two. Two starts say too little about how much
 * starts differ, so that three short ones are better than two long ones.
 */
export const LEAST_LOOKS = { first: 7, later: 5 } as const;
/** Once a start's share of time is spent, its remaining least looks at an arm take at most this long. */
export const MOST_SECONDS_FOR_LEAST = 30;

/**
 * A later start's first rate, as a part of the answers before: its doublings are 0.6 and 1.2 of it. It varies by up to this
 * factor, so that starts do not try the same rates, and their errors are independent.
 */
export const FROM_EARLIER = { part: 0.6, vary: 1.15 } as const;

/** Windows of the closed loop: the first ones before any look, then one every few rounds, when the servers are as warm as then. */
export const SATURATION = { first: 2, everyRounds: 3, rampMs: 150, windowMs: 400, connections: 32 } as const;
export const CONNECTIONS = 32;
/**
 * Further connections are opened while all are busy. Beyond this number requests wait, and the load exceeds what is
 * served.
 */
export const MOST_CONNECTIONS = 512;
export const STEP_WARM_UP_MS = 250;
export const WARM_UP_MS = 20_000;
/** The open loop's warm-up, which compiles its code. */
export const WARM_UP_OPEN = { ms: 1_000, runs: 4 } as const;

/** The time-out: long enough that the objective is missed first, and that every load ends. */
export const timeoutMs = (limits: readonly number[]) =>
  Math.min(LONGEST_WAIT_MS, Math.max(2_000, 4 * Math.max(0, ...limits)));

export function levelsOf({ config }: Pick<ExperimentContext, 'config'>): readonly number[] {
  return (config.replicas ?? LEVELS[config.profile]).toSorted((a, b) => a - b);
}

/** A replica with sessions of its own serves only the clients that logged in to it; the load is spread over all. */
const canSpread = ({ needsStickyRouting }: Pick<ArmInfo, 'needsStickyRouting'>) => !needsStickyRouting;

/** The numbers of replicas at which an arm can be measured; none if it serves with one only, and that was not asked for. */
export function levelsFor(arm: Pick<ArmInfo, 'needsStickyRouting'>, levels: readonly number[]): readonly number[] {
  return canSpread(arm) ? levels : levels.filter((replicas) => replicas === 1);
}

/** What is left out, and why; null for nothing. */
export function leftOutNote(
  arm: Pick<ArmInfo, 'name' | 'needsStickyRouting'>,
  levels: readonly number[],
): string | null {
  if (levelsFor(arm, levels).length === levels.length) return null;
  return `capacity: ${arm.name} is measured with one replica only, because its sessions are in the memory of one process`;
}

export function capacitySpecs(context: Pick<ExperimentContext, 'arms' | 'config'>): FleetSpec[] {
  const levels = levelsOf(context);
  const measured = context.arms.filter((arm) => levelsFor(arm, levels).length > 0);
  return measured.map((arm) => ({
    key: arm.name,
    arm,
    replicas: Math.max(...levelsFor(arm, levels)),
    replicaShare: null,
    redisShare: null,
    users: CONNECTIONS,
  }));
}
