/** What does a remote Redis cost? Its replies are held back by a process of its own; throughput and latency against the round trip. */

import type { Flag } from '../../../core/results/flags.ts';
import type { StoppedBy } from '../../../core/results/schema.ts';
import type { Fleet, FleetSpec } from '../../fleet/fleet.ts';
import { medianOf, pingTimes } from '../../fleet/ping.ts';
import {
  alwaysAsksRedis,
  armsByProfile,
  armsWhere,
  isHandTunedInRedis,
  isPlainOr,
  isReference,
  showsTheStore,
} from '../../measuring/arms.ts';
import type { Experiment, ExperimentContext, Profile, RunningFork } from '../../measuring/experiment.ts';
import { saturationFlags } from '../../measuring/load-flags.ts';
import { type Cell, cells, randomisedBlock } from '../../measuring/plan.ts';
import { meRequests, sliceOf, targetOf } from '../../measuring/slices.ts';
import { cpuNanos } from '../../processes/cpu.ts';
import { analyseDistance } from './analyse.ts';
import { type DelaySetting, nearestSetting } from './delay-setting.ts';

export const DISTANCE = 'distance';

/** Between app and Redis and back: one machine, one zone, one region, and further than one should go. */
export const RTT_MS = [0, 0.2, 0.5, 1.5] as const;
/** One request at a time shows the latency, many the throughput. */
export const IN_FLIGHT = [1, 16] as const;

interface Plan {
  readonly minForks: number;
  readonly maxForks: number;
  readonly warmUpMs: number;
  readonly rampMs: number;
  /** Short, and often: the machine's speed drifts within seconds. */
  readonly windowMs: number;
}

const PLANS: Readonly<Record<Profile, Plan>> = {
  quick: { minForks: 2, maxForks: 4, warmUpMs: 5_000, rampMs: 20, windowMs: 130 },
  full: { minForks: 3, maxForks: 8, warmUpMs: 8_000, rampMs: 20, windowMs: 150 },
};

/** Connections opened and closed, counters read and the delay set, around each slice. */
const SLICE_OVERHEAD_MS = 45;
/** A fork that the plan asks for is begun where this part of the last one's time is left: it measures that much less. */
const NEARLY = 0.7;
/** Starting, warming up, calibrating and one block take about so long on two cores: in all, and for each arm. */
const LEAST_FORK_SECONDS = { once: 5, perArm: 5 } as const;
const WARM_UP_REQUESTS = 20_000;
const PINGS = 60;
/** On a small machine a spinning proxy, the generator and the replica have to fit: the replica is held to this. */
const SMALL_CORES = 3;
const SMALL_SHARE = 0.45;
async function calibrate({ proxy }: Fleet, askedMicros: number): Promise<DelaySetting> {
  if (proxy === null) return { delayMicros: 0, rttMicros: 0 };
  return nearestSetting(askedMicros, async (delayMicros) => {
    await proxy.delay(delayMicros);
    return medianOf(await pingTimes(proxy.url, PINGS));
  });
}

class DistanceFork {
  readonly #context: ExperimentContext;
  readonly #plan: Plan;
  readonly #running: RunningFork;
  readonly #share: number | null;
  readonly #settings = new Map<string, DelaySetting>();

  constructor(context: ExperimentContext, plan: Plan, share: number | null, running: RunningFork) {
    this.#context = context;
    this.#plan = plan;
    this.#share = share;
    this.#running = running;
  }

  /** @param until `secondsLeft` at which the fork's time is over; one block is measured in any case */
  async measure(grid: readonly Cell[], until: number): Promise<void> {
    const { fork, fleets, generator } = this.#running;
    const { progress, random, secondsLeft, signal } = this.#context;
    progress({ step: `fork ${fork + 1}: warming up` });
    await generator.ask(
      'open',
      fleets.map((fleet) => targetOf(fleet, meRequests(fleet))),
    );
    const third = (1000 * (secondsLeft() - until)) / 3;
    await generator.ask('warmUp', {
      requestsPerTarget: WARM_UP_REQUESTS,
      timeoutMs: Math.max(500, Math.min(this.#plan.warmUpMs, third)),
      keys: null,
    });
    await generator.ask('open', []);
    for (const fleet of fleets) fleet.applyShares();
    await this.#calibrateAll();
    const { rampMs, windowMs } = this.#plan;
    const blockSeconds = (grid.length * (rampMs + windowMs + SLICE_OVERHEAD_MS)) / 1000;
    for (let block = 0; block === 0 || secondsLeft() - until > blockSeconds; block++) {
      for (const [order, cell] of randomisedBlock(grid, random, fork, block).entries()) {
        if (signal.aborted) return;
        progress({ step: `fork ${fork + 1}: ${cell.arm}, Redis ${cell.factors.rtt_ms} ms away` });
        await this.#slice(cell, { fork, block, order });
      }
    }
  }

  async #calibrateAll(): Promise<void> {
    for (const fleet of this.#running.fleets) {
      for (const rttMs of RTT_MS) {
        if (this.#context.signal.aborted) return;
        this.#context.progress({
          step: `fork ${this.#running.fork + 1}: calibrating ${fleet.spec.key} at ${rttMs} ms`,
        });
        this.#settings.set(`${fleet.spec.key} ${rttMs}`, await calibrate(fleet, rttMs * 1000));
      }
      await fleet.proxy?.delay(0);
    }
  }

