/** The flag that puts servers and generators on other hosts. */
import { EXPERIMENTS } from '../../bench/experiments/registry.ts';
import { type HostsPlan, readHosts } from '../../bench/hosts/config/read.ts';
import { UsageError } from '../../core/errors.ts';
import type { RunConfig } from '../../core/results/recorded/config.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { Faults } from '../command.ts';
import { isAll } from '../parse/values.ts';

const ON_HOSTS = EXPERIMENTS.filter(({ onHosts }) => onHosts === true).map(({ name }) => name);

export const HOSTS = {
  value: 'FILE',
  help: `Put replicas, Redis, load generators and a balancer on the hosts of this file, over ssh, in ${ON_HOSTS.join(' and ')} (default: all on this machine).`,
} as const;

export function hostsNotes(): string[] {
  return [
    'Hosts:',
    `  --hosts FILE supports the experiments ${ON_HOSTS.join(' and ')}; the others need all processes on one machine.`,
    '  If a host has the role balancer, generators send everything through it, and its CPU time is reported separately.',
    '  docs/hosts.md shows a hosts.json. A host needs only Node.js, and Redis if it has the role stores.',
  ];
}

/** Why an arm cannot be measured on these hosts, with a hint; null if it can. */
function refusalOf({ companions = [], needsStickyRouting }: ArmInfo, { balancer }: HostsPlan): string | null {
  if (companions.length > 0) return 'needs a companion, which cannot be on another host: leave it out';
  if (!needsStickyRouting || balancer === null) return null;
  return 'needs sticky routing, which the balancer does not support: omit it, or the role balancer';
}

/** Whether an arm can be measured on these hosts. */
export function canBeOnHosts(arm: ArmInfo, plan: HostsPlan): boolean {
  return refusalOf(arm, plan) === null;
}

/** @returns null if the flag is absent, or the file has faults, which are added */
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
  const { arms: text = 'all' } = values;
  const named = isAll(text) ? [] : text.split(',').map((name) => name.trim());
  for (const arm of arms.filter(({ name }) => named.includes(name))) {
    const refusal = refusalOf(arm, plan);
    if (refusal !== null) faults.push(`--arms: ${arm.name} ${refusal}`);
    else if (arm.usesRedis && !hasStore)
      faults.push(`--arms: ${arm.name} needs Redis: give a host in ${values.hosts} the role stores`);
  }
  if (named.length === 0 && !hasStore)
    faults.push(`--hosts: most arms need Redis: give a host in ${values.hosts} the role stores, or name --arms`);
  return plan;
}

/** Powers of two up to the number of hosts, and that number. */
function countsUpTo(most: number): number[] {
  const powers = Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, i) => 2 ** i);
  return [...new Set([...powers, most])];
}

/** The default experiments of a run on hosts. Unsupported ones are refused if they are named. */
export function hostsConfig(config: RunConfig, plan: HostsPlan, faults: Faults): RunConfig {
  const experiments = config.byDefault ? ON_HOSTS : config.experiments;
  for (const name of experiments) {
    if (!ON_HOSTS.includes(name) && EXPERIMENTS.some((known) => known.name === name))
      faults.push(
        `--hosts: ${name} needs all processes on one machine: name ${ON_HOSTS.join(' or ')} in --experiments`,
      );
  }
  const layout = layoutOf(plan);
  const replicaHosts = layout.hosts.filter(({ roles }) => roles.includes('replicas')).length;
  return {
    ...config,
    experiments,
    replicas: config.replicas ?? countsUpTo(replicaHosts),
    ...layout,
  };
}

type Layout = Pick<RunConfig, 'balancer'> & { readonly hosts: NonNullable<RunConfig['hosts']> };

function layoutOf({ hosts, balancer }: HostsPlan): Layout {
  return {
    hosts: hosts.map(({ name, roles }) => ({ name, roles: [...roles] })),
    ...(balancer === null ? {} : { balancer: { choice: balancer.choice, processes: balancer.processes } }),
  };
}

function shownLayout({ hosts, balancer }: Layout): string {
  const listed = hosts.map(({ name, roles }) => `${name} (${roles.join(', ')})`).join(', ');
  if (balancer === undefined) return listed;
  const { choice, processes } = balancer;
  return `${listed}, with the balancer ${choice}${processes === null ? '' : ` of ${processes} processes`}`;
}

/** @throws UsageError if a run is resumed on other hosts */
export function refuseOtherHosts({ hosts, balancer }: RunConfig, plan: HostsPlan | null): void {
  const now = plan === null ? null : shownLayout(layoutOf(plan));
  const then = hosts === undefined ? null : shownLayout({ hosts, ...(balancer === undefined ? {} : { balancer }) });
  if (now === then) return;
  if (then === null) throw new UsageError(['--resume: the run was on one machine'], 'leave out --hosts');
  throw new UsageError(
    [`--resume: the run was on the hosts ${then}${now === null ? '' : `, and not on ${now}`}`],
    'name the file of these hosts with --hosts',
  );
}
