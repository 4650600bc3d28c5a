/** What `toll` measures in each profile, and how often. */
import { controlNameOf } from '../../../core/results/arms.ts';
import { STANDARD_IN_FLIGHT } from '../../../core/results/standard-load.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { FleetSpec } from '../../fleet/fleet.ts';
import type { ExperimentContext, Profile } from '../../measuring/experiment.ts';
import type { ForkSchedule } from '../../measuring/run-forks.ts';

export const TOLL = 'toll';

export interface TollPlan extends ForkSchedule {
  readonly inFlight: readonly number[];
  readonly blocksPerFork: number;
  readonly blockMs: number;
  /** The longest that warming up all arms may take. */
  readonly warmUpMs: number;
  /** Null leaves the saturated throughput to other experiments. */
  readonly closed: { readonly rampMs: number; readonly windowMs: number; readonly connections: number } | null;
}

/** A fork is never cut short, and one more narrows the headline's intervals most: it may run over the budget a little. */
const MAY_EXCEED = 0.3;

export const TOLL_PLANS: Readonly<Record<Profile, TollPlan>> = {
  quick: {
    inFlight: [STANDARD_IN_FLIGHT],
    minForks: 3,
    maxForks: 16,
    mayExceed: MAY_EXCEED,
    blocksPerFork: 10,
    blockMs: 400,
    warmUpMs: 20_000,
    closed: null,
  },
  full: {
    inFlight: [1, STANDARD_IN_FLIGHT, 50],
    minForks: 6,
    maxForks: 40,
    mayExceed: MAY_EXCEED,
    blocksPerFork: 8,
    blockMs: 500,
    warmUpMs: 60_000,
    closed: { rampMs: 150, windowMs: 1_000, connections: 50 },
  },
};

/** Measuring ends when the ratio of every arm is known to this half-width, relative. */
export const TARGET_HALF_WIDTH = 0.025;

/** One replica of every arm, and a second baseline where the run checks itself by A/A. */
export function tollSpecs({ arms, config }: ExperimentContext, plan: TollPlan): FleetSpec[] {
  const users = Math.max(...plan.inFlight, plan.closed?.connections ?? 1);
  const shared = { replicas: 1, replicaShare: null, redisShare: null, users };
  const spec = (key: string, arm: ArmInfo): FleetSpec => ({ ...shared, key, arm });
  const all = arms.map((arm) => spec(arm.name, arm));
  const baseline = arms.find((arm) => arm.baseline);
  return config.aa && baseline ? [...all, spec(controlNameOf(baseline.name), baseline)] : all;
}
