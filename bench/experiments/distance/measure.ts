/** Measures distance: short closed loops on each arm, with its Redis near or far in random order. */
import type { Flag } from '../../../core/results/flags.ts';
import type { Measures, MeasuresDraft } from '../../../core/results/measures.ts';
import type { StoppedBy } from '../../../core/results/schema.ts';
import { median } from '../../../core/stats/location.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import { pingTimes } from '../../fleet/ping.ts';
import { withCpuOf } from '../../load/settled-cpu.ts';
import { type Cell, cells, randomisedBlock } from '../../measuring/cells.ts';
import type { ExperimentContext, RunningFork } from '../../measuring/experiment.ts';
import { saturationFlags } from '../../measuring/load-flags.ts';
import { type ForkTime, runForks } from '../../measuring/run-forks.ts';
import { meRequests, type Position, sliceOf, targetOf } from '../../measuring/slices.ts';
import { WarmUps, warmUp } from '../../measuring/warm-up.ts';
import { type DelaySetting, nearestSetting } from './delay-setting.ts';
import {
  DISTANCE_PLANS,
  type DistancePlan,
  distanceSpecs,
  IN_FLIGHT,
  leastForkSeconds,
  PINGS,
  RTT_MS,
  replicaShareOf,
  SLICE_OVERHEAD_MS,
} from './plan.ts';

export async function measureDistance(context: ExperimentContext): Promise<StoppedBy> {
  const plan = DISTANCE_PLANS[context.config.profile];
  const share = replicaShareOf(context);
  if (share !== null) {
    context.note(
      `distance: the proxy that delays Redis occupies a core, so each replica is limited to ${share} of a core on this machine`,
    );
  }
  if (context.config.redis === 'cluster') {
    context.note('distance: measured on a single Redis, because connections to cluster nodes bypass the proxy');
  }
  const specs = distanceSpecs(context, share);
  const names = context.arms.map(({ name }) => name);
  const grid = cells(names, { rtt_ms: RTT_MS, in_flight: IN_FLIGHT });
  const leastSeconds = leastForkSeconds(specs.length);
  return runForks(context, { ...plan, specs, leastSecondsOf: () => leastSeconds }, (running, time) =>
    new DistanceFork(context, plan, share, running).measure(grid, time),
  );
}

async function calibrate({ proxy }: Fleet, askedMicros: number): Promise<DelaySetting> {
  if (proxy === null) return { delayMicros: 0, rttMicros: 0 };
  return nearestSetting(askedMicros, async (delayMicros) => {
    await proxy.delay(delayMicros);
    return median(await pingTimes(proxy.url, PINGS));
  });
}

class DistanceFork {
  readonly #context: ExperimentContext;
  readonly #plan: DistancePlan;
  readonly #running: RunningFork;
  readonly #share: number | null;
  #warmUps = new WarmUps();
  readonly #settings = new Map<string, DelaySetting>();

  constructor(context: ExperimentContext, plan: DistancePlan, share: number | null, running: RunningFork) {
    this.#context = context;
    this.#plan = plan;
    this.#share = share;
    this.#running = running;
  }

