/**
 * The load generators of all hosts as one. Each sends its own part of a load; all begin at the same time, on the
 * clocks of their hosts, and their counts are added up. Replicas are warmed up by a generator on their own host,
 * which can read their threads, and which sends nothing while others measure.
 */
import { TollgateError } from '../../../core/errors.ts';
import { stopInOrder } from '../../../core/stop-in-order.ts';
import type { Generator } from '../../load/generator.ts';
import { monotonicMs } from '../../load/open/alarm-clock.ts';
import { LOAD, type PoolTarget, type Target } from '../../load/protocol.ts';
import type { Tally, Warmed } from '../../load/replies.ts';
import { together } from '../../load/warm-up/warm-up.ts';
import { Child } from '../../processes/child.ts';
import type { DeepReadonly, Handlers, OperationOf, ReplyOf, RequestOf } from '../../processes/rpc.ts';
import type { Host } from '../host.ts';
import type { Hosts } from '../hosts.ts';
import type { RemoteProcess } from '../link/remote-process.ts';
import { mergeTallies } from './merge.ts';
import { readServers, spentBetween } from './server-cpu.ts';
import { partsOf, poolOfPart, targetOfPart } from './split.ts';

/** Time from the request to the beginning of a load: long enough for the message to reach every host. */
const LEAD_MS = 50;
const DEADLINE_MS = 600_000;
/** The least time for a balancer to warm up, even if its replicas took all of the time. */
const LEAST_WARM_UP_MS = 1_000;

interface Worker {
  readonly host: Host;
  readonly process: RemoteProcess;
  readonly child: Child<typeof LOAD>;
}

type Operations = Partial<Handlers<typeof LOAD>>;

export class HostGenerators implements Generator {
  readonly pid: number;
  readonly #hosts: Hosts;
  readonly #generators: readonly Worker[];
  readonly #warmers: readonly Worker[];
  #targets: readonly Target[] = [];
  #pools = new Map<string, PoolTarget>();

  private constructor(hosts: Hosts, generators: readonly Worker[], warmers: readonly Worker[]) {
    this.#hosts = hosts;
    this.#generators = generators;
    this.#warmers = warmers;
    this.pid = generators[0]?.child.pid ?? 0;
  }

  /** @throws ChildError if one cannot be started */
  static async start(hosts: Hosts): Promise<HostGenerators> {
    const start = async (host: Host, name: string): Promise<Worker> => {
      const process = await host.launch('load');
      const hint = 'check whether a replica ended or is overloaded, and run it again';
      const child = new Child(LOAD, { name: `${name} on ${host.name}`, entry: process, hint, deadlineMs: DEADLINE_MS });
      return { host, process, child };
    };
    const [generators, warmers] = await Promise.all([
      Promise.all(hosts.with('generators').map((host) => start(host, 'the load generator'))),
      Promise.all(hosts.all.filter(isWarmedUp).map((host) => start(host, 'the warm-up'))),
    ]);
    return new HostGenerators(hosts, generators, warmers);
  }

