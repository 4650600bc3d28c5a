/** One fork of `scale`: warm up, then rounds of its series as long as its time lasts. */

import { thenEnding } from '../../../core/errors.ts';
import type { Flag } from '../../../core/results/flags.ts';
import type { MeasuresDraft } from '../../../core/results/measures.ts';
import type { Random } from '../../../core/stats/random.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { Tally } from '../../load/replies.ts';
import type { ExperimentContext, RunningFork } from '../../measuring/experiment.ts';
import { saturationFlags } from '../../measuring/load-flags.ts';
import { openFlags, openSlice } from '../../measuring/open-slice.ts';
import type { ForkTime } from '../../measuring/run-forks.ts';
import { type Position, sliceOf } from '../../measuring/slices.ts';
import { WarmUps } from '../../measuring/warm-up.ts';
import { subset } from './layout.ts';
import { openLoad, ScaleLoad } from './load.ts';
import {
  blockOrder,
  cellsOfNewFleets,
  LATENCY_LOAD_PCT,
  type ScaleCell,
  type ScalePlan,
  type SeriesName,
} from './plan.ts';
import { ENGINES, engineOrder, OWN } from './second-opinion.ts';
import { roundSeconds, seriesSeconds } from './starts.ts';

/** The shortest useful factor on a window: less is mostly ramp. */
const SHORTEST_STRETCH = 0.4;
/** Warming up gets at most this part of a fork's time. */
const WARM_UP_PART = 0.45;

export interface ForkOptions {
  readonly context: ExperimentContext;
  readonly plan: ScalePlan;
  readonly grid: readonly ScaleCell[];
  /** CPU limit of each replica in cores; null if none can be set. */
  readonly share: number | null;
  /** CPU limit of each node of Redis in the wall series, in cores. */
  readonly redisShare: number | null;
  readonly time: ForkTime;
}

/** A cell and its position, with the replicas that are loaded. */
interface LoadedCell {
  readonly cell: ScaleCell;
  readonly position: Position;
  readonly fleet: Fleet;
  /** Indices of the fleet's replicas. */
  readonly used: readonly number[];
}

export class ScaleFork {
  readonly #options: ForkOptions;
  readonly #running: RunningFork;
  readonly #fleets: ReadonlyMap<string, Fleet>;
  readonly #load: ScaleLoad;
  #warmUps = new WarmUps();
  /** The factor on the length of every window. */
  #stretch = 1;
  readonly #blocks = new Map<SeriesName, number>();
  /** Keys of the fleets with a slice. */
  readonly #measured = new Set<string>();
  /** Requests and seconds of each main cell so far, for the rate of its open loop. */
  readonly #answered = new Map<string, { requests: number; seconds: number }>();

  constructor(options: ForkOptions, running: RunningFork) {
    this.#options = options;
    this.#running = running;
    this.#fleets = new Map(running.fleets.map((fleet) => [fleet.spec.key, fleet]));
    this.#load = new ScaleLoad(options, running);
  }

  async measure(): Promise<void> {
    const { context, plan, time } = this.#options;
    context.progress({ step: `start ${this.#running.fork + 1}: warming up` });
    const seconds = time.leftSeconds() + time.spentSeconds();
    const timeoutMs = Math.max(1_000, Math.min(plan.warmUpMs, WARM_UP_PART * seconds * 1000));
    this.#warmUps = await this.#load.warmUp(timeoutMs, context.note);
    await this.#load.keep();
    await thenEnding(
      () => this.#rounds(),
      () => this.#load.end(),
    );
  }

