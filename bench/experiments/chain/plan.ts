/** The plan of `chain` in each profile: which arms are checked where, over how many hops, and how often. */
import { STANDARD_IN_FLIGHT } from '../../../core/results/standard-load.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import { type ChainChecks, processesIn } from '../../fleet/chain.ts';
import type { FleetSpec } from '../../fleet/fleet.ts';
import type { Cell } from '../../measuring/cells.ts';
import type { Profile } from '../../measuring/experiment.ts';
import type { ForkSchedule } from '../../measuring/run-forks.ts';

export const CHAIN = 'chain';
/** Each service checks the credential of the user itself. */
export const EVERY_HOP = 'every-hop' satisfies ChainChecks;

/** Services that a request passes: the edge alone, or with one or two inner services behind it. */
export const HOPS = [1, 2, 3] as const;
const SERVICES = Math.max(...HOPS);
/** Many requests in flight measure CPU time as in every toll; one at a time measures the latency of an idle chain. */
export const ALONE = 1;
export const LOADS = [STANDARD_IN_FLIGHT, ALONE] as const;

export interface ChainPlan extends ForkSchedule {
  /** The part of a fork's time after which its services have started and warmed up. */
  readonly warmUpShare: number;
  /** Length of a block of one number of hops at one load. */
  readonly blockMs: number;
  readonly mostRounds: number;
}

export const CHAIN_PLANS: Readonly<Record<Profile, ChainPlan>> = {
  quick: { minForks: 2, maxForks: 4, canBeShort: true, warmUpShare: 0.6, blockMs: 600, mostRounds: 12 },
  full: { minForks: 4, maxForks: 10, canBeShort: true, warmUpShare: 0.6, blockMs: 700, mostRounds: 20 },
};

/** @returns the reason why an arm has no chain; null if it can have one */
export function whyNoChain({ needsStickyRouting }: Pick<ArmInfo, 'needsStickyRouting'>) {
  return needsStickyRouting ? 'its credential is only valid at the replica that issued it' : null;
}

export const fitsChain = (arm: Pick<ArmInfo, 'needsStickyRouting'>) => whyNoChain(arm) === null;

/**
 * The places at which an arm's checks can be made. A credential that a replica can verify itself needs no auth
 * service, and an authorization server already is one. A proof is for one request to one server, so only the edge can
 * check it. If an arm's own edge exchanges the credential, the new one is verified at every hop, as intended. The
 * baseline checks nothing.
 */
export function placesOf({
  baseline,
  serverState,
  senderConstrained,
  hasEdge,
}: Pick<ArmInfo, 'baseline' | 'serverState' | 'senderConstrained' | 'hasEdge'>): readonly ChainChecks[] {
  if (baseline || hasEdge === true) return ['every-hop'];
  if (senderConstrained === true) return ['edge'];
  return serverState === 'none' || serverState === 'issuer'
    ? ['edge', 'every-hop']
    : ['edge', 'every-hop', 'auth-service'];
}

/** The number of checks for a request that passes this number of hops. */
export const checksOf = (checks: ChainChecks, hops: number) => (checks === 'edge' ? 1 : hops);

/** A chain that is measured. */
export interface MeasuredChain {
  readonly spec: FleetSpec;
  readonly checks: ChainChecks;
  /** Factors of its cells; none for the baseline. */
  readonly factors: Cell['factors'];
}

/** One chain of every arm with its checks in each place. */
export function chainsOf(arms: readonly ArmInfo[]): readonly MeasuredChain[] {
  return arms.filter(fitsChain).flatMap((arm) =>
    placesOf(arm).map((checks): MeasuredChain => {
      const chain = { checks, services: SERVICES };
      const spec: FleetSpec = {
        key: arm.baseline ? arm.name : `${arm.name} ${checks}`,
        arm,
        replicas: processesIn(chain),
        users: STANDARD_IN_FLIGHT,
        chain,
      };
      return { spec, checks, factors: arm.baseline ? {} : { checks } };
    }),
  );
}
