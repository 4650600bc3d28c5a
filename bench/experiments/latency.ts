/** What do users feel at a given load? Open loop at fixed shares of each arm's own measured capacity. */
import type { Fleet, FleetSpec } from '../fleet/fleet.ts';
import type { OpenOptions, OpenResult } from '../load/open-schema.ts';
import { openRequests } from '../load/request.ts';
import { type Cell, cells, randomisedBlock } from '../plan.ts';
import type { Flag } from '../results/flags.ts';
import type { Slice, StoppedBy } from '../results/schema.ts';
import type { Experiment, ExperimentContext, Profile, RunningFork } from './experiment.ts';
import { analyseLatency } from './latency-analysis.ts';
import { saturationFlags } from './load-flags.ts';
import { meRequests, sliceOf, targetOf } from './slices.ts';

export const LATENCY = 'latency';

interface Plan {
  /** Per cent of the arm's capacity, as measured right before. */
  readonly loads: readonly number[];
  readonly minForks: number;
  readonly maxForks: number;
  readonly warmUpRequests: number;
  readonly capacity: { readonly rampMs: number; readonly windowMs: number };
  readonly warmUpMs: number;
  readonly sliceMs: number;
}

const PLANS: Readonly<Record<Profile, Plan>> = {
  quick: {
    loads: [50, 90],
    minForks: 4,
    maxForks: 8,
    warmUpRequests: 12_000,
    capacity: { rampMs: 100, windowMs: 300 },
    warmUpMs: 200,
    sliceMs: 1_000,
  },
  full: {
    loads: [50, 75, 90, 95],
    minForks: 4,
    maxForks: 20,
    warmUpRequests: 20_000,
    capacity: { rampMs: 150, windowMs: 450 },
    warmUpMs: 300,
    sliceMs: 2_000,
  },
};

const DEFAULT_ARMS: Readonly<Record<Profile, readonly string[]>> = {
  quick: ['none', 'session-redis', 'jwt-hs256'],
  full: ['none', 'session-redis', 'session-redis-lean', 'jwt-hs256'],
};

const TOGETHER = 'latency: the load generator had no core to itself, so its own waiting is in the latencies';

/** Users, and connections at saturation and at the start of a slice. */
const CONNECTIONS = 32;
/** Further ones are opened while all are busy, as a browser's users would. */
const MAX_CONNECTIONS = 256;
const WARM_UP_MS = 20_000;
/** Of the open loop's own: what most arms bear. */
const WARM_UP_RATE = 3_000;
const WARM_UP_OPEN_MS = 3_000;
const TIMEOUT_MS = 5_000;

/** A schedule is kept when this share of its requests is sent within 1 ms of their time. */
const IN_TIME = 0.99;
/** Above this share of the time that the generator waited for a core, processes wait for each other. */
const WAITED = 0.05;
/** Beyond this share sent late by the generator itself, the tail is the generator's. */
const GENERATOR_LATE = 0.01;

function openOptions(fleet: Fleet, ratePerSecond: number, plan: Plan, seed: number): OpenOptions {
  const { addresses, requests } = targetOf(fleet, meRequests(fleet));
  return {
    targets: addresses,
    requests: openRequests(addresses, requests),
    ratePerSecond,
    durationMs: plan.sliceMs,
    warmupMs: plan.warmUpMs,
    // Users do not take turns: evenly spaced arrivals would flatter every queue.
    arrivals: 'poisson',
    seed,
    timeoutMs: TIMEOUT_MS,
    connections: CONNECTIONS,
    maxConnections: MAX_CONNECTIONS,
  };
}

/** Validity of an open slice, from what the generator says of itself. Pure. */
export function openFlags(result: OpenResult): Flag[] {
  const flags: Flag[] = [];
  if (result.achievedRate < IN_TIME * result.askedRate) flags.push('rate-missed');
  if (result.scheduled > 0 && result.generatorLate.count / result.scheduled > GENERATOR_LATE)
    flags.push('generator-saturated');
  if (result.cpuWaitMs !== null && result.cpuWaitMs > WAITED * result.durationMs) flags.push('oversubscribed');
  if (result.unexpected + result.failed + result.timedOut + result.unanswered > 0) flags.push('unexpected-responses');
  return flags;
}

class LatencyFork {
  readonly #context: ExperimentContext;
  readonly #plan: Plan;
  readonly #running: RunningFork;

  constructor(context: ExperimentContext, plan: Plan, running: RunningFork) {
    this.#context = context;
    this.#plan = plan;
    this.#running = running;
  }

