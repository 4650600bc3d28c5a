/** Measures tolls: all arms in paired micro-batches, and in the full profile each arm at saturation. */
import type { Measures } from '../../../core/results/measures.ts';
import type { StoppedBy } from '../../../core/results/schema.ts';
import { areKnown } from '../../../core/stats/stop.ts';
import type { StoreCounters } from '../../fleet/counters.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import { BlockLengths } from '../../measuring/block-lengths.ts';
import { declarationFlags } from '../../measuring/declared-commands.ts';
import type { ExperimentContext, RunningFork } from '../../measuring/experiment.ts';
import { saturationFlags } from '../../measuring/load-flags.ts';
import { pairedSlices } from '../../measuring/paired-block.ts';
import { type ForkTime, runForks } from '../../measuring/run-forks.ts';
import { meRequests, sliceOf, targetOf } from '../../measuring/slices.ts';
import { WarmUps, warmUp } from '../../measuring/warm-up.ts';
import { liveRatios, ratioEstimates } from './analyse.ts';
import { TARGET_HALF_WIDTH, TOLL_PLANS, type TollFleet, type TollPlan, tollFleets } from './plan.ts';

export function measureToll(context: ExperimentContext): Promise<StoppedBy> {
  const plan = TOLL_PLANS[context.config.profile];
  const baseline = baselineOf(context);
  return runForks(
    context,
    { ...plan, specs: tollFleets(context, plan).map(({ spec }) => spec) },
    (running, time, index) => new TollFork(context, plan, running, time).measure(index),
    () => {
      const ratios = ratioEstimates(context.recorded(), baseline, context.config.seed);
      return areKnown(ratios, { target: TARGET_HALF_WIDTH, minimumForks: plan.minForks });
    },
  );
}

/** Counters of a store that may also serve others. */
function countersOf({ redis, foreign }: Fleet): StoreCounters[] {
  const shared: StoreCounters[] = redis?.shared
    ? [
        {
          when: 'each-fork',
          settled: async () => {},
          read: async () => ({ redis_commands: await redis.commands(), redis_cpu_ns: await redis.cpuNanos() }),
        },
      ]
    : [];
  return [...shared, ...(foreign?.counters ?? [])];
}

function difference(after: Measures, before: Measures): Measures {
  const numbers = Object.entries(after).flatMap(([name, value]): [string, number][] => {
    const earlier = before[name as keyof Measures];
    return typeof value === 'number' && typeof earlier === 'number' ? [[name, value - earlier]] : [];
  });
  return Object.fromEntries(numbers);
}

function baselineOf({ arms }: ExperimentContext): string {
  return arms.find(({ baseline }) => baseline)?.name ?? '';
}

class TollFork {
  readonly #context: ExperimentContext;
  readonly #plan: TollPlan;
  readonly #running: RunningFork;
  readonly #time: ForkTime;
  readonly #fleets: ReadonlyMap<string, TollFleet>;
  #warmUps = new WarmUps();
  #block = 0;

  constructor(context: ExperimentContext, plan: TollPlan, running: RunningFork, time: ForkTime) {
    this.#context = context;
    this.#plan = plan;
    this.#running = running;
    this.#time = time;
    this.#fleets = new Map(tollFleets(context, plan).map((fleet) => [fleet.spec.key, fleet]));
  }

