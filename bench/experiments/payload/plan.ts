/**
 * The plan of `payload` in each profile: numbers of roles, the users who have them, and how often each sends a
 * request.
 */
import { STANDARD_IN_FLIGHT } from '../../../core/results/standard-load.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { Fleet, FleetSpec } from '../../fleet/fleet.ts';
import type { Profile } from '../../measuring/experiment.ts';
import type { ForkSchedule } from '../../measuring/run-forks.ts';
import { ROLE_LEVELS, rolesByLevel, rolesUpTo } from './roles.ts';

export interface PayloadPlan extends ForkSchedule {
  /** Numbers of roles. */
  readonly levels: readonly number[];
  /** The part of a fork's time after which its servers have started and warmed up. */
  readonly warmUpShare: number;
  /** Blocks in total; each block covers one level. */
  readonly blocks: number;
  readonly blockMs: number;
}

export const PAYLOAD_PLANS: Readonly<Record<Profile, PayloadPlan>> = {
  // Two levels: the baseline needs a process for each, which must start and warm up.
  quick: {
    levels: [0, 200],
    minForks: 2,
    maxForks: 4,
    canBeShort: true,
    warmUpShare: 0.55,
    blocks: 30,
    blockMs: 300,
  },
  full: {
    levels: ROLE_LEVELS,
    minForks: 3,
    maxForks: 12,
    canBeShort: true,
    warmUpShare: 0.55,
    blocks: 60,
    blockMs: 300,
  },
};

const keyOf = (arm: string, roles: number) => `${arm} with ${roles} roles`;

export function payloadSpecs(arms: readonly ArmInfo[], levels: readonly number[]): FleetSpec[] {
  const shared = { replicas: 1 };
  return arms.flatMap((arm): FleetSpec[] =>
    arm.baseline
      ? // It answers everybody as one user, so it needs a process for each number of roles.
        levels.map((roles) => ({
          ...shared,
          key: keyOf(arm.name, roles),
          arm,
          users: STANDARD_IN_FLIGHT,
          rolesOf: () => rolesUpTo(roles),
        }))
      : [
          {
            ...shared,
            key: arm.name,
            arm,
            users: STANDARD_IN_FLIGHT * levels.length,
            rolesOf: rolesByLevel(levels, STANDARD_IN_FLIGHT),
          },
        ],
  );
}

/** A fleet's requests by users with one number of roles, and the key of their target. */
export interface RoleLoad {
  readonly fleet: Fleet;
  readonly roles: number;
  readonly key: string;
}

export function loadsOf(fleets: readonly Fleet[], levels: readonly number[]): RoleLoad[] {
  return fleets.flatMap((fleet): RoleLoad[] => {
    const { arm, key } = fleet.spec;
    if (!arm.baseline) return levels.map((roles) => ({ fleet, roles, key: keyOf(arm.name, roles) }));
    const roles = levels.find((level) => key === keyOf(arm.name, level)) ?? 0;
    return [{ fleet, roles, key }];
  });
}
