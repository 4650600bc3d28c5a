/** The load of `scale`: connections kept for a whole fork, closed-loop workers, and the open loop. */
import type { Fleet } from '../../fleet/fleet.ts';
import { quotaFor } from '../../fleet/shares.ts';
import { openRequests } from '../../load/connection/request.ts';
import type { OpenOptions } from '../../load/open/schema.ts';
import type { PoolTarget, Spreading } from '../../load/protocol.ts';
import type { Tally } from '../../load/replies.ts';
import { wrkSlice } from '../../load/wrk/wrk.ts';
import type { ExperimentContext, RunningFork } from '../../measuring/experiment.ts';
import { type WarmUps, warmUp } from '../../measuring/warm-up.ts';
import {
  everyUser,
  mixedRequests,
  requestsOf,
  SEQUENCE,
  stickyOrder,
  subset,
  targetAt,
  usersAt,
  warmUpTarget,
} from './layout.ts';
import { type ScaleCell, type ScalePlan, wholePeriods, windowFor } from './plan.ts';
import { CONNECTING_MS, OPEN_WARM_UP_MS } from './starts.ts';

const OPEN_CONNECTIONS = 32;
const OPEN_MAX_CONNECTIONS = 512;
const TIMEOUT_MS = 5_000;

export interface LoadOptions {
  readonly plan: ScalePlan;
  readonly grid: readonly ScaleCell[];
  /** CPU limit of each replica in cores; null if none can be set. */
  readonly share: number | null;
}

/** A cell, its fleet and the indices of the replicas used. */
interface Kept {
  readonly cell: ScaleCell;
  readonly fleet: Fleet;
  readonly used: readonly number[];
}

/** Cells of a fleet share its connections, except those with mixed requests. */
function poolKey({ key, factors }: ScaleCell): string {
  return factors.critical_fraction === undefined ? key : `${key} ${factors.critical_fraction}`;
}

export class ScaleLoad {
  readonly #options: LoadOptions;
  readonly #running: RunningFork;
  readonly #fleets: ReadonlyMap<string, Fleet>;
  readonly #most: number;
  #pools: PoolTarget[] = [];

  constructor(options: LoadOptions, running: RunningFork) {
    this.#options = options;
    this.#running = running;
    this.#fleets = new Map(running.fleets.map((fleet) => [fleet.spec.key, fleet]));
    this.#most = Math.max(1, ...options.grid.map(({ factors }) => Number(factors.replicas)));
  }

  /** Warms up before CPU limits are set: a replica with a fraction of a core would take minutes. */
  async warmUp(timeoutMs: number, note: (text: string) => void): Promise<WarmUps> {
    const { fleets, generator } = this.#running;
    const isMixed = (fleet: Fleet) =>
      this.#options.grid.some(({ key, factors }) => key === fleet.spec.key && factors.critical_fraction !== undefined);
    await generator.ask(
      'open',
      fleets.map((fleet) => warmUpTarget(fleet, isMixed(fleet))),
    );
    const warmUps = await warmUp(generator, { timeoutMs, optimised: 'sooner', note });
    await generator.ask('open', []);
    return warmUps;
  }

  /** Opens the connections of `main` and `wall` before CPU limits are set, or it would take minutes. */
  async keep(): Promise<void> {
    const { plan, grid } = this.#options;
    const cells = grid.filter(({ series }) => series === 'main' || series === 'wall');
    const hasWall = cells.some(({ series }) => series === 'wall');
    const perReplica = hasWall ? plan.wallConnectionsPerReplica : plan.connectionsPerReplica;
    const targets = new Map<string, PoolTarget>();
    for (const cell of cells) {
      const fleet = this.#fleets.get(cell.key);
      if (!fleet || targets.has(poolKey(cell))) continue;
      const { critical_fraction: fraction } = cell.factors;
      const isMixed = typeof fraction === 'number';
      const requests = isMixed ? mixedRequests(fleet, fraction) : requestsOf(fleet, everyUser(fleet));
      const all = subset(fleet.replicas.length, fleet.replicas.length, 0);
      targets.set(poolKey(cell), {
        key: poolKey(cell),
        target: targetAt(fleet, requests, all),
        connections: perReplica * all.length,
        sequence: isMixed ? SEQUENCE : null,
      });
    }
    this.#pools = [...targets.values()];
    await this.#running.generator.ask('openPools', this.#pools);
  }

