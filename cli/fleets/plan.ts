/** What a run in containers can measure, and the arguments of its generators. Pure. */
import type { RunConfig } from '../../core/results/recorded/config.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { FleetOptions } from '../options/fleet.ts';

/** The experiments that need neither the CPU time of servers nor fresh starts within a run; the first by default. */
export const MEASURABLE = ['latency', 'capacity'] as const;

/** The number of arms other than the baseline for which docker-compose.yml has a service. */
const COMPOSE_ARMS = 2;

type Wanted = Pick<RunConfig, 'experiments' | 'replicas'>;

/** The number of replicas of each arm in a shard. */
export const replicasOf = ({ replicas }: Pick<RunConfig, 'replicas'>): number => Math.max(1, ...(replicas ?? []));

export function fleetFaults({ platform }: FleetOptions, config: Wanted, arms: readonly ArmInfo[]): string[] {
  const known: readonly string[] = MEASURABLE;
  const faults = config.experiments
    .filter((name) => !known.includes(name))
    .map(
      (name) =>
        `--experiments: ${name} needs the CPU time of servers, or starts of its own: with --fleet name ${MEASURABLE.join(' or ')}`,
    );
  for (const { name, companions = [] } of arms) {
    if (companions.length > 0)
      faults.push(`--arms: ${name} needs ${companions.join(' and ')}, which --fleet does not start`);
  }
  if (platform === 'compose' && config.replicas !== null) {
    faults.push(
      '--replicas: the balancer of docker-compose.yml hides how many there are: leave it out with --fleet compose',
    );
  }
  const guarded = arms.filter(({ baseline }) => !baseline);
  if (platform === 'compose' && guarded.length > COMPOSE_ARMS) {
    faults.push(
      `--arms: docker-compose.yml has services for the baseline and two arms, not for ${guarded.map(({ name }) => name).join(', ')}`,
    );
  }
  const sticky = replicasOf(config) > 1 || platform === 'compose' ? arms.filter((arm) => arm.needsStickyRouting) : [];
  for (const { name } of sticky) {
    faults.push(`--arms: ${name} keeps sessions in one replica, and the load is spread over all: leave it out`);
  }
  return faults;
}

/** Flags of `bench` for a generator, with all choices made here, so that every shard has the same. */
export function benchArguments(
  config: RunConfig,
  arms: readonly ArmInfo[],
  { unsafe }: { readonly unsafe: boolean },
): string[] {
  const { experiments, profile, seed, replicas, budgetSeconds, slo } = config;
  const words = {
    experiments: experiments.join(','),
    arms: arms.map(({ name }) => name).join(','),
    profile,
    seed: String(seed),
    replicas: replicas?.join(','),
    budget: budgetSeconds === null ? undefined : `${budgetSeconds}s`,
    slo,
  };
  const flags = Object.entries(words).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}`, value]));
  return unsafe ? [...flags, '--unsafe'] : flags;
}