  async #rounds(): Promise<void> {
    const { context } = this.#options;
    // Limited replicas need one core less together; without limits they may need all cores.
    if (this.#options.share !== null) this.#running.setApart();
    for (const fleet of this.#running.fleets) fleet.applyShares();
    await this.#load.settle();
    // Windows are shorter if time is short, so that the last series is not skipped.
    const wanted = roundSeconds(this.#options.plan, this.#options.grid);
    this.#stretch = Math.min(1, Math.max(SHORTEST_STRETCH, this.#options.time.leftSeconds() / wanted));
    for (let round = 0; ; round++) {
      let measured = 0;
      for (const series of this.#inRound(round)) {
        if (context.signal.aborted) return;
        // A requested second opinion is measured once, whatever the time.
        const isOwed = series === 'engines' && round === 0;
        const cells = this.#cells(series);
        const due = isOwed || this.#fits(series, cells) ? cells : cellsOfNewFleets(cells, this.#measured);
        if (due.length === 0) continue;
        measured++;
        await this.#series(series, due);
      }
      if (measured === 0) return;
    }
  }

  #inRound(round: number): readonly SeriesName[] {
    const { series, mainPerRound, engineBlocks } = this.#options.plan;
    const present = [...series, 'engines' as const].filter((name) => this.#cells(name).length > 0);
    // Every series once before any is repeated.
    if (round === 0) return present.flatMap((name) => (name === 'engines' ? Array(engineBlocks).fill(name) : name));
    return present
      .filter((name) => name !== 'latency')
      .flatMap((name) => Array<SeriesName>(name === 'main' ? mainPerRound : 1).fill(name));
  }

  #cells(series: SeriesName): readonly ScaleCell[] {
    return this.#options.grid.filter((cell) => cell.series === series);
  }

  #fits(series: SeriesName, cells: readonly ScaleCell[]): boolean {
    const { plan, time } = this.#options;
    return time.leftSeconds() > seriesSeconds(plan, series, cells, this.#stretch);
  }

  async #series(series: SeriesName, due: readonly ScaleCell[]): Promise<void> {
    const { context, redisShare } = this.#options;
    const { fork } = this.#running;
    const block = this.#blocks.get(series) ?? 0;
    this.#blocks.set(series, block + 1);
    await this.#running.generator.ask('keepAlive', null);
    const isWall = series === 'wall';
    if (isWall) for (const fleet of this.#fleets.values()) fleet.limitRedis(redisShare);
    const cells = blockOrder(due, context.random.derive(`${series} fork ${fork} block ${block}`));
    for (const [order, cell] of cells.entries()) {
      if (context.signal.aborted) return;
      const of = Object.entries(cell.factors).map(([name, level]) => `${name} ${level}`);
      const round = series === 'main' ? `block ${block + 1}` : `${series}, block ${block + 1}`;
      context.progress({ step: `start ${fork + 1}, ${round}: ${cell.arm}, ${of.join(', ')}` });
      await this.#slice(cell, { fork, block, order });
      this.#measured.add(cell.key);
    }
    if (isWall) for (const fleet of this.#fleets.values()) fleet.limitRedis(null);
  }

  async #slice(cell: ScaleCell, position: Position): Promise<void> {
    const fleet = this.#fleets.get(cell.key);
    if (!fleet) return;
    const random = this.#options.context.random.derive(
      `${cell.series} subset ${position.fork} ${position.block} ${position.order}`,
    );
    const all = fleet.replicas.length;
    const used = subset(all, Number(cell.factors.replicas), random.integer(all));
    await fleet.balancer?.use(used);
    const loaded = { cell, position, fleet, used };
    if (cell.series === 'latency') await this.#openSlice(loaded, random.integer(2 ** 31));
    else if (cell.series === 'engines') await this.#byEngines(loaded, random);
    else await this.#closedSlice(loaded);
  }