  async measure(index: number): Promise<void> {
    const { fleets, generator } = this.#running;
    const { inFlight: loads, warmUpMs, blockMs } = this.#plan;
    await generator.ask(
      'open',
      fleets.map((fleet) => targetOf(fleet, meRequests(fleet))),
    );
    this.#context.progress({ step: `start ${this.#running.fork + 1}: warming up` });
    this.#warmUps = await warmUp(generator, { timeoutMs: warmUpMs, note: this.#context.note });
    this.#running.setServersApart();
    const lengths = new BlockLengths(blockMs);
    const block = (inFlight: number, mode: 'paired' | 'warm-up') =>
      lengths.run(String(inFlight), (rounds) => this.#pairedBlock(inFlight, rounds, mode));
    for (const inFlight of loads) if (!this.#over()) await block(inFlight, 'warm-up');
    this.#time.loadBegins();
    for (let i = 0; !this.#over() && (i < this.#plan.leastBlocks || this.#hasTimeFor(lengths.eachOnceMs())); i++) {
      for (const inFlight of loads) if (!this.#over()) await block(inFlight, 'paired');
    }
    await this.#countShared(index);
    await this.#closedBlock();
  }

  /** Whether a block of each load fits into this fork's share, together with what follows. */
  #hasTimeFor(blocksMs: number): boolean {
    const { closed } = this.#plan;
    const closedMs = closed === null ? 0 : this.#context.arms.length * (closed.rampMs + closed.windowMs);
    // Half a block too many is as far off as half a block too few.
    return 1000 * (this.#time.leftSeconds() - this.#time.endSeconds) > closedMs + blocksMs / 2;
  }

  #over(): boolean {
    return this.#context.signal.aborted;
  }

  #seed(label: string): number {
    return this.#context.random.derive(`${label} fork ${this.#running.fork} block ${this.#block}`).integer(2 ** 31);
  }

  async #pairedBlock(inFlight: number, rounds: number, mode: 'paired' | 'warm-up'): Promise<void> {
    const context = this.#context;
    const { fork, fleets, generator } = this.#running;
    const position = { fork, block: this.#block++ };
    const options = { rounds, inFlight, seed: this.#seed('paired'), keys: null };
    const targets = new Map(fleets.map((fleet) => [fleet.spec.key, fleet]));
    const cellOf = (key: string) => {
      const { arm = key, process = 0 } = this.#fleets.get(key) ?? {};
      return { arm, process, factors: { in_flight: inFlight } };
    };
    const warmUps = this.#warmUps;
    const startedMs = performance.now();
    const slices = await pairedSlices({ generator, targets, position, options, cellOf, warmUps, mode });
    const blockMs = performance.now() - startedMs;
    for (const slice of slices) {
      const fleet = targets.get(slice.arm ?? '');
      const span = { durationMs: blockMs, replicas: fleet?.replicas.length ?? 0 };
      const flags =
        fleet === undefined ? slice.flags : [...slice.flags, ...declarationFlags(fleet.spec.arm, slice, span)];
      context.record({ ...slice, flags });
    }
    const live = liveRatios(context.recorded(), baselineOf(context));
    context.progress({ step: `start ${fork + 1}, block ${position.block + 1}`, live });
  }

  /** With a shared store, each arm is loaded separately: the counters then show the work of that arm. */
  async #countShared(index: number): Promise<void> {
    const { fork, fleets, generator } = this.#running;
    const { signal } = this.#context;
    const inFlight = this.#plan.inFlight.includes(10) ? 10 : (this.#plan.inFlight[0] ?? 1);
    const block = this.#block++;
    for (const [order, fleet] of fleets.entries()) {
      const counters = countersOf(fleet).filter(({ when }) => when === 'each-fork' || index === 0);
      if (counters.length === 0) continue;
      if (counters.some(({ when }) => when === 'first-fork'))
        this.#context.progress({ step: `start ${fork + 1}: counting the store operations of a request` });
      const read = async (): Promise<Measures> => {
        await Promise.all(counters.map((each) => each.settled(signal)));
        return Object.assign({}, ...(await Promise.all(counters.map((each) => each.read()))));
      };
      const before = await read();
      const [tally] = await generator.ask('paired', { rounds: 3, inFlight, seed: 0, keys: [fleet.spec.key] });
      if (!tally) continue;
      const measures = difference(await read(), before);
      const position = { fork, block, order };
      const factors = { in_flight: inFlight };
      const flags = fleet.redis?.shared ? (['redis-shared'] as const) : [];
      this.#context.record(sliceOf(tally, { mode: 'count', position, factors, measures, flags }));
    }
  }

  /** Saturated throughput: every arm once, in random order. */
  async #closedBlock(): Promise<void> {
    const { fork, fleets, generator } = this.#running;
    if (this.#plan.closed === null) return;
    const { connections, rampMs, windowMs } = this.#plan.closed;
    const block = this.#block++;
    const first = fleets.filter(({ spec }) => this.#fleets.get(spec.key)?.process === 0);
    const shuffled = this.#context.random.derive(`closed fork ${fork}`).shuffle(first);
    for (const [order, fleet] of shuffled.entries()) {
      if (this.#over()) return;
      this.#context.progress({ step: `start ${fork + 1}: ${fleet.spec.key} at saturation` });
      const target = targetOf(fleet, meRequests(fleet));
      const tally = await generator.ask('closed', { target, connections, rampMs, windowMs });
      const flags = saturationFlags(tally, this.#context.cores);
      const factors = { in_flight: connections };
      const slice = sliceOf(tally, { mode: 'closed', position: { fork, block, order }, factors, flags });
      this.#context.record(this.#warmUps.onto(slice, fleet.spec.key));
    }
  }
}
