/** One fork of `scale`: warm up, then rounds of its series, each series once in every round that time allows. */
import type { Fleet } from '../fleet/fleet.ts';
import type { Tally } from '../load/messages.ts';
import type { OpenOptions } from '../load/open-schema.ts';
import { requestBytes } from '../load/request.ts';
import type { Spreading } from '../load/walk.ts';
import type { Flag } from '../results/flags.ts';
import type { ExperimentContext, RunningFork } from './experiment.ts';
import { openFlags, openSlice } from './latency.ts';
import { saturationFlags } from './load-flags.ts';
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
} from './scale-layout.ts';
import { LATENCY_LOAD_PCT, type ScaleCell, type ScalePlan, type SeriesName, windowFor } from './scale-plan.ts';
import { sliceOf } from './slices.ts';

/** V8's last optimisations of a route come at about so many requests. */
const WARM_UP_REQUESTS = 17_000;
/** Connections opened and closed around each slice; a process started and ended around an open one. */
const SLICE_OVERHEAD_MS = 80;
const OPEN_OVERHEAD_MS = 600;
/** A window of less is mostly ramp. */
const SHORTEST_STRETCH = 0.4;
/** Of the windows over the usual numbers of replicas, as a multiple of the shortest. */
const MEAN_WINDOW = 1.5;
const OPEN_WARM_UP_MS = 150;
const OPEN_CONNECTIONS = 32;
const OPEN_MAX_CONNECTIONS = 512;
const TIMEOUT_MS = 5_000;
/** Warming up gets at most this part of a fork's time. */
const WARM_UP_PART = 0.45;

export interface ForkOptions {
  readonly context: ExperimentContext;
  readonly plan: ScalePlan;
  readonly grid: readonly ScaleCell[];
  /** Cores for each replica; null where none can be given. */
  readonly share: number | null;
  /** Cores for each node of Redis in the wall series. */
  readonly redisShare: number | null;
  /** For this fork, its start included. */
  readonly seconds: number;
}

interface Place {
  readonly fork: number;
  readonly block: number;
  readonly order: number;
}

export class ScaleFork {
  readonly #options: ForkOptions;
  readonly #running: RunningFork;
  readonly #fleets: ReadonlyMap<string, Fleet>;
  /** `secondsLeft` at which the fork's time is over. */
  readonly #until: number;
  readonly #most: number;
  /** Of every window's length. */
  #stretch = 1;
  /** Requests and seconds of each main cell so far, for the rate of its open loop. */
  readonly #answered = new Map<string, { requests: number; seconds: number }>();

  constructor(options: ForkOptions, running: RunningFork, secondsLeftAtStart: number) {
    this.#options = options;
    this.#running = running;
    this.#fleets = new Map(running.fleets.map((fleet) => [fleet.spec.key, fleet]));
    this.#until = secondsLeftAtStart - options.seconds;
    this.#most = Math.max(1, ...options.grid.map(({ factors }) => Number(factors.replicas)));
  }

  async measure(): Promise<void> {
    const { context, plan } = this.#options;
    await this.#warmUp();
    for (const fleet of this.#running.fleets) fleet.applyShares();
    // Shorter windows where there is little time, so that no series is left out for being last.
    const wanted = plan.series.reduce((sum, series) => sum + this.#seconds(series), 0);
    this.#stretch = Math.min(1, Math.max(SHORTEST_STRETCH, this.#left() / wanted));
    // However little time there is, the first series is measured: a fork without a slice was for nothing.
    let isFirst = true;
    for (let round = 0; round < this.#rounds(); round++) {
      let measured = 0;
      for (const series of plan.series) {
        if (context.signal.aborted) return;
        if (this.#cells(series).length === 0 || (round > 0 && series === 'latency')) continue;
        if (!isFirst && !this.#fits(series)) continue;
        isFirst = false;
        measured++;
        await this.#series(series, round);
      }
      if (measured === 0) return;
    }
  }

  /** A single fork measures as long as there is time; of several each has its rounds. */
  #rounds(): number {
    const { maxForks, rounds } = this.#options.plan;
    return maxForks === 1 ? Number.POSITIVE_INFINITY : rounds;
  }

  #left(): number {
    return this.#options.context.secondsLeft() - this.#until;
  }

  #cells(series: SeriesName): readonly ScaleCell[] {
    return this.#options.grid.filter((cell) => cell.series === series);
  }

  #fits(series: SeriesName): boolean {
    return this.#left() > this.#seconds(series);
  }

