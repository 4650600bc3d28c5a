/** The plan of `toll` in each profile. */
import { controlNameOf } from '../../../core/results/arms.ts';
import { STANDARD_IN_FLIGHT } from '../../../core/results/standard-load.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { FleetSpec } from '../../fleet/fleet.ts';
import type { ExperimentContext, Profile } from '../../measuring/experiment.ts';
import type { ForkSchedule } from '../../measuring/run-forks.ts';

export const TOLL = 'toll';

export interface TollPlan extends ForkSchedule {
  readonly inFlight: readonly number[];
  /** Blocks of each load, if there is enough time; block 0 warms up and counts in no figure. */
  readonly leastBlocks: number;
  readonly blockMs: number;
  /** The longest warm-up of all arms together. */
  readonly warmUpMs: number;
  /** Every ratio contains the baseline, so it has several processes, each with its own turns in every round. */
  readonly baselineProcesses: number;
  /** Null leaves saturated throughput to other experiments. */
  readonly closed: { readonly rampMs: number; readonly windowMs: number; readonly connections: number } | null;
}

/**
 * Another fresh start averages out that a JIT settles differently each time, a longer one does not; but each has to start
 * and warm up its servers. Half the time for load is near the best for what forks and blocks vary by.
 */
const ALLOTMENT = { forks: 5, loadPart: 0.5, loadSeconds: 3.5, leastLoadSeconds: 1.5 } as const;

export const TOLL_PLANS: Readonly<Record<Profile, TollPlan>> = {
  quick: {
    inFlight: [STANDARD_IN_FLIGHT],
    minForks: 3,
    maxForks: 60,
    allotment: ALLOTMENT,
    leastBlocks: 2,
    blockMs: 600,
    warmUpMs: 20_000,
    baselineProcesses: 3,
    closed: null,
  },
  full: {
    inFlight: [1, STANDARD_IN_FLIGHT, 50],
    minForks: 4,
    maxForks: 60,
    allotment: { ...ALLOTMENT, forks: 6, leastLoadSeconds: 8 },
    leastBlocks: 2,
    blockMs: 600,
    warmUpMs: 60_000,
    baselineProcesses: 3,
    closed: { rampMs: 150, windowMs: 400, connections: 50 },
  },
};

/** Measuring ends when the ratio of every arm is known to this relative half-width. */
export const TARGET_HALF_WIDTH = 0.01;

/** The arm of a fleet, and the number of its process. */
export interface TollFleet {
  readonly spec: FleetSpec;
  readonly arm: string;
  readonly process: number;
}

/** One replica of every arm, several of the baseline, and one more of it with `--aa`. */
export function tollFleets({ arms, config }: Pick<ExperimentContext, 'arms' | 'config'>, plan: TollPlan): TollFleet[] {
  const users = Math.max(...plan.inFlight, plan.closed?.connections ?? 1);
  const shared = { replicas: 1, users };
  const fleet = (info: ArmInfo, arm: string, process: number): TollFleet => {
    const key = process === 0 ? arm : `${arm} ${process + 1}`;
    return { spec: { ...shared, key, arm: info }, arm, process };
  };
  const processesOf = (info: ArmInfo) => (info.baseline ? plan.baselineProcesses : 1);
  const all = arms.flatMap((info) =>
    Array.from({ length: processesOf(info) }, (_, process) => fleet(info, info.name, process)),
  );
  const baseline = arms.find((info) => info.baseline);
  if (!config.aa || baseline === undefined) return all;
  const control = fleet(baseline, controlNameOf(baseline.name), 0);
  const { plantedIterations: burnIterations } = config;
  return [...all, burnIterations === undefined ? control : { ...control, spec: { ...control.spec, burnIterations } }];
}
