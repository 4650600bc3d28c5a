/** The plan of `distance` in each profile: round trips, loads, and the least length of a fork. */
import type { FleetSpec } from '../../fleet/fleet.ts';
import type { ExperimentContext, Profile } from '../../measuring/experiment.ts';
import type { ForkSchedule } from '../../measuring/run-forks.ts';

export const DISTANCE = 'distance';

/** Round trips between app and Redis: one machine, one zone, one region, and further than advisable. */
export const RTT_MS = [0, 0.2, 0.5, 1.5] as const;
/** One request at a time shows the latency, many the throughput. */
export const IN_FLIGHT = [1, 16] as const;

export interface DistancePlan extends ForkSchedule {
  readonly warmUpMs: number;
  readonly rampMs: number;
  /** Short and frequent, because the machine's speed drifts within seconds. */
  readonly windowMs: number;
}

export const DISTANCE_PLANS: Readonly<Record<Profile, DistancePlan>> = {
  quick: { minForks: 2, maxForks: 4, canBeShort: true, warmUpMs: 5_000, rampMs: 20, windowMs: 130 },
  full: { minForks: 3, maxForks: 8, canBeShort: true, warmUpMs: 8_000, rampMs: 20, windowMs: 150 },
};

/** Overhead of each slice: opening and closing connections, reading counters and setting the delay. */
export const SLICE_OVERHEAD_MS = 45;
export const PINGS = 60;
/** A polling proxy, the generator and the replica have to fit on a small machine, so the replica is limited. */
const SMALL_CORES = 3;
const SMALL_SHARE = 0.45;

/** The approximate time for starting, warming up, calibrating and one block on two cores: in total, and per arm. */
const LEAST_FORK_SECONDS = { once: 5, perArm: 5 } as const;

/** With less time a fork would be over before its replicas are warm. */
export function leastForkSeconds(arms: number): number {
  return LEAST_FORK_SECONDS.once + LEAST_FORK_SECONDS.perArm * arms;
}

/** @returns the CPU limit of each replica in cores; null if it needs none, or can have none */
export function replicaShareOf({ canLimitCpu, cores }: ExperimentContext): number | null {
  return canLimitCpu && cores < SMALL_CORES ? SMALL_SHARE : null;
}

/** One replica of each arm, with a proxy in front of its Redis. */
export function distanceSpecs({ arms }: ExperimentContext, replicaShare: number | null): FleetSpec[] {
  const shared = { replicas: 1, replicaShare, cluster: false, delayed: true } as const;
  return arms.map((arm) => ({ ...shared, key: arm.name, arm, users: Math.max(...IN_FLIGHT) }));
}
