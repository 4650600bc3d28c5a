/** What do users feel at a given load? Open loop at fixed shares of each arm's own measured capacity. */

import type { StoppedBy } from '../../../core/results/schema.ts';
import type { Fleet, FleetSpec } from '../../fleet/fleet.ts';
import { openRequests } from '../../load/connection/request.ts';
import type { OpenOptions } from '../../load/open/schema.ts';
import type { Tally } from '../../load/protocol.ts';
import { armsByProfile, armsWhere, fewArms, isHandTunedInRedis, isReference } from '../../measuring/arms.ts';
import type { Experiment, ExperimentContext, Profile, RunningFork } from '../../measuring/experiment.ts';
import { saturationFlags } from '../../measuring/load-flags.ts';
import { openFlags, openSlice, type Place } from '../../measuring/open-slice.ts';
import { type Cell, cells, randomisedBlock } from '../../measuring/plan.ts';
import { meRequests, sliceOf, targetOf } from '../../measuring/slices.ts';
import { isDisturbed } from '../../measuring/undisturbed.ts';
import { analyseLatency } from './analyse.ts';

export const LATENCY = 'latency';

interface Repetitions {
  readonly again: number;
  readonly disturbed: number;
}

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

const TOGETHER = 'latency: the load generator had no core to itself, so its own waiting is in the latencies';

/** Users, and connections at saturation and at the start of a slice. */
const CONNECTIONS = 32;
/** Further ones are opened while all are busy, as a browser's users would. */
const MAX_CONNECTIONS = 256;
const WARM_UP_MS = 20_000;
/** Of the open loop's own, at the first of the loads. */
const WARM_UP_OPEN_MS = 1_500;
/** However slow the arms. */
const MOST_WARM_UPS = 8;
const TIMEOUT_MS = 5_000;

/** How often at most a slice is measured again that the machine or the generator got into. */
const REPEATS = 2;

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

function rateOf(tally: Tally): number {
  return ((tally.requests - tally.unexpected) * 1000) / tally.durationMs;
}

class LatencyFork {
  readonly #context: ExperimentContext;
  readonly #plan: Plan;
  readonly #running: RunningFork;
  #order = 0;

  constructor(context: ExperimentContext, plan: Plan, running: RunningFork) {
    this.#context = context;
    this.#plan = plan;
    this.#running = running;
  }

