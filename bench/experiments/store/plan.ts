/** What `store` measures in each profile: how many sessions, how often, and how long the storm is watched. */
import type { FleetSpec } from '../../fleet/fleet.ts';
import type { ExperimentContext, Profile } from '../../measuring/experiment.ts';
import type { ForkSchedule } from '../../measuring/run-forks.ts';

export const STORE = 'store';

export const LEFT_OUT =
  'store: not measured, because it would fill and empty the Redis at REDIS_URL, and change its settings; unset REDIS_URL';

export interface StorePlan extends ForkSchedule {
  readonly sizes: readonly number[];
  /** How many sessions expire at once, at most. */
  readonly storm: number;
  /** How long entries that ended among live ones are watched, at most. */
  readonly besideMs: number;
  readonly lookups: number;
  /** Lookups in batches, for their CPU time. */
  readonly batched: number;
}

/**
 * The first fork gets three quarters of the time, so that it reaches the largest sizes at all; bytes differ little from
 * one fork to the next.
 */
const weightOf = (index: number) => (index === 0 ? 3 : 1);

export const STORE_PLANS: Readonly<Record<Profile, StorePlan>> = {
  quick: {
    sizes: [1e3, 1e4, 1e5],
    storm: 1e4,
    besideMs: 500,
    minForks: 2,
    maxForks: 3,
    canBeShort: true,
    weightOf,
    lookups: 300,
    batched: 10_000,
  },
  full: {
    sizes: [1e3, 1e4, 1e5, 1e6],
    storm: 1e5,
    besideMs: 3_000,
    minForks: 2,
    maxForks: 8,
    canBeShort: true,
    weightOf,
    lookups: 600,
    batched: 20_000,
  },
};

export const CALM_MS = 300;
/** From the moment the last key's expiry is set until the keys expire. */
export const LEAD_MS = 400;
/** The longest wait for all of them to be gone. */
export const LONGEST_STORM_MS = 15_000;
export interface Beside {
  /** Live entries for each that ends. */
  readonly live: number;
  /** `active-expire-effort`: 1 is Redis' default, 10 the most. */
  readonly effort: number;
}

/** The most live ones first, since those are in Redis then; with the default effort, and with what helps. */
export const BESIDE: readonly Beside[] = [
  { live: 9, effort: 1 },
  { live: 9, effort: 10 },
  { live: 1, effort: 1 },
  { live: 1, effort: 10 },
];
/**
 * Time around each watch: restoring ended keys, marking those that are to end, and, if Redis removes all, the removal.
 */
export const AROUND_BESIDE_MS = 250;
/** From the moment the last expiry is set until it comes, at least. */
export const BESIDE_LEAD_MS = 100;
/** Fewer than this many that end are too few for a share. */
export const LEAST_ENDED = 100;

/** Keys that Redis compares before it evicts one, `maxmemory-samples`: its default, twice that, and the most. */
export const EVICTION_SAMPLES = [5, 10, 64] as const;
/** Live sessions for each that has ended: with fewer ended ones most samples hold none. */
export const LIVE_PER_ENDED_WHEN_FULL = 17;
/** New sessions, as a part of all: fewer than have ended, so that evicting ended ones would make enough room. */
export const FRESH_SHARE = 0.02;
/** The largest number of sessions in a full Redis. */
export const MOST_WHEN_FULL = 20_000;
/** From the moment that the end is set until it comes: setting it takes a part of that. */
export const EVICTION_LEAD_MS = 250;
/** Filling, waiting, evicting and counting, for each number of samples. */
export const AROUND_EVICTION_MS = 1_200;

/** A size is begun where the fork has this many times what filling took so far, in proportion: the rest is looking up. */
export const TIME_PER_SIZE = 1.4;

/** One replica of each arm that keeps something in Redis. */
export function storeSpecs({ arms }: ExperimentContext): FleetSpec[] {
  const shared = { replicas: 1, replicaShare: null, redisShare: null, cluster: false, users: 0 };
  return arms.filter((arm) => arm.usesRedis).map((arm) => ({ ...shared, key: arm.name, arm }));
}
