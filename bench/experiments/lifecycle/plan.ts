/** What `lifecycle` measures in each profile, and how often. */
import type { ArmInfo } from '../../../servers/contract.ts';
import type { FleetSpec } from '../../fleet/fleet.ts';
import { ARGON2_CHEAP } from '../../fleet/secrets.ts';
import type { ClientOperation } from '../../load/protocol.ts';
import type { Profile } from '../../measuring/experiment.ts';
import type { ForkSchedule } from '../../measuring/run-forks.ts';
import type { StormPlan } from './storm.ts';

export interface LifecyclePlan extends ForkSchedule {
  /** The part of a fork's time after which its servers have started and warmed up. */
  readonly warmUpShare: number;
  /** Rounds of each operation. */
  readonly warmUpRounds: number;
  readonly blocks: number;
  readonly blockMs: number;
  readonly hashes: { readonly cheap: number; readonly real: number };
  readonly storm: StormPlan;
}

export const LIFECYCLE_PLANS: Readonly<Record<Profile, LifecyclePlan>> = {
  quick: {
    minForks: 2,
    maxForks: 4,
    canBeShort: true,
    warmUpShare: 0.4,
    warmUpRounds: 20,
    blocks: 10,
    blockMs: 500,
    hashes: { cheap: 100, real: 4 },
    storm: { inFlight: 32, calmMs: 500, stormMs: 1_500 },
  },
  full: {
    minForks: 3,
    maxForks: 10,
    canBeShort: true,
    warmUpShare: 0.4,
    warmUpRounds: 40,
    blocks: 16,
    blockMs: 600,
    hashes: { cheap: 200, real: 6 },
    storm: { inFlight: 32, calmMs: 1_000, stormMs: 3_000 },
  },
};

/** Batches of one turn. */
export const BATCHES = 5;
const USERS = 40;
export const OPERATIONS: readonly ClientOperation[] = ['login', 'refresh', 'logout'];

/** No login of the load fails, but counting failed ones must not distort the measurement. */
const NO_LOGIN_LIMIT = { failedLoginsPerUser: 1_000_000, failedLoginsPerAddress: 1_000_000 };

/** One replica of each arm, with users that have a cheap password hash. */
export function lifecycleSpecs(arms: readonly ArmInfo[]): FleetSpec[] {
  const shared = { replicas: 1, users: 0 };
  return arms.map((arm) => ({
    ...shared,
    key: arm.name,
    arm,
    settings: NO_LOGIN_LIMIT,
    // Cheap, whatever the run's users have, so that the password check does not dominate a login.
    ownUsers: { count: USERS, argon2: ARGON2_CHEAP },
  }));
}