  /** Loads all replicas for a while without counting. */
  async settle(): Promise<void> {
    const { settleMs, connectionsPerReplica } = this.#options.plan;
    for (const { key, target } of this.#pools) {
      const fleet = this.#fleets.get(target.key);
      if (fleet === undefined) continue;
      const all = subset(fleet.replicas.length, fleet.replicas.length, 0);
      await fleet.balancer?.use(all);
      const window = { rampMs: 0, windowMs: settleMs };
      const destination = destinationOf(fleet, all, connectionsPerReplica * all.length);
      await this.#running.generator.ask('runPool', { key, ...destination, ...window });
    }
  }

  /** Closes connections before the replicas stop. */
  async end(): Promise<void> {
    await this.#running.generator.ask('openPools', []).catch(() => {});
  }

  /**
   * A closed loop at saturation. @param used indices of replicas @param stretch factor on the window, if time is
   * short
   */
  closed(
    cell: ScaleCell,
    fleet: Fleet,
    used: readonly number[],
    { connections, stretch }: { readonly connections: number; readonly stretch: number },
  ): Promise<Tally> {
    const { plan } = this.#options;
    const { generator } = this.#running;
    const windowMs = this.#whole(windowFor(plan.windowMs, used.length, this.#most) * stretch);
    if (cell.series === 'spread') {
      const { spreading } = cell.factors;
      const how: Spreading = spreading === 'request' || spreading === 'sticky' ? spreading : 'connection';
      const all = fleet.replicas.length;
      const users = how === 'sticky' ? stickyOrder(fleet.credentials.length, all, used) : usersAt(fleet, used);
      const target = targetAt(fleet, requestsOf(fleet, users), used);
      const rampMs = plan.rampMs + CONNECTING_MS;
      return generator.ask('walk', { target, walkers: connections, spreading: how, rampMs, windowMs });
    }
    const isWall = cell.series === 'wall';
    return generator.ask('runPool', {
      key: poolKey(cell),
      ...destinationOf(fleet, used, connections),
      rampMs: isWall ? plan.wallRampMs : plan.rampMs,
      windowMs: isWall ? this.#whole(plan.wallWindowMs * stretch) : windowMs,
    });
  }

  /** A closed loop over kept connections, for the same time as the other engine. */
  kept({ cell, fleet, used }: Kept, connections: number, windowMs: number): Promise<Tally> {
    return this.#running.generator.ask('runPool', {
      key: poolKey(cell),
      ...destinationOf(fleet, used, connections),
      rampMs: this.#options.plan.rampMs,
      windowMs: this.#whole(windowMs),
    });
  }

  /** Sends the same requests with wrk instead of our own generator. */
  byWrk(fleet: Fleet, used: readonly number[], connections: number, context: ExperimentContext): Promise<Tally> {
    const target = targetAt(fleet, requestsOf(fleet, everyUser(fleet)), used);
    const { watch, watchDirectory, signal } = context;
    const { pid: beside } = this.#running.generator;
    const seconds = this.#options.plan.engineSeconds;
    return wrkSlice(target, { connections, seconds, beside, watch, watchDirectory, signal });
  }

  /** @returns ms: whole periods of the replicas' CPU limit */
  #whole(ms: number): number {
    const { share } = this.#options;
    return share === null ? ms : wholePeriods(ms, quotaFor(share, 'warm').periodMicros / 1000);
  }
}

/** The destination of connections: spread evenly over the replicas, or all to their balancer. */
function destinationOf(fleet: Fleet, used: readonly number[], connections: number) {
  return fleet.balancer === undefined
    ? { addresses: [...used], perAddress: connections / used.length }
    : { addresses: [0], perAddress: connections, replicas: [...used] };
}

/** An open loop at a steady rate: every user at every replica, alternating. */
export function openLoad(
  fleet: Fleet,
  used: readonly number[],
  { ratePerSecond, durationMs, seed }: Pick<OpenOptions, 'ratePerSecond' | 'durationMs' | 'seed'>,
): OpenOptions {
  const { addresses } = targetAt(fleet, [], used);
  return {
    targets: addresses.map(({ host, port }) => ({ host, port })),
    requests: openRequests(addresses, requestsOf(fleet, everyUser(fleet))),
    ratePerSecond,
    durationMs,
    warmupMs: OPEN_WARM_UP_MS,
    arrivals: 'poisson',
    seed,
    timeoutMs: TIMEOUT_MS,
    connections: Math.max(OPEN_CONNECTIONS, addresses.length),
    maxConnections: OPEN_MAX_CONNECTIONS,
  };
}