  async measure(grid: readonly Cell[]): Promise<void> {
    const { fork, fleets, generator } = this.#running;
    const { random, signal, progress } = this.#context;
    if (!this.#running.setApart()) this.#context.note(TOGETHER);
    progress({ step: `fork ${fork + 1}: warming up` });
    await generator.open(fleets.map((fleet) => targetOf(fleet, meRequests(fleet))));
    await generator.warmUp(this.#plan.warmUpRequests, WARM_UP_MS);
    await generator.open([]);
    await this.#warmUpOpen();
    for (const [order, cell] of randomisedBlock(grid, random, fork, 0).entries()) {
      const fleet = fleets.find(({ spec }) => spec.key === cell.arm);
      if (signal.aborted || fleet === undefined) return;
      // A machine's speed drifts by tens of per cent within seconds: a load is a part of what it bears just now.
      const rate = ((await this.#capacity(fleet, order)) * Number(cell.factors.load_pct)) / 100;
      progress({ step: `fork ${fork + 1}: ${cell.arm} at ${cell.factors.load_pct} % (${Math.round(rate)} req/s)` });
      if (rate > 0 && !signal.aborted) await this.#slice(cell, fleet, rate, order);
    }
  }

  /** Saturated req/s of an arm. */
  async #capacity(fleet: Fleet, order: number): Promise<number> {
    const { fork, generator } = this.#running;
    this.#context.progress({ step: `fork ${fork + 1}: capacity of ${fleet.spec.key}` });
    const target = targetOf(fleet, meRequests(fleet));
    const tally = await generator.closed({ target, connections: CONNECTIONS, ...this.#plan.capacity });
    const flags = saturationFlags(tally, this.#context.cores);
    this.#context.record(sliceOf(tally, 'closed', { fork, block: 1 + order, order }, {}, { flags }));
    return ((tally.requests - tally.unexpected) * 1000) / tally.durationMs;
  }

  /** What the open loop does at first is not measured: it compiles its own code meanwhile. */
  async #warmUpOpen(): Promise<void> {
    const { fork, fleets } = this.#running;
    const { progress, signal } = this.#context;
    const open = await this.#running.open();
    for (const fleet of fleets) {
      if (open.isWarm || signal.aborted) return;
      progress({ step: `fork ${fork + 1}: warming up the open loop` });
      const options = openOptions(fleet, WARM_UP_RATE, this.#plan, 0);
      await open.run({ ...options, warmupMs: 0, durationMs: WARM_UP_OPEN_MS }, signal);
    }
  }

  async #slice(cell: Cell, fleet: Fleet, rate: number, order: number): Promise<void> {
    const { fork } = this.#running;
    const seed = this.#context.random.fork(`open ${fork} ${order}`).integer(2 ** 31);
    const meter = await this.#running.meter();
    await meter.mark();
    const generator = await this.#running.open();
    const result = await generator.run(openOptions(fleet, rate, this.#plan, seed), this.#context.signal);
    const machine = await meter.mark();
    this.#context.record(
      openSlice(cell, result, { fork, block: 0, order }, machine.late, [...openFlags(result), ...machine.flags]),
    );
  }
}

/** @param machine the machine's own lateness meanwhile, where it was watched */
export function openSlice(
  cell: Cell,
  result: OpenResult,
  place: { fork: number; block: number; order: number },
  machine: string | null,
  flags: readonly Flag[],
): Omit<Slice, 'kind' | 'experiment'> {
  return {
    ...place,
    arm: cell.arm,
    factors: cell.factors,
    mode: 'open',
    durationMs: result.durationMs,
    requests: result.answered,
    unexpected: result.unexpected,
    failed: result.failed + result.timedOut + result.unanswered,
    statuses: result.statuses,
    measures: {
      asked_rate_rps: result.askedRate,
      achieved_rate_rps: result.achievedRate,
      scheduled: result.scheduled,
      sent_in_time: result.sentInTime,
      timed_out: result.timedOut,
      unanswered: result.unanswered,
      never_sent: result.neverSent,
      generator_late: result.generatorLate.count,
      connection_wait: result.connectionWait.count,
      peak_in_flight: result.peakInFlight,
      ...(result.cpuWaitMs === null ? {} : { generator_wait_ms: result.cpuWaitMs }),
      request_bytes: result.requestBytes,
      response_bytes: result.responseBytes,
    },
    histograms: {
      corrected: result.corrected,
      service: result.service,
      send_gap: result.sendGap,
      ...(machine === null ? {} : { machine }),
    },
    flags: [...new Set(flags)],
  };
}

async function run(context: ExperimentContext): Promise<StoppedBy> {
  const plan = PLANS[context.config.profile];
  const specs: FleetSpec[] = context.arms.map((arm) => ({
    key: arm.name,
    arm,
    replicas: 1,
    replicaShare: null,
    redisShare: null,
    users: CONNECTIONS,
  }));
  const grid = cells(
    context.arms.map(({ name }) => name),
    { load_pct: plan.loads },
  );
  let done = new Set(context.prior.map(({ fork }) => fork)).size;
  for (let fork = context.firstFork; ; fork++) {
    const start = context.secondsLeft();
    await context.withFork(fork, specs, (running) => new LatencyFork(context, plan, running).measure(grid));
    if (context.signal.aborted) return 'interrupted';
    done++;
    const left = context.secondsLeft();
    if (done >= plan.maxForks) return 'plan';
    if (left < start - left) return done < plan.minForks ? 'budget' : 'plan';
  }
}

export const latency: Experiment = {
  name: LATENCY,
  question: 'What do users feel at a given load?',
  inQuick: false,
  usesRedis: false,
  seconds: { quick: 75, full: 270 },
  // Each load of each arm takes seconds in every fork: all arms would leave each but one or two forks.
  defaultArms: (all, profile) => all.filter(({ name }) => DEFAULT_ARMS[profile].includes(name)).map(({ name }) => name),
  run,
  analyse: analyseLatency,
};
