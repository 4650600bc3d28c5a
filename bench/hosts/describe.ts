/** The record of a run's hosts. */
import type { Environment, RunHost } from '../../core/results/recorded/environment.ts';
import { stealPercent } from '../hiccup/steal.ts';
import type { BalancerPlan } from './config/read.ts';
import type { Hosts } from './hosts.ts';

/** The number of cores of all hosts together. */
export function coresOf(hosts: Hosts): number {
  return hosts.all.reduce((sum, { facts }) => sum + facts.cores, 0);
}

function hostsOf(hosts: Hosts): RunHost[] {
  return hosts.all.map(({ entry: { name, roles }, facts, clock: { offsetMs, uncertaintyMs } }) => ({
    name,
    roles: [...roles],
    ...facts,
    clock: { offsetMs, uncertaintyMs },
  }));
}

/** The most processes of a balancer by default. */
const MOST_PROCESSES = 4;

/** @param cores of its host */
export function balancerProcesses({ processes }: Pick<BalancerPlan, 'processes'>, cores: number): number {
  return processes ?? Math.min(MOST_PROCESSES, cores);
}

/** How requests are spread; null if the generators choose the replica. */
export function balancerOf(hosts: Hosts): NonNullable<Environment['balancer']> | null {
  const [host] = hosts.with('balancer');
  const { balancer } = hosts;
  if (host === undefined || balancer === null) return null;
  return { choice: balancer.choice, processes: balancerProcesses(balancer, host.facts.cores) };
}

/** The environment of a run in addition to that of this machine. */
export function layoutOf(hosts: Hosts): Pick<Environment, 'hosts' | 'balancer'> {
  const balancer = balancerOf(hosts);
  return { hosts: hostsOf(hosts), ...(balancer === null ? {} : { balancer }) };
}

const GIB = 2 ** 30;

/** One sentence for each host. */
export function hostNotes(hosts: Hosts): string[] {
  return hostsOf(hosts).map(({ name, roles, cpuModel, cores, memoryBytes, node, redis, clock }) => {
    const { offsetMs, uncertaintyMs } = clock;
    const ahead = `${offsetMs < 0 ? '−' : '+'}${Math.abs(offsetMs).toFixed(1)} ms (± ${uncertaintyMs.toFixed(1)} ms)`;
    const store = roles.includes('stores') && redis !== null ? `, ${redis}` : '';
    const machine = `${cores} cores, ${cpuModel}, ${(memoryBytes / GIB).toFixed(1)} GiB, Node ${node}${store}`;
    return `Host ${name} (${roles.join(', ')}): ${machine}; its clock was ${ahead} from the one here.`;
  });
}

/** The share of the hosts' CPU time stolen by hypervisors, since the hosts were opened. */
export async function stealNote(hosts: Hosts): Promise<string> {
  const each = await Promise.all(
    hosts.all.map(async ({ agent, name, ticks }) => {
      const now = await agent.ask('ticks', null);
      return { name, percent: ticks === null || now === null ? null : stealPercent(ticks, now) };
    }),
  );
  const shown = each.map(({ name, percent }) => `${name} ${percent === null ? 'unknown' : `${percent.toFixed(1)} %`}`);
  return `CPU time that hypervisors gave to others: ${shown.join(', ')}.`;
}
