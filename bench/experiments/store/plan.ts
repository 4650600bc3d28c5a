/** The plan of `store` in each profile: how many sessions, how often, and how long the storm is watched. */
import type { FleetSpec } from '../../fleet/fleet.ts';
import type { ExperimentContext, Profile } from '../../measuring/experiment.ts';
import type { ForkSchedule } from '../../measuring/run-forks.ts';

export const STORE = 'store';

export const LEFT_OUT =
  'store: not measured, because it would fill and empty the Redis at REDIS_URL, and change its settings; unset REDIS_URL';

export interface StorePlan extends ForkSchedule {
  readonly sizes: readonly number[];
  /** The most sessions that expire at once. */
  readonly storm: number;
  /** The longest watch of entries that expired among live ones. */
  readonly besideMs: number;
  readonly lookups: number;
  /** Batched lookups, to measure their CPU time. */
  readonly batched: number;
}

/**
 * The first fork gets three quarters of the time, so that it reaches the largest sizes; bytes vary little between
 * forks.
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
/** From setting the last key's expiry until the keys expire. */
export const LEAD_MS = 400;
/** The longest wait for all of them to be removed. */
export const LONGEST_STORM_MS = 15_000;
export interface Beside {
  /** Live entries for each expired one. */
  readonly live: number;
  /** `active-expire-effort`: 1 is Redis' default, 10 the most. */
  readonly effort: number;
}

/**
 * The largest number of live entries first, which are in Redis at that time; with the default effort, and with the
 * alternatives.
 */
export const BESIDE: readonly Beside[] = [
  { live: 9, effort: 1 },
  { live: 9, effort: 10 },
  { live: 1, effort: 1 },
  { live: 1, effort: 10 },
];
/** Overhead of each watch: restoring expired keys, setting expiries, and, if Redis removes all, the removal. */
export const AROUND_BESIDE_MS = 250;
/** The least time from setting the last expiry until it takes effect. */
export const BESIDE_LEAD_MS = 100;
/** With fewer expired keys, the share is not meaningful. */
export const LEAST_ENDED = 100;

/** Keys that Redis compares before it evicts one, `maxmemory-samples`: its default, twice that, and the most. */
export const EVICTION_SAMPLES = [5, 10, 64] as const;
/** Live sessions for each expired one: with fewer expired ones, most samples contain none. */
export const LIVE_PER_ENDED_WHEN_FULL = 17;
/** New sessions as a share of all: fewer than have expired, so that evicting expired ones would free enough memory. */
export const FRESH_SHARE = 0.02;
/** The largest number of sessions in a full Redis. */
export const MOST_WHEN_FULL = 20_000;
/** From setting the expiry until it takes effect; setting it takes part of that. */
export const EVICTION_LEAD_MS = 250;
/** Filling, waiting, evicting and counting, for each value of `maxmemory-samples`. */
export const AROUND_EVICTION_MS = 1_700;

/** A size is started if the fork has this many times the projected filling time left: the rest is for lookups. */
export const TIME_PER_SIZE = 1.4;

/** One replica of each arm that stores something in Redis. */
export function storeSpecs({ arms }: ExperimentContext): FleetSpec[] {
  const shared = { replicas: 1, cluster: false, users: 0 };
  return arms.filter((arm) => arm.usesRedis).map((arm) => ({ ...shared, key: arm.name, arm }));
}
