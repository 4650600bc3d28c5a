/** The flag that puts servers and generators on other hosts. */
import { EXPERIMENTS } from '../../bench/experiments/registry.ts';
import { type HostsPlan, readHosts } from '../../bench/hosts/config/read.ts';
import { UsageError } from '../../core/errors.ts';
import type { RunConfig } from '../../core/results/schema.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { Faults } from '../command.ts';

const ON_HOSTS = EXPERIMENTS.filter(({ onHosts }) => onHosts === true).map(({ name }) => name);

export const HOSTS = {
  value: 'FILE',
  help: `Put replicas, Redis and load generators on the hosts of this file, over ssh, in ${ON_HOSTS.join(' and ')} (default: all on this machine).`,
} as const;

export function hostsNotes(): string[] {
  return [
    'Hosts:',
    `  --hosts FILE takes the experiments ${ON_HOSTS.join(' and ')}; the others need all processes on one machine.`,
    '  docs/hosts.md shows a hosts.json. Nothing but Node.js has to be on a host, and Redis where it has the role stores.',
  ];
}

/** Whether the processes of an arm can be on other hosts: its companions cannot. */
export function canBeOnHosts({ companions = [] }: ArmInfo): boolean {
  return companions.length === 0;
}

/** @returns null where the flag is not there, or the file has faults, which are added */
export function readHostsFlag(
  values: Readonly<Record<string, string>>,
  arms: readonly ArmInfo[],
  faults: Faults,
): HostsPlan | null {
  if (values.hosts === undefined) return null;
  if (process.env.REDIS_URL) faults.push('--hosts starts Redis on its hosts, but REDIS_URL is set: unset REDIS_URL');
  if (values.fleet !== undefined) faults.push('--fleet and --hosts cannot be combined: leave one of them out');
  if (values.redis === 'cluster') faults.push('--redis cluster cannot be on other hosts: leave it out');
  if (values.shard !== undefined) faults.push('--shard measures on one machine: leave it out, or leave out --hosts');
  let plan: HostsPlan;
  try {
    plan = readHosts(values.hosts);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    faults.push(...error.faults);
    return null;
  }
  const hasStore = plan.hosts.some(({ roles }) => roles.includes('stores'));
  const named = values.arms === undefined ? [] : values.arms.split(',').map((name) => name.trim());
  for (const arm of arms.filter(({ name }) => named.includes(name))) {
    if (!canBeOnHosts(arm))
      faults.push(`--arms: ${arm.name} needs a companion, which cannot be on another host: leave it out`);
    else if (arm.usesRedis && !hasStore)
      faults.push(`--arms: ${arm.name} needs Redis: give a host in ${values.hosts} the role stores`);
  }
  if (named.length === 0 && !hasStore)
    faults.push(`--hosts: the usual arms need Redis: give a host in ${values.hosts} the role stores, or name --arms`);
  return plan;
}

/** Powers of two up to the number of hosts, and that number. */
function countsUpTo(most: number): number[] {
  const powers = Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, i) => 2 ** i);
  return [...new Set([...powers, most])];
}

/** What a run on hosts measures where nothing else is asked for. Experiments that cannot be there are refused by name. */
export function hostsConfig(config: RunConfig, { hosts }: HostsPlan, faults: Faults): RunConfig {
  const experiments = config.byDefault ? ON_HOSTS : config.experiments;
  for (const name of experiments) {
    if (!ON_HOSTS.includes(name) && EXPERIMENTS.some((known) => known.name === name))
      faults.push(
        `--hosts: ${name} needs all processes on one machine: name ${ON_HOSTS.join(' or ')} in --experiments`,
      );
  }
  const replicaHosts = hosts.filter(({ roles }) => roles.includes('replicas')).length;
  return {
    ...config,
    experiments,
    replicas: config.replicas ?? countsUpTo(replicaHosts),
    hosts: hosts.map(({ name, roles }) => ({ name, roles: [...roles] })),
  };
}

/** @throws UsageError where a run is continued elsewhere than it began */
export function refuseOtherHosts({ hosts: began }: RunConfig, plan: HostsPlan | null): void {
  const listed = (hosts: NonNullable<RunConfig['hosts']>) =>
    hosts.map(({ name, roles }) => `${name} (${roles.join(', ')})`).join(', ');
  const now = plan === null ? null : listed(plan.hosts.map(({ name, roles }) => ({ name, roles: [...roles] })));
  const then = began === undefined ? null : listed(began);
  if (now === then) return;
  if (then === null) throw new UsageError(['--resume: the run was on one machine'], 'leave out --hosts');
  throw new UsageError(
    [`--resume: the run was on the hosts ${then}${now === null ? '' : `, and not on ${now}`}`],
    'name the file of these hosts with --hosts',
  );
}
