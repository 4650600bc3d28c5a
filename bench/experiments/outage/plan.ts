/** The plan of `outage` in each profile: which arms in which variants, and how long each fault is observed. */
import type { Factors } from '../../../core/results/schema.ts';
import type { ServerSettings } from '../../../servers/configuration.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { FleetSpec } from '../../fleet/fleet.ts';
import { type ArmPredicate, isPlainOr, isReference } from '../../measuring/arms.ts';
import type { Profile } from '../../measuring/experiment.ts';
import type { ForkSchedule } from '../../measuring/run-forks.ts';
import type { FaultKind } from './faults.ts';

export const OUTAGE = 'outage';

export const FAULTS_LEFT_OUT =
  'outage: Redis faults are excluded, because Tollgate only disturbs a single Redis that it started itself; unset REDIS_URL and omit --redis';

/** Also measured with the Redis client's own defaults. */
const isShownWithDefaults: ArmPredicate = (arm) => isReference(arm) && arm.usesRedis;
/** Also measured failing open, which has to be enabled. */
const isShownFailingOpen: ArmPredicate = (arm) => isPlainOr(arm) && (arm.stores ?? []).includes('denylist');

export interface OutagePlan extends ForkSchedule {
  /** Duration of load before each fault, for comparison. */
  readonly beforeMs: number;
}

export const OUTAGE_PLANS: Readonly<Record<Profile, OutagePlan>> = {
  quick: { minForks: 1, maxForks: 1, beforeMs: 600 },
  full: { minForks: 3, maxForks: 3, beforeMs: 2_000 },
};

/** The load of the first fault begins this much earlier, because the code of every route is cold. */
export const WARM_UP_MS = 800;
/** Logging in and fetching the records, per fault. */
const AROUND_MS = 700;

export interface Variant {
  readonly key: string;
  readonly arm: ArmInfo;
  readonly factors: Factors;
  readonly settings: ServerSettings | null;
  /** Whether its arm's declaration covers these settings. */
  readonly isAsDeclared: boolean;
}

/** A fault lasts seconds: cached sessions must expire within it, or the time after that could not be observed. */
const COPY_MS = 1_000;

/**
 * @returns settings that shorten what an arm caches for longer than a fault lasts; null if there is nothing to
 * shorten
 */
export function boundedOf({ revocation, boundSetting }: ArmInfo): ServerSettings | null {
  const isLong = typeof revocation === 'object' && revocation.withinMs > COPY_MS;
  return boundSetting !== undefined && isLong ? { [boundSetting]: COPY_MS } : null;
}

/** Each arm as deployed, and two of them with an option that an outage shows best. */
export function variantsOf(arms: readonly ArmInfo[]): Variant[] {
  return arms.flatMap((arm): Variant[] => {
    const variant = (factors: Factors, settings: ServerSettings | null, isAsDeclared = false): Variant => {
      const key = [arm.name, ...Object.values(factors)].join('+');
      return { key, arm, factors, settings, isAsDeclared };
    };
    const client: Factors = arm.usesRedis && !arm.isService ? { redis_client: 'tuned' } : {};
    const denylist: Factors = isShownFailingOpen(arm) ? { denylist: 'fail-closed' } : {};
    const variants = [variant({ ...client, ...denylist }, boundedOf(arm), true)];
    if (isShownWithDefaults(arm)) variants.push(variant({ redis_client: 'defaults' }, { redisDefaults: true }));
    if (isShownFailingOpen(arm))
      variants.push(variant({ ...client, denylist: 'fail-open' }, { denylistFailOpen: true }));
    return variants;
  });
}

export function specOf({ key, arm, settings }: Variant): FleetSpec {
  return {
    key,
    arm,
    replicas: arm.needsStickyRouting ? 1 : 2,
    users: 0,
    ...(settings === null ? {} : { settings }),
  };
}

/** @returns the ms for a fault, including the load before and after */
export function durationMs(fault: FaultKind, profile: Profile): number {
  return OUTAGE_PLANS[profile].beforeMs + fault.lastsMs[profile] + fault.returnMs + fault.watchMs[profile] + AROUND_MS;
}
