/**
 * Measures latency: each load of each arm in an open loop, right after measuring the capacity that it is a share of.
 */
import type { StoppedBy } from '../../../core/results/schema.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import { openRequests } from '../../load/connection/request.ts';
import type { OpenOptions } from '../../load/open/schema.ts';
import { noteBalancer } from '../../measuring/balancer-note.ts';
import { type Cell, cells, randomisedBlock } from '../../measuring/cells.ts';
import type { ExperimentContext, RunningFork } from '../../measuring/experiment.ts';
import { balancerFlags, saturationFlags } from '../../measuring/load-flags.ts';
import { openFlags, openSlice } from '../../measuring/open-slice.ts';
import { type ForkTime, runForks } from '../../measuring/run-forks.ts';
import { saturatedRate } from '../../measuring/saturated-rate.ts';
import { meRequests, type NewSlice, type Position, processesOf, sliceOf, targetOf } from '../../measuring/slices.ts';
import { isDisturbed } from '../../measuring/undisturbed.ts';
import { WarmUps, warmUp } from '../../measuring/warm-up.ts';
import { watchedOpenRun } from '../../measuring/watched-open-run.ts';
import {
  CAPACITY_WINDOWS,
  CONNECTIONS,
  LATENCY,
  type LatencyPlan,
  latencyPlan,
  latencySpecs,
  MAX_CONNECTIONS,
  MOST_WARM_UP_PART,
  MOST_WARM_UPS,
  REPEATS,
  TIMEOUT_MS,
  WARM_UP_MS,
} from './plan.ts';

interface Repetitions {
  readonly again: number;
  readonly disturbed: number;
}

export async function measureLatency(context: ExperimentContext): Promise<StoppedBy> {
  const planned = latencyPlan(context.config.profile, context.secondsLeft());
  const { mostForks = planned.minForks } = context;
  // With fewer starts, each measures its loads as often as all of them would have.
  const plan = { ...planned, passes: planned.passes * Math.max(1, Math.ceil(planned.minForks / mostForks)) };
  const names = context.arms.map(({ name }) => name);
  const grid = cells(names, { load_pct: plan.loads });
  const total = { again: 0, disturbed: 0 };
  noteBalancer(LATENCY, context);
  const stoppedBy = await runForks(context, { ...plan, specs: latencySpecs(context) }, async (running, time) => {
    const { again, disturbed } = await new LatencyFork(context, plan, running).measure(grid, time);
    total.again += again;
    total.disturbed += disturbed;
  });
  if (stoppedBy !== 'interrupted' && total.again + total.disturbed > 0) context.note(repeatsNote(total));
  return stoppedBy;
}

function repeatsNote({ again, disturbed }: Repetitions): string {
  const which = 'slices disturbed by the machine or the load generator';
  if (again === 0) return `latency: ${disturbed} ${which} are flagged, because the budget left no time to repeat them`;
  const left = disturbed === 0 ? 'none remained disturbed' : `${disturbed} remained disturbed and are flagged`;
  return `latency: ${which} were measured again (repetitions: ${again}); ${left}`;
}

function openOptions(fleet: Fleet, ratePerSecond: number, plan: LatencyPlan, seed: number): OpenOptions {
  const { addresses, requests } = targetOf(fleet, meRequests(fleet));
  return {
    targets: addresses,
    requests: openRequests(addresses, requests),
    ratePerSecond,
    durationMs: plan.sliceMs,
    warmupMs: plan.warmUpMs,
    // Poisson arrivals: evenly spaced ones would flatter every queue.
    arrivals: 'poisson',
    seed,
    timeoutMs: TIMEOUT_MS,
    connections: CONNECTIONS,
    maxConnections: MAX_CONNECTIONS,
  };
}

class LatencyFork {
  readonly #context: ExperimentContext;
  readonly #plan: LatencyPlan;
  readonly #running: RunningFork;
  #warmUps = new WarmUps();
  /** Windows at saturation in this start, by arm. */
  readonly #windows = new Map<string, NewSlice[]>();
  #order = 0;

  constructor(context: ExperimentContext, plan: LatencyPlan, running: RunningFork) {
    this.#context = context;
    this.#plan = plan;
    this.#running = running;
  }

