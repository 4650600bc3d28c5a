/** The parts of a run on other hosts: servers, logins, load, and CPU accounts. */
import { startBalancer } from '../../fleet/balancer/client.ts';
import type { Places } from '../../fleet/places.ts';
import { OPEN_LOOP_FLAGS, OpenGenerator } from '../../load/open/client.ts';
import type { RunningFork } from '../../measuring/experiment.ts';
import { balancerProcesses } from '../describe.ts';
import type { Host } from '../host.ts';
import type { Hosts } from '../hosts.ts';
import { HostGenerators } from './generators.ts';
import { startHostMeter } from './meter.ts';
import { watchServers } from './server-cpu.ts';

/** The parts of a fork that an experiment uses, except for its fleets and generators. */
type Used = Pick<RunningFork, 'meter' | 'open' | 'setApart' | 'setServersApart' | 'watchCpu'>;

export class HostBench implements Used {
  readonly hosts: Hosts;
  readonly places: Places;
  #meter: ReturnType<typeof startHostMeter> | null = null;
  #open: Promise<OpenGenerator> | null = null;

  constructor(hosts: Hosts) {
    this.hosts = hosts;
    this.places = placesOn(hosts);
  }

  startGenerator(): Promise<HostGenerators> {
    return HostGenerators.start(this.hosts);
  }

  readonly meter = () => {
    this.#meter ??= startHostMeter(this.hosts);
    return this.#meter;
  };

  readonly open = () => {
    this.#open ??= startOpen(this.hosts.with('generators'));
    return this.#open;
  };

  readonly watchCpu: NonNullable<RunningFork['watchCpu']> = (processes, fromMs, toMs) =>
    watchServers(this.hosts.all, processes, fromMs, toMs);

  /** Generators have their own hosts. */
  readonly setApart = () => true;

  /** So has Redis, but the threads of a replica are spread over its host. */
  readonly setServersApart = () => false;

  /** Ends the processes kept between forks; the hosts stay open. */
  async end(): Promise<void> {
    const [meter, open] = [this.#meter, this.#open];
    this.#meter = null;
    this.#open = null;
    await meter?.then((started) => started.stop()).catch(() => {});
    await open?.then((started) => started.stop()).catch(() => {});
  }
}

async function startOpen(hosts: readonly Host[]): Promise<OpenGenerator> {
  return new OpenGenerator(
    await Promise.all(
      hosts.map(async (host) => ({
        name: `the open-loop load generator on ${host.name}`,
        process: await host.launch('open', OPEN_LOOP_FLAGS),
        toItsClock: (ms: number) => host.toItsClock(ms),
      })),
    ),
  );
}

/** One balancer per fleet, all on one host. */
function balancingOn(hosts: Hosts): NonNullable<Places['balancing']> | null {
  const [host] = hosts.with('balancer');
  const { balancer } = hosts;
  if (host === undefined || balancer === null) return null;
  const taken = new Set<number>();
  /** @returns the next unused port; 0 for any free one */
  const takePort = () => {
    if (balancer.port === null) return 0;
    let port = balancer.port;
    while (taken.has(port)) port++;
    taken.add(port);
    return port;
  };
  return {
    proxy: host.entry.address,
    start: async (key, upstreams, onDeath) => {
      const port = takePort();
      const release = () => void taken.delete(port);
      try {
        const started = await startBalancer({
          name: `the balancer of ${key} on host ${host.name}`,
          launch: (nodeFlags) => host.launch('balancer', nodeFlags),
          processes: balancerProcesses(balancer, host.facts.cores),
          choice: balancer.choice,
          host: host.entry.address,
          port,
          upstreams,
          onDeath,
        });
        return { ...started, stop: () => started.stop().finally(release) };
      } catch (error) {
        release();
        throw error;
      }
    },
  };
}

/**
 * Replica i of a fleet is on host i mod N; fleets are assigned to the hosts of stores in turn, and users to those of
 * generators.
 */
function placesOn(hosts: Hosts): Places {
  const balancing = balancingOn(hosts);
  let stores = 0;
  let logins = 0;
  const turn = (among: readonly Host[], i: number): Host => {
    const host = among[i % among.length];
    if (host === undefined) throw new Error('no host has the required role');
    return host;
  };
  return {
    ...(balancing === null ? {} : { balancing }),
    replica: (index) => {
      const host = turn(hosts.with('replicas'), index);
      return { host: host.entry.address, launch: (execArgv) => host.launch('replica', execArgv) };
    },
    redis: () => turn(hosts.with('stores'), stores++).startRedis(),
    login: (address, { username, password }, { baseline, senderConstrained = false }) =>
      turn(hosts.with('generators'), logins++).agent.ask('login', {
        address,
        username,
        password,
        baseline,
        senderConstrained,
      }),
  };
}