  /** What one round of a series takes. */
  #seconds(series: SeriesName): number {
    const { rampMs, windowMs, wallRampMs, wallWindowMs, openMs } = this.#options.plan;
    const ms = {
      main: rampMs + SLICE_OVERHEAD_MS + MEAN_WINDOW * windowMs * this.#stretch,
      spread: rampMs + SLICE_OVERHEAD_MS + MEAN_WINDOW * windowMs * this.#stretch,
      wall: wallRampMs + 2 * SLICE_OVERHEAD_MS + wallWindowMs * this.#stretch,
      latency: OPEN_WARM_UP_MS + OPEN_OVERHEAD_MS + openMs * this.#stretch,
    }[series];
    return (this.#cells(series).length * ms) / 1000;
  }

  async #warmUp(): Promise<void> {
    const { context, plan, grid } = this.#options;
    const { fork, fleets, generator } = this.#running;
    context.progress({ step: `fork ${fork + 1}: warming up` });
    const isMixed = (fleet: Fleet) =>
      grid.some(({ key, factors }) => key === fleet.spec.key && factors.critical_fraction !== undefined);
    await generator.open(fleets.map((fleet) => warmUpTarget(fleet, isMixed(fleet))));
    // Before the limits: a replica held to a fraction of a core would take minutes to settle.
    const most = Math.max(1, ...fleets.map((fleet) => fleet.replicas.length));
    const timeoutMs = Math.max(1_000, Math.min(plan.warmUpMs, WARM_UP_PART * this.#options.seconds * 1000));
    await generator.warmUp(WARM_UP_REQUESTS * most, timeoutMs);
    await generator.open([]);
  }

  async #series(series: SeriesName, block: number): Promise<void> {
    const { context, redisShare } = this.#options;
    const { fork } = this.#running;
    const isWall = series === 'wall';
    if (isWall) for (const fleet of this.#fleets.values()) fleet.limitRedis(redisShare);
    const order = context.random.fork(`${series} fork ${fork} block ${block}`).shuffle(this.#cells(series));
    for (const [place, cell] of order.entries()) {
      if (context.signal.aborted) return;
      const of = Object.entries(cell.factors).map(([name, level]) => `${name} ${level}`);
      context.progress({ step: `fork ${fork + 1}, round ${block + 1}: ${cell.arm}, ${of.join(', ')}` });
      await this.#slice(cell, { fork, block, order: place });
    }
    if (isWall) for (const fleet of this.#fleets.values()) fleet.limitRedis(null);
  }

  async #slice(cell: ScaleCell, place: Place): Promise<void> {
    const fleet = this.#fleets.get(cell.key);
    if (!fleet) return;
    const random = this.#options.context.random.fork(
      `${cell.series} subset ${place.fork} ${place.block} ${place.order}`,
    );
    const all = fleet.replicas.length;
    const used = subset(all, Number(cell.factors.replicas), random.integer(all));
    if (cell.series === 'latency') await this.#openSlice(cell, fleet, used, place, random.integer(2 ** 31));
    else await this.#closedSlice(cell, fleet, used, place);
  }

  async #closedSlice(cell: ScaleCell, fleet: Fleet, used: readonly number[], place: Place): Promise<void> {
    const { context, share, redisShare } = this.#options;
    const commands = fleet.redis ? await fleet.redis.commands() : 0;
    const { plan } = this.#options;
    const isWall = cell.series === 'wall';
    const connections = (isWall ? plan.wallConnectionsPerReplica : plan.connectionsPerReplica) * used.length;
    const tally = await this.#load(cell, fleet, used, connections);
    const measures: Record<string, number> = { connections };
    if (share !== null) measures.replica_share_cores = share;
    if (isWall && redisShare !== null && fleet.redis !== null) {
      measures.redis_share_cores = redisShare * fleet.redis.pids.length;
    }
    // Includes the ramp, so it counts commands but is no rate; requests of the ramp are not in the tally.
    if (fleet.redis) measures.redis_commands_with_ramp = (await fleet.redis.commands()) - commands;
    else measures.redis_cpu_ns = 0;
    const flags = [...saturationFlags(tally, context.cores), ...this.#flags(fleet)];
    context.record({
      ...sliceOf(tally, 'closed', place, cell.factors, { measures, flags }),
      arm: cell.arm,
    });
    if (cell.series === 'main') this.#remember(cell, tally);
  }

  #flags(fleet: Fleet): Flag[] {
    return [
      ...(this.#options.share === null ? (['no-cpu-shares'] as const) : []),
      ...(fleet.redis?.shared ? (['redis-shared'] as const) : []),
    ];
  }

  #load(cell: ScaleCell, fleet: Fleet, used: readonly number[], connections: number): Promise<Tally> {
    const { plan } = this.#options;
    const { generator } = this.#running;
    const isWall = cell.series === 'wall';
    const window = {
      rampMs: isWall ? plan.wallRampMs : plan.rampMs,
      windowMs: this.#stretch * (isWall ? plan.wallWindowMs : windowFor(plan.windowMs, used.length, this.#most)),
    };
    const { critical_fraction: fraction, spreading } = cell.factors;
    if (typeof fraction === 'number') {
      const target = targetAt(fleet, mixedRequests(fleet, fraction), used);
      return generator.walk({ target, walkers: connections, spreading: 'connection', sequence: SEQUENCE, ...window });
    }
    if (cell.series === 'spread') {
      const how: Spreading = spreading === 'request' || spreading === 'sticky' ? spreading : 'connection';
      const all = fleet.replicas.length;
      const users = how === 'sticky' ? stickyOrder(fleet.credentials.length, all, used) : usersAt(fleet, used);
      const target = targetAt(fleet, requestsOf(fleet, users), used);
      return generator.walk({ target, walkers: connections, spreading: how, sequence: 1, ...window });
    }
    const target = targetAt(fleet, requestsOf(fleet, everyUser(fleet)), used);
    return generator.closed({ target, connections, ...window });
  }