  /** @returns how many slices were repeated, and how many were still disturbed */
  async measure(grid: readonly Cell[], time: ForkTime): Promise<Repetitions> {
    const { fork, fleets, generator } = this.#running;
    const { random, progress } = this.#context;
    this.#running.setApart();
    progress({ step: `start ${fork + 1}: warming up` });
    await generator.ask(
      'open',
      fleets.map((fleet) => targetOf(fleet, meRequests(fleet))),
    );
    this.#warmUps = await warmUp(generator, { timeoutMs: WARM_UP_MS, note: this.#context.note });
    await generator.ask('open', []);
    await this.#warmUpOpen(time);
    const { passes, disturbed: cells } = await this.#passes(grid);
    let disturbed = cells;
    const forkSeconds = time.spentSeconds();
    let again = 0;
    for (let pass = passes; pass < passes + REPEATS; pass++) {
      // Another fork is worth more than repetitions in this one.
      const seconds = this.#context.secondsLeft() - time.forksAfter * forkSeconds;
      const fit = Math.max(0, Math.floor((seconds / forkSeconds) * grid.length));
      const wanted = randomisedBlock(disturbed, random, fork, pass);
      const chosen = wanted.slice(0, fit);
      again += chosen.length;
      disturbed = [...wanted.slice(fit), ...(await this.#pass(chosen, pass))];
    }
    return { again, disturbed: disturbed.length };
  }

  /** @returns how often every cell was measured, and the cells that were disturbed each time */
  async #passes(grid: readonly Cell[]): Promise<{ readonly passes: number; readonly disturbed: Cell[] }> {
    const { random, secondsLeft, signal } = this.#context;
    let disturbed = [...grid];
    for (let pass = 0; ; pass++) {
      const before = secondsLeft();
      const again = await this.#pass(randomisedBlock(grid, random, this.#running.fork, pass), pass);
      disturbed = disturbed.filter((cell) => again.includes(cell));
      const isLast = pass + 1 === this.#plan.passes || secondsLeft() < before - secondsLeft();
      if (isLast || signal.aborted) return { passes: pass + 1, disturbed };
    }
  }

  /** @returns the cells that were disturbed */
  async #pass(wanted: readonly Cell[], pass: number): Promise<Cell[]> {
    const { fork, fleets } = this.#running;
    const { signal, progress } = this.#context;
    const disturbed: Cell[] = [];
    for (const cell of wanted) {
      const fleet = fleets.find(({ spec }) => spec.key === cell.arm);
      if (fleet === undefined || signal.aborted) break;
      const rate = ((await this.#capacity(fleet)) * Number(cell.factors.load_pct)) / 100;
      const order = this.#order++;
      const again = pass === 0 ? '' : ', again';
      progress({
        step: `start ${fork + 1}: ${cell.arm} at ${cell.factors.load_pct} % (${Math.round(rate)} req/s)${again}`,
      });
      if (rate === 0 || signal.aborted) continue;
      if (await this.#slice(cell, fleet, rate, { fork, block: pass, order })) disturbed.push(cell);
    }
    return disturbed;
  }

  /**
   * Saturated req/s of an arm, from the last windows of this start: a single window is off by a tenth, and at 90 % of
   * its value, one slice in six would be beyond capacity.
   */
  async #capacity(fleet: Fleet): Promise<number> {
    const { fork } = this.#running;
    const windows = this.#windows.get(fleet.spec.key) ?? [];
    this.#windows.set(fleet.spec.key, windows);
    do {
      this.#context.progress({ step: `start ${fork + 1}: capacity of ${fleet.spec.key}` });
      const tally = await this.#saturate(fleet);
      const order = this.#order++;
      const flags = saturationFlags(tally, this.#context.cores);
      const slice = sliceOf(tally, { mode: 'closed', position: { fork, block: 1 + order, order }, factors: {}, flags });
      windows.push(slice);
      this.#context.record(this.#warmUps.onto(slice, fleet.spec.key));
    } while (windows.length < CAPACITY_WINDOWS.first && !this.#context.signal.aborted);
    return saturatedRate(windows.slice(-CAPACITY_WINDOWS.last));
  }

  #saturate(fleet: Fleet) {
    const target = targetOf(fleet, meRequests(fleet));
    return this.#running.generator.ask('closed', { target, connections: CONNECTIONS, ...this.#plan.capacity });
  }

  /** The open loop compiles its own code during its first runs, so they are not measured. */
  async #warmUpOpen(time: ForkTime): Promise<void> {
    const { fork, fleets } = this.#running;
    const { progress, signal } = this.#context;
    const open = await this.#running.open();
    const [load = 50] = this.#plan.loads;
    const isLate = () => time.spentSeconds() > MOST_WARM_UP_PART * (time.spentSeconds() + time.leftSeconds());
    for (let run = 0; run < MOST_WARM_UPS && !open.isWarm && !isLate() && !signal.aborted; run++) {
      const fleet = fleets[run % fleets.length];
      if (fleet === undefined) return;
      progress({ step: `start ${fork + 1}: warming up the open loop` });
      const rate = ((await this.#capacity(fleet)) * load) / 100;
      if (rate === 0 || signal.aborted) return;
      const options = openOptions(fleet, rate, this.#plan, run);
      await open.run({ ...options, warmupMs: 0, durationMs: this.#plan.warmUpOpenMs }, signal);
    }
  }

  /** @returns whether the machine or the load generator disturbed it */
  async #slice(cell: Cell, fleet: Fleet, rate: number, position: Position): Promise<boolean> {
    const seed = this.#context.random.derive(`open ${position.fork} ${position.order}`).integer(2 ** 31);
    const options = openOptions(fleet, rate, this.#plan, seed);
    const { signal } = this.#context;
    const { result, machine, cpu } = await watchedOpenRun(this.#running, options, processesOf(fleet), signal);
    const balanced = cpu === null ? [] : balancerFlags(cpu.balancerCpuNs ?? [], cpu.wallNs);
    const flags = [...openFlags(result), ...machine.flags, ...balanced];
    const slice = openSlice(result, { cell, position, machine: machine.late, cpu, flags });
    this.#context.record(this.#warmUps.onto(slice, fleet.spec.key));
    return isDisturbed(slice);
  }
}