  /**
   * @param begunWith seconds left when its processes were started
   * @param forksAfter which the budget must still bear
   * @returns how many slices were measured again, and how many stayed disturbed all the same
   */
  async measure(grid: readonly Cell[], begunWith: number, forksAfter: number): Promise<Repetitions> {
    const { fork, fleets, generator } = this.#running;
    const { random, progress } = this.#context;
    if (!this.#running.setApart()) this.#context.note(TOGETHER);
    progress({ step: `fork ${fork + 1}: warming up` });
    await generator.ask(
      'open',
      fleets.map((fleet) => targetOf(fleet, meRequests(fleet))),
    );
    await generator.ask('warmUp', { requestsPerTarget: this.#plan.warmUpRequests, timeoutMs: WARM_UP_MS, keys: null });
    await generator.ask('open', []);
    await this.#warmUpOpen();
    let disturbed = await this.#turn(randomisedBlock(grid, random, fork, 0), 0);
    const forkSeconds = begunWith - this.#context.secondsLeft();
    let again = 0;
    for (let turn = 1; turn <= REPEATS; turn++) {
      // Further starts tell more than repetitions do.
      const seconds = this.#context.secondsLeft() - forksAfter * forkSeconds;
      const fit = Math.max(0, Math.floor((seconds / forkSeconds) * grid.length));
      const wanted = randomisedBlock(disturbed, random, fork, turn);
      const chosen = wanted.slice(0, fit);
      again += chosen.length;
      disturbed = [...wanted.slice(fit), ...(await this.#turn(chosen, turn))];
    }
    return { again, disturbed: disturbed.length };
  }

  /** @returns the cells that were disturbed */
  async #turn(turns: readonly Cell[], turn: number): Promise<Cell[]> {
    const { fork, fleets } = this.#running;
    const { signal, progress } = this.#context;
    const disturbed: Cell[] = [];
    for (const cell of turns) {
      const fleet = fleets.find(({ spec }) => spec.key === cell.arm);
      if (fleet === undefined || signal.aborted) break;
      const order = this.#order++;
      // A machine's speed drifts by tens of per cent within seconds: a load is a part of what it bears just now.
      const rate = ((await this.#capacity(fleet, order)) * Number(cell.factors.load_pct)) / 100;
      const again = turn === 0 ? '' : ', again';
      progress({
        step: `fork ${fork + 1}: ${cell.arm} at ${cell.factors.load_pct} % (${Math.round(rate)} req/s)${again}`,
      });
      if (rate === 0 || signal.aborted) continue;
      if (await this.#slice(cell, fleet, rate, { fork, block: turn, order })) disturbed.push(cell);
    }
    return disturbed;
  }

  /** Saturated req/s of an arm. */
  async #capacity(fleet: Fleet, order: number): Promise<number> {
    const { fork } = this.#running;
    this.#context.progress({ step: `fork ${fork + 1}: capacity of ${fleet.spec.key}` });
    const tally = await this.#saturate(fleet);
    const flags = saturationFlags(tally, this.#context.cores);
    this.#context.record(sliceOf(tally, 'closed', { fork, block: 1 + order, order }, {}, { flags }));
    return rateOf(tally);
  }

  #saturate(fleet: Fleet): Promise<Tally> {
    const target = targetOf(fleet, meRequests(fleet));
    return this.#running.generator.ask('closed', { target, connections: CONNECTIONS, ...this.#plan.capacity });
  }

  /** What the open loop does at first is not measured: it compiles its own code meanwhile. */
  async #warmUpOpen(): Promise<void> {
    const { fork, fleets } = this.#running;
    const { progress, signal } = this.#context;
    const open = await this.#running.open();
    const [load = 50] = this.#plan.loads;
    for (let run = 0; run < MOST_WARM_UPS && !open.isWarm && !signal.aborted; run++) {
      const fleet = fleets[run % fleets.length];
      if (fleet === undefined) return;
      progress({ step: `fork ${fork + 1}: warming up the open loop` });
      const rate = (rateOf(await this.#saturate(fleet)) * load) / 100;
      if (rate === 0 || signal.aborted) return;
      const options = openOptions(fleet, rate, this.#plan, run);
      await open.run({ ...options, warmupMs: 0, durationMs: WARM_UP_OPEN_MS }, signal);
    }
  }

  /** @returns whether the machine or the generator got into it */
  async #slice(cell: Cell, fleet: Fleet, rate: number, place: Place): Promise<boolean> {
    const seed = this.#context.random.derive(`open ${place.fork} ${place.order}`).integer(2 ** 31);
    const meter = await this.#running.meter();
    await meter.mark();
    const generator = await this.#running.open();
    const result = await generator.run(openOptions(fleet, rate, this.#plan, seed), this.#context.signal);
    const machine = await meter.mark();
    const slice = openSlice(cell, result, place, machine.late, [...openFlags(result), ...machine.flags]);
    this.#context.record(slice);
    return isDisturbed(slice);
  }
}

function repeatsNote({ again, disturbed }: Repetitions): string {
  const which = 'slices that the machine or the load generator got into';
  if (again === 0) return `latency: ${disturbed} ${which} are flagged: the budget left no time to measure them again`;
  const left = disturbed === 0 ? 'none is left' : `${disturbed} are left, and flagged`;
  return `latency: ${which} were measured again, ${again} times; ${left}`;
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
  const total = { again: 0, disturbed: 0 };
  for (let fork = context.firstFork; ; fork++) {
    const start = context.secondsLeft();
    await context.withFork(fork, specs, async (running) => {
      const forksAfter = Math.max(0, plan.minForks - done - 1);
      const { again, disturbed } = await new LatencyFork(context, plan, running).measure(grid, start, forksAfter);
      total.again += again;
      total.disturbed += disturbed;
    });
    if (context.signal.aborted) return 'interrupted';
    done++;
    const left = context.secondsLeft();
    if (done < plan.maxForks && left >= start - left) continue;
    if (total.again + total.disturbed > 0) context.note(repeatsNote(total));
    return done < plan.minForks ? 'budget' : 'plan';
  }
}

export const latency: Experiment = {
  name: LATENCY,
  question: 'What do users feel at a given load?',
  inQuick: false,
  usesRedis: false,
  seconds: { quick: 75, full: 270 },
  // Each load of each arm takes seconds in every fork: all arms would leave each but one or two forks.
  defaultArms: armsByProfile({
    quick: fewArms,
    full: armsWhere((arm) => arm.baseline || isReference(arm) || isHandTunedInRedis(arm)),
  }),
  run,
  analyse: analyseLatency,
};