  async #slice(cell: Cell, place: { fork: number; block: number; order: number }): Promise<void> {
    const fleet = this.#running.fleets.find(({ spec }) => spec.key === cell.arm);
    const setting = this.#settings.get(`${cell.arm} ${cell.factors.rtt_ms}`);
    if (!fleet || !setting) return;
    const { proxy } = fleet;
    await proxy?.delay(setting.delayMicros);
    await proxy?.lateness();
    const before = { ns: proxy === null ? null : cpuNanos(proxy.pid), ms: performance.now() };
    const slice = await this.#closedLoop(cell, fleet, place);
    const after = proxy === null ? null : cpuNanos(proxy.pid);
    const measures: Record<string, number> = { ...slice.measures };
    if (this.#share !== null) measures.replica_share_cores = this.#share;
    if (proxy !== null) {
      const lateness = await proxy.lateness();
      measures.rtt_us = setting.rttMicros;
      measures.proxy_delay_us = setting.delayMicros;
      // Of the whole slice, ramp included: over its own wall-clock time.
      if (before.ns !== null && after !== null) {
        measures.proxy_cpu_ns = after - before.ns;
        measures.proxy_wall_ns = (performance.now() - before.ms) * 1e6;
      }
      measures.proxy_delayed = lateness.delayed;
      measures.proxy_late_us = lateness.totalMicros;
      measures.proxy_late_max_us = lateness.maxMicros;
    }
    await proxy?.delay(0);
    this.#context.record({ ...slice, measures });
  }

  async #closedLoop(cell: Cell, fleet: Fleet, place: { fork: number; block: number; order: number }) {
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
    const measures: Record<string, number> = fleet.redis
      ? { redis_commands_with_ramp: (await fleet.redis.commands()) - commands, loaded_ms: rampMs + tally.durationMs }
      : { redis_cpu_ns: 0 };
    const slice = sliceOf(tally, 'closed', place, cell.factors, { measures, flags });
    return tally.latency === undefined ? slice : { ...slice, histograms: { service: tally.latency } };
  }
}

function sharedFlags(fleet: Fleet): Flag[] {
  return fleet.redis?.shared ? ['redis-shared'] : [];
}

async function run(context: ExperimentContext): Promise<StoppedBy> {
  const plan = PLANS[context.config.profile];
  const share = context.canLimitCpu && context.cores < SMALL_CORES ? SMALL_SHARE : null;
  if (share !== null) {
    context.note(
      `distance: the proxy that delays Redis keeps a core busy while it delays, so each replica is held to ${share} of a core on this machine`,
    );
  }
  if (context.config.redis === 'cluster') {
    context.note('distance: measured on a single Redis, since the nodes of a cluster are reached past the proxy');
  }
  const specs: FleetSpec[] = context.arms.map((arm) => ({
    key: arm.name,
    arm,
    replicas: 1,
    replicaShare: share,
    redisShare: null,
    cluster: false,
    delayed: true,
    users: Math.max(...IN_FLIGHT),
  }));
  const names = context.arms.map(({ name }) => name);
  const grid = cells(names, { rtt_ms: RTT_MS, in_flight: IN_FLIGHT });
  let done = new Set(context.prior.map(({ fork }) => fork)).size;
  const leastSeconds = LEAST_FORK_SECONDS.once + LEAST_FORK_SECONDS.perArm * specs.length;
  // Fewer starts where each would be over before its replicas are warm.
  const minForks = done + Math.max(1, Math.min(plan.minForks - done, Math.floor(context.secondsLeft() / leastSeconds)));
  for (let fork = context.firstFork; ; fork++) {
    const start = context.secondsLeft();
    const until = start - start / Math.max(1, minForks - done);
    await context.withFork(fork, specs, (running) =>
      new DistanceFork(context, plan, share, running).measure(grid, until),
    );
    if (context.signal.aborted) return 'interrupted';
    done++;
    const left = context.secondsLeft();
    if (done >= plan.maxForks) return 'plan';
    if (left < (done < minForks ? NEARLY : 1) * (start - left)) return done < plan.minForks ? 'budget' : 'plan';
  }
}

export const distance: Experiment = {
  name: DISTANCE,
  question: 'What does a remote Redis cost?',
  inQuick: false,
  usesRedis: false,
  seconds: { quick: 45, full: 120 },
  defaultArms: armsByProfile({
    // Those that always ask Redis, and one that never does and so shows what the distance does not change.
    quick: armsWhere((arm) => !arm.baseline && isPlainOr(arm) && (isReference(arm) || alwaysAsksRedis(arm))),
    full: armsWhere((arm) => showsTheStore(arm) || isHandTunedInRedis(arm)),
  }),
  run,
  analyse: analyseDistance,
};