  /**
   * The operations supported here. The others need a generator that can read the servers' accounts between two
   * requests.
   */
  readonly #operations: Operations = {
    open: (targets) => {
      this.#targets = targets;
      return null;
    },
    warmUp: (options) => this.#warmUp(options),
    closed: ({ target, connections, ...window }) => {
      const parts = partsOf(connections, target.addresses.length, this.#generators.length);
      return this.#load(target, parts.length, (worker, i) => {
        const part = parts[i] ?? { first: 0, count: 0 };
        const own = { target: targetOfPart(target, part, 'connection'), connections: part.count };
        return worker.child.ask('closed', { ...own, ...window });
      });
    },
    walk: ({ target, walkers, spreading, ...window }) => {
      const parts = partsOf(walkers, target.addresses.length, this.#generators.length);
      return this.#load(target, parts.length, (worker, i) => {
        const part = parts[i] ?? { first: 0, count: 0 };
        const own = { target: targetOfPart(target, part, spreading), walkers: part.count, spreading };
        return worker.child.ask('walk', { ...own, ...window });
      });
    },
    openPools: async (pools) => {
      this.#pools = new Map(pools.map((pool) => [pool.key, pool]));
      await this.#all((worker, i) =>
        worker.child.ask(
          'openPools',
          pools.flatMap((pool) => {
            const part = this.#partsOfPool(pool)[i];
            return part === undefined ? [] : [poolOfPart(pool, part)];
          }),
        ),
      );
      return null;
    },
    keepAlive: async () => {
      await this.#all((worker) => worker.child.ask('keepAlive', null));
      return null;
    },
    runPool: ({ key, addresses, replicas: behind = addresses, perAddress, ...window }) => {
      const pool = this.#pools.get(key);
      if (pool === undefined) throw new Error(`no connection pool ${key} is open`);
      const open = this.#partsOfPool(pool).length;
      const shares = partsOf(perAddress, 1, open);
      const { replicas, ...others } = pool.target.processes;
      const processes = { ...others, replicas: behind.flatMap((index) => replicas[index] ?? []) };
      return this.#load({ ...pool.target, processes }, shares.length, (worker, i) =>
        worker.child.ask('runPool', { key, addresses, perAddress: shares[i]?.count ?? 1, ...window }),
      );
    },
  };

  async ask<K extends OperationOf<typeof LOAD>>(
    operation: K,
    request: DeepReadonly<RequestOf<typeof LOAD, K>>,
  ): Promise<ReplyOf<typeof LOAD, K>> {
    const handle = this.#operations[operation] as Handlers<typeof LOAD>[K] | undefined;
    if (handle === undefined)
      throw new TollgateError(1, `no load of the kind ${operation} can be sent from other hosts`, 'leave out --hosts');
    // A message is data, which no operation changes.
    return handle(request as RequestOf<typeof LOAD, K>, () => {});
  }

  fail(error: Error): void {
    for (const { child } of [...this.#generators, ...this.#warmers]) child.fail(error);
  }

  async stop(): Promise<void> {
    await stopInOrder([[...this.#generators, ...this.#warmers].map(({ child }) => child)]);
  }

  async #all<T>(ask: (worker: Worker, index: number) => Promise<T>): Promise<T[]> {
    return Promise.all(this.#generators.map(ask));
  }

  #partsOfPool({ connections, target }: PoolTarget) {
    return partsOf(connections, target.addresses.length, this.#generators.length);
  }

  /** @param count number of generators that take part */
  async #load(
    { processes }: Pick<Target, 'processes'>,
    count: number,
    ask: (worker: Worker, index: number) => Promise<Tally>,
  ): Promise<Tally> {
    const servers = this.#hosts.all;
    const before = await readServers(servers, processes);
    const atMs = monotonicMs() + LEAD_MS;
    const tallies = await Promise.all(
      this.#generators
        .slice(0, count)
        .map((worker, i) => worker.process.deliverAt(worker.host.toItsClock(atMs), () => ask(worker, i))),
    );
    return mergeTallies(tallies, spentBetween(processes, before, await readServers(servers, processes)));
  }

  /**
   * Each server by the generator on its host, all hosts at the same time; balancers once the replicas behind them are
   * warm.
   */
  async #warmUp({ keys, ...limits }: RequestOf<typeof LOAD, 'warmUp'>): Promise<Warmed[]> {
    const targets = this.#targets.filter(({ key }) => keys === null || keys.includes(key));
    const until = performance.now() + limits.timeoutMs;
    const warmed: Warmed[] = [];
    for (const serversOn of [replicasOn, balancersOn]) {
      const timeoutMs = Math.max(LEAST_WARM_UP_MS, until - performance.now());
      const each = this.#warmers.map(async ({ host, child }): Promise<Warmed[]> => {
        const own = targets.flatMap((target) => serversOn(host, target));
        if (own.length === 0) return [];
        await child.ask('open', own);
        const result = await child.ask('warmUp', { keys: null, ...limits, timeoutMs });
        await child.ask('open', []);
        return result;
      });
      warmed.push(...(await Promise.all(each)).flat());
    }
    const byKey = Map.groupBy(warmed, ({ key }) => key);
    return targets.map(({ key }) => ({ key, ...together(byKey.get(key) ?? []) }));
  }
}

const isWarmedUp = ({ entry: { roles } }: Host) => roles.includes('replicas') || roles.includes('balancer');

/** The given processes on a host, each as a separate target, with its share of the requests. */
function serversAt(
  host: Host,
  { key, requests }: Target,
  addresses: Target['addresses'],
  pids: readonly number[],
): Target[] {
  return addresses.flatMap((address, i) => {
    const [found] = host.own(pids.slice(i, i + 1));
    if (found === undefined) return [];
    const mine = requests.filter((_, index) => index % addresses.length === i);
    return [
      {
        key,
        addresses: [address],
        requests: mine.length > 0 ? mine : requests,
        processes: { replicas: [found.pidThere], redis: null },
      },
    ];
  });
}

function replicasOn(host: Host, target: Target): Target[] {
  return serversAt(host, target, target.behind?.replicas ?? target.addresses, target.processes.replicas);
}

/** The processes of its balancer. They are warmed up like replicas: by requests to each one's own address. */
function balancersOn(host: Host, target: Target): Target[] {
  return serversAt(host, target, target.behind?.balancer ?? [], target.processes.balancer ?? []);
}
