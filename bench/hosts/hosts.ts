/** The hosts of a run: opened together, checked before any load, and ended together. */
import { afterEnding, environmentError, messageOf, TollgateError, thenEnding } from '../../core/errors.ts';
import { isAddressInUse, portInUseError } from '../fleet/balancer/client.ts';
import type { Janitor } from '../processes/janitor.ts';
import type { BalancerPlan, HostsPlan } from './config/read.ts';
import type { Role } from './config/schema.ts';
import { makeBundle } from './copy/bundle.ts';
import { REACH_MS } from './deadlines.ts';
import { Host } from './host.ts';
import { connectHost } from './link/connect.ts';
import { clockFault, factsFault } from './link/refusals.ts';

/** Reports every fault: all but the last as notes. @throws the last one, if any */
function refuse(faults: readonly unknown[], onNote: (text: string) => void): void {
  for (const fault of faults.slice(0, -1))
    onNote(fault instanceof TollgateError ? `${fault.message}: ${fault.hint}` : messageOf(fault));
  if (faults.length > 0) throw faults.at(-1);
}

/** The roles of the clients of a host with these roles. With a balancer, generators connect to nothing else. */
export function clientRoles(roles: readonly Role[], isBalanced: boolean): readonly Role[] {
  const clients: Readonly<Record<Role, readonly Role[]>> = {
    balancer: ['generators'],
    replicas: [isBalanced ? 'balancer' : 'generators'],
    stores: ['replicas'],
    generators: [],
  };
  return roles.flatMap((role) => clients[role]);
}

export interface OpenHostsOptions {
  readonly plan: HostsPlan;
  readonly janitor: Pick<Janitor, 'watch'>;
  readonly signal: AbortSignal;
  readonly onNote: (text: string) => void;
}

export class Hosts {
  readonly all: readonly Host[];
  /** Null if the generators choose the replica. */
  readonly balancer: BalancerPlan | null;
  readonly #losses: ((error: TollgateError) => void)[] = [];
  #lost: TollgateError | null = null;

  private constructor(balancer: BalancerPlan | null, all: (onLoss: (error: TollgateError) => void) => readonly Host[]) {
    this.balancer = balancer;
    this.all = all((error) => {
      this.#lost ??= error;
      for (const tell of this.#losses) tell(error);
    });
  }

  /** @throws TollgateError naming the first unusable host, with a hint; all others are ended */
  static async open({ plan, janitor, signal, onNote }: OpenHostsOptions): Promise<Hosts> {
    const bundle = makeBundle();
    const { sshConfig } = plan;
    const connecting = plan.hosts.map((entry) =>
      connectHost(entry, {
        sshConfig,
        bundle,
        janitor,
        signal,
        onCopy: () => onNote(`copying the package to ${entry.name}`),
      }),
    );
    const links = await Promise.allSettled(connecting);
    const hosts = new Hosts(plan.balancer, (onLoss) =>
      links.flatMap((link, i) => {
        const entry = plan.hosts[i];
        return link.status === 'fulfilled' && entry !== undefined
          ? [new Host({ entry, link: link.value, onLoss })]
          : [];
      }),
    );
    try {
      signal.throwIfAborted();
      refuse(
        links.flatMap((link) => (link.status === 'rejected' ? [link.reason] : [])),
        onNote,
      );
      await hosts.#check(onNote);
    } catch (error) {
      throw await afterEnding(error, () => hosts.end());
    }
    return hosts;
  }

  /** Why there is no going on; null while all are there. */
  get lost(): TollgateError | null {
    return this.#lost;
  }

  /** @param tell is called with each later loss */
  onLoss(tell: (error: TollgateError) => void): () => void {
    this.#losses.push(tell);
    return () => void this.#losses.splice(this.#losses.indexOf(tell), 1);
  }

  with(role: Role): readonly Host[] {
    return this.all.filter(({ entry }) => entry.roles.includes(role));
  }

  async compareClocks(): Promise<void> {
    await Promise.all(this.all.map((host) => host.compareClocks()));
  }

  async end(): Promise<void> {
    await Promise.all(this.all.map((host) => host.end()));
  }

  async #check(onNote: (text: string) => void): Promise<void> {
    await Promise.all(this.all.map((host) => host.readFacts()));
    await this.compareClocks();
    const faults = this.all.map(
      (host) => factsFault(host.entry, host.facts) ?? clockFault(host.entry, host.clock) ?? [],
    );
    refuse(faults.flat(), onNote);
    const servers = this.all.filter(({ entry }) => entry.roles.some((role) => role !== 'generators'));
    const reached = await Promise.allSettled(servers.map((host) => this.#checkReach(host)));
    refuse(
      reached.flatMap((each) => (each.status === 'rejected' ? [each.reason] : [])),
      onNote,
    );
  }

  /** From each host that will connect to it, at the port of the balancer if one is named. */
  async #checkReach(host: Host): Promise<void> {
    const { address, roles } = host.entry;
    const wanted = clientRoles(roles, this.balancer !== null);
    const clients = this.all.filter(
      (other) => other !== host && other.entry.roles.some((role) => wanted.includes(role)),
    );
    const named = (roles.includes('balancer') && this.balancer?.port) || null;
    const at = named === null ? { host: address } : { host: address, port: named };
    const port = await host.agent.ask('listen', at).catch((error: unknown) => {
      if (named !== null && isAddressInUse(error)) throw portInUseError(`host ${host.name}`, address, named);
      throw environmentError(
        `host ${host.name} cannot listen at ${address}: ${messageOf(error)}`,
        'set "address" in hosts.json to one of its own addresses',
      );
    });
    return thenEnding(
      async () => {
        const faults = await Promise.all(
          clients.map(async (client) => ({
            client,
            fault: await client.agent.ask('reach', { host: address, port, withinMs: REACH_MS }),
          })),
        );
        const first = faults.find(({ fault }) => fault !== null);
        if (first === undefined) return;
        throw environmentError(
          `host ${first.client.name} cannot reach host ${host.name} at ${address}: ${first.fault}`,
          'allow TCP between their addresses in the firewall, on the ephemeral ports of Linux (32768 to 60999)',
        );
      },
      () => host.agent.ask('unlisten', null),
    );
  }
}