  #remember(cell: ScaleCell, tally: Tally): void {
    const key = `${cell.arm} ${cell.factors.replicas}`;
    const sum = this.#answered.get(key) ?? { requests: 0, seconds: 0 };
    this.#answered.set(key, {
      requests: sum.requests + tally.requests - tally.unexpected,
      seconds: sum.seconds + tally.durationMs / 1000,
    });
  }

  /** At a part of the throughput that the same cell had in this fork. */
  async #openSlice(cell: ScaleCell, fleet: Fleet, used: readonly number[], place: Place, seed: number): Promise<void> {
    const { context, plan } = this.#options;
    const sum = this.#answered.get(`${cell.arm} ${cell.factors.replicas}`);
    if (sum === undefined || sum.requests === 0) return;
    const ratePerSecond = ((sum.requests / sum.seconds) * LATENCY_LOAD_PCT) / 100;
    const { addresses } = targetAt(fleet, [], used);
    const options: OpenOptions = {
      targets: addresses.map(({ host, port }) => ({ host, port })),
      // Every user at every replica, replicas in turn.
      requests: requestsOf(fleet, everyUser(fleet)).flatMap((request) =>
        addresses.map((address, target) => ({
          target,
          wire: requestBytes(address, request).toString('latin1'),
          expectStatus: request.expectedStatus,
          ...(request.expectedBody === null ? {} : { expectBody: request.expectedBody }),
        })),
      ),
      ratePerSecond,
      durationMs: plan.openMs * this.#stretch,
      warmupMs: OPEN_WARM_UP_MS,
      arrivals: 'poisson',
      seed,
      timeoutMs: TIMEOUT_MS,
      connections: Math.max(OPEN_CONNECTIONS, addresses.length),
      maxConnections: OPEN_MAX_CONNECTIONS,
    };
    const result = await (await this.#running.open()).run(options, context.signal);
    const flags = [...openFlags(result), ...this.#flags(fleet)];
    context.record(openSlice({ arm: cell.arm, factors: cell.factors }, result, place, null, flags));
  }
}
