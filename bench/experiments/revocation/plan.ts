/** The plan of `revocation` in each profile: which fleets, how many credentials at once, and for how long. */
import type { ArmInfo } from '../../../servers/contract.ts';
import type { FleetSpec } from '../../fleet/fleet.ts';
import type { Profile } from '../../measuring/experiment.ts';
import type { ForkSchedule } from '../../measuring/run-forks.ts';
import type { Operation } from './clients.ts';
import { livesOf } from './settings.ts';

export const REVOCATION = 'revocation';

export const REVOCATION_PLANS: Readonly<Record<Profile, ForkSchedule>> = {
  quick: { minForks: 1, maxForks: 1 },
  full: { minForks: 2, maxForks: 2 },
};

/** Credentials of an arm watched concurrently: few, to avoid load effects. */
export const CHAINS = { atOnce: 2, later: 8 } as const;
/** Even with no time left, a fork measures this long: otherwise its start would be wasted. */
export const LEAST_MEASURE_MS = 4_000;
/** Time for stopping the fleets and for the last cycles. */
export const TAIL_MS = 1_500;
/** How long a credential is watched beyond its bound before it counts as never refused. */
export const BEYOND_BOUND_MS = 2_000;

/**
 * Two of three cycles use the read, which the arm's declaration covers. @param kinds of revocations, which alternate
 */
export function operationOf(cycle: number, kinds: number, operations: readonly Operation[]): Operation {
  const isCritical = operations.includes('critical') && Math.floor(cycle / kinds) % 3 === 2;
  return isCritical ? 'critical' : 'read';
}

export function specOf(arm: ArmInfo): FleetSpec {
  const { shortened } = livesOf(arm);
  return {
    key: arm.name,
    arm,
    // A credential that works only where it was issued is also revoked there.
    replicas: arm.needsStickyRouting ? 1 : 2,
    users: 0,
    ...(shortened === null ? {} : { settings: shortened }),
  };
}
