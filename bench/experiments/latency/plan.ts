/** The plan of `latency` in each profile, and the settings of its open loop. */
import type { FleetSpec } from '../../fleet/fleet.ts';
import type { ExperimentContext, Profile } from '../../measuring/experiment.ts';
import type { ForkSchedule } from '../../measuring/run-forks.ts';

export const LATENCY = 'latency';

export interface LatencyPlan extends ForkSchedule {
  /** Percent of the arm's capacity. */
  readonly loads: readonly number[];
  readonly capacity: { readonly rampMs: number; readonly windowMs: number };
  readonly warmUpMs: number;
  readonly sliceMs: number;
  /** Slices of each load in a start, if there is time. */
  readonly passes: number;
  /** Duration of each warm-up run of the open loop, at the first load. */
  readonly warmUpOpenMs: number;
}

const QUICK = {
  loads: [50, 90],
  minForks: 4,
  maxForks: 8,
  capacity: { rampMs: 100, windowMs: 300 },
  warmUpMs: 200,
  sliceMs: 1_000,
  passes: 1,
  warmUpOpenMs: 1_500,
} as const;
/** One start takes half the time to warm up; the rest is for one load, with enough slices to show their spread. */
const SHORT = { ...QUICK, loads: [50], minForks: 1, passes: 4, warmUpOpenMs: 1_000 } as const;
/** With less time than this, four starts could not measure two loads. */
const SHORT_SECONDS = 40;
const FULL: LatencyPlan = {
  loads: [50, 75, 90, 95],
  minForks: 4,
  maxForks: 20,
  capacity: { rampMs: 150, windowMs: 450 },
  warmUpMs: 300,
  sliceMs: 2_000,
  passes: 1,
  warmUpOpenMs: 1_500,
};

export function latencyPlan(profile: Profile, seconds: number): LatencyPlan {
  if (profile === 'full') return FULL;
  return seconds < SHORT_SECONDS ? SHORT : QUICK;
}

/** Users, and connections at saturation and at the start of a slice. */
export const CONNECTIONS = 32;
/** Further connections are opened while all are busy, as with browser users. */
export const MAX_CONNECTIONS = 256;
export const WARM_UP_MS = 20_000;
/** The most warm-up runs, however slow the arms. */
export const MOST_WARM_UPS = 8;
/**
 * No further warm-up starts once this part of a start's time is used; a cold process then sends late, and is flagged.
 */
export const MOST_WARM_UP_PART = 0.7;
export const TIMEOUT_MS = 5_000;

/** Saturated windows before an arm's first slice in a start, and the number of recent ones that define its capacity. */
export const CAPACITY_WINDOWS = { first: 3, last: 5 } as const;

/** The most repetitions of a disturbed slice. */
export const REPEATS = 2;

/** One unlimited replica of each arm. */
export function latencySpecs({ arms }: ExperimentContext): FleetSpec[] {
  const shared = { replicas: 1, users: CONNECTIONS };
  return arms.map((arm) => ({ ...shared, key: arm.name, arm }));
}