  /** Both generators, one right after the other. */
  async #byEngines(loaded: LoadedCell, random: Random): Promise<void> {
    const { context, plan } = this.#options;
    const { cell, position, fleet, used } = loaded;
    const connections = plan.connectionsPerReplica * used.length;
    for (const [turn, engine] of engineOrder(random).entries()) {
      if (context.signal.aborted) return;
      // While one sends load, the connections of the other are idle.
      if (engine === OWN) await this.#running.generator.ask('keepAlive', null);
      await this.#record(
        {
          ...loaded,
          cell: { ...cell, factors: { ...cell.factors, engine } },
          position: { ...position, order: ENGINES.length * position.order + turn },
        },
        connections,
        () =>
          engine === OWN
            ? this.#load.kept(loaded, connections, 1000 * plan.engineSeconds)
            : this.#load.byWrk(fleet, used, connections, context),
      );
    }
  }

  async #closedSlice(loaded: LoadedCell): Promise<void> {
    const { plan } = this.#options;
    const { cell, fleet, used } = loaded;
    const perReplica = cell.series === 'wall' ? plan.wallConnectionsPerReplica : plan.connectionsPerReplica;
    const connections = perReplica * used.length;
    const options = { connections, stretch: this.#stretch };
    const tally = await this.#record(loaded, connections, () => this.#load.closed(cell, fleet, used, options));
    if (cell.series === 'main') this.#remember(cell, tally);
  }

  /** Runs a load at saturation, and records its slice. */
  async #record(
    { cell, position, fleet }: LoadedCell,
    connections: number,
    load: () => Promise<Tally>,
  ): Promise<Tally> {
    const { context, share, redisShare } = this.#options;
    const commands = fleet.redis ? await fleet.redis.commands() : 0;
    const isWall = cell.series === 'wall';
    const tally = await load();
    const measures: MeasuresDraft = { connections };
    if (share !== null) measures.replica_share_cores = share;
    if (isWall && redisShare !== null && fleet.redis !== null) {
      measures.redis_share_cores = redisShare * fleet.redis.pids.length;
    }
    // Includes the ramp, whose requests are not in the tally: this is a count, not a rate.
    if (fleet.redis) measures.redis_commands_with_ramp = (await fleet.redis.commands()) - commands;
    else measures.redis_cpu_ns = 0;
    const flags = [...saturationFlags(tally, context.cores), ...this.#flags(fleet)];
    const { arm, factors } = cell;
    const slice = sliceOf(tally, { mode: 'closed', position, arm, factors, measures, flags });
    context.record(this.#warmUps.onto(slice, fleet.spec.key));
    return tally;
  }

  #flags(fleet: Fleet): Flag[] {
    const { context, share } = this.#options;
    // A replica on its own host competes with no other.
    const isAlone = fleet.replicas.length <= (context.replicaHosts ?? 0);
    return [
      ...(share === null && !isAlone ? (['no-cpu-shares'] as const) : []),
      ...(fleet.redis?.shared ? (['redis-shared'] as const) : []),
    ];
  }

  #remember(cell: ScaleCell, tally: Tally): void {
    const key = `${cell.arm} ${cell.factors.replicas}`;
    const sum = this.#answered.get(key) ?? { requests: 0, seconds: 0 };
    this.#answered.set(key, {
      requests: sum.requests + tally.requests - tally.unexpected,
      seconds: sum.seconds + tally.durationMs / 1000,
    });
  }

  /** An open-loop slice at a share of the throughput that the same cell had in this fork. */
  async #openSlice({ cell, position, fleet, used }: LoadedCell, seed: number): Promise<void> {
    const { context, plan } = this.#options;
    const sum = this.#answered.get(`${cell.arm} ${cell.factors.replicas}`);
    if (sum === undefined || sum.requests === 0) return;
    const ratePerSecond = ((sum.requests / sum.seconds) * LATENCY_LOAD_PCT) / 100;
    const options = openLoad(fleet, used, { ratePerSecond, durationMs: plan.openMs * this.#stretch, seed });
    const result = await (await this.#running.open()).run(options, context.signal);
    const flags = [...openFlags(result), ...this.#flags(fleet)];
    const { arm, factors } = cell;
    const slice = openSlice(result, { cell: { arm, factors }, position, machine: null, flags });
    context.record(this.#warmUps.onto(slice, fleet.spec.key));
  }
}