  /** One block is always measured. */
  async measure(grid: readonly Cell[], time: ForkTime): Promise<void> {
    const { fork, fleets, generator } = this.#running;
    const { progress, random, signal } = this.#context;
    progress({ step: `start ${fork + 1}: warming up` });
    await generator.ask(
      'open',
      fleets.map((fleet) => targetOf(fleet, meRequests(fleet))),
    );
    const third = (1000 * time.leftSeconds()) / 3;
    const timeoutMs = Math.max(500, Math.min(this.#plan.warmUpMs, third));
    this.#warmUps = await warmUp(generator, { timeoutMs, note: this.#context.note });
    await generator.ask('open', []);
    for (const fleet of fleets) fleet.applyShares();
    await this.#calibrateAll();
    const { rampMs, windowMs } = this.#plan;
    const blockSeconds = (grid.length * (rampMs + windowMs + SLICE_OVERHEAD_MS)) / 1000;
    for (let block = 0; block === 0 || time.leftSeconds() > blockSeconds; block++) {
      for (const [order, cell] of randomisedBlock(grid, random, fork, block).entries()) {
        if (signal.aborted) return;
        progress({ step: `start ${fork + 1}: ${cell.arm}, round trip of ${cell.factors.rtt_ms} ms to Redis` });
        await this.#slice(cell, { fork, block, order });
      }
    }
  }

  async #calibrateAll(): Promise<void> {
    for (const fleet of this.#running.fleets) {
      for (const rttMs of RTT_MS) {
        if (this.#context.signal.aborted) return;
        this.#context.progress({
          step: `start ${this.#running.fork + 1}: calibrating ${fleet.spec.key} at ${rttMs} ms`,
        });
        this.#settings.set(`${fleet.spec.key} ${rttMs}`, await calibrate(fleet, rttMs * 1000));
      }
      await fleet.proxy?.delay(0);
    }
  }

  async #slice(cell: Cell, position: Position): Promise<void> {
    const fleet = this.#running.fleets.find(({ spec }) => spec.key === cell.arm);
    const setting = this.#settings.get(`${cell.arm} ${cell.factors.rtt_ms}`);
    if (!fleet || !setting) return;
    const { proxy } = fleet;
    await proxy?.delay(setting.delayMicros);
    await proxy?.lateness();
    const { result, cpu } = await withCpuOf(proxy?.pid ?? null, async () => {
      const startMs = performance.now();
      const slice = await this.#closedLoop(cell, fleet, position);
      return { slice, wallMs: performance.now() - startMs };
    });
    const { slice, wallMs } = result;
    const flags = new Set<Flag>(slice.flags);
    const measures: MeasuresDraft = { ...slice.measures };
    if (this.#share !== null) measures.replica_share_cores = this.#share;
    if (proxy !== null) {
      const lateness = await proxy.lateness();
      measures.rtt_us = setting.rttMicros;
      measures.proxy_delay_us = setting.delayMicros;
      // CPU time of the whole slice, including the ramp, divided by its own wall-clock time.
      if (cpu !== null) {
        measures.proxy_cpu_ns = cpu.ns;
        measures.proxy_wall_ns = wallMs * 1e6;
        if (!cpu.complete) flags.add('cpu-account-incomplete');
      }
      measures.proxy_delayed = lateness.delayed;
      measures.proxy_late_us = lateness.totalMicros;
      measures.proxy_late_max_us = lateness.maxMicros;
    }
    await proxy?.delay(0);
    this.#context.record(this.#warmUps.onto({ ...slice, measures, flags: [...flags] }, fleet.spec.key));
  }

  async #closedLoop(cell: Cell, fleet: Fleet, position: Position) {
    const { rampMs, windowMs } = this.#plan;
    const commands = fleet.redis ? await fleet.redis.commands() : 0;
    const tally = await this.#running.generator.ask('walk', {
      target: targetOf(fleet, meRequests(fleet)),
      walkers: Number(cell.factors.in_flight),
      spreading: 'connection',
      rampMs,
      windowMs,
    });
    const flags: Flag[] = [...saturationFlags(tally, this.#context.cores), ...sharedFlags(fleet)];
    const measures: Measures = fleet.redis
      ? { redis_commands_with_ramp: (await fleet.redis.commands()) - commands, loaded_ms: rampMs + tally.durationMs }
      : { redis_cpu_ns: 0 };
    const slice = sliceOf(tally, { ...cell, mode: 'closed', position, measures, flags });
    return tally.latency === undefined ? slice : { ...slice, histograms: { service: tally.latency } };
  }
}

function sharedFlags(fleet: Fleet): Flag[] {
  return fleet.redis?.shared ? ['redis-shared'] : [];
}
