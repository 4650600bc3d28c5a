/** Measures tolls: all arms in paired micro-batches, and in the full profile each arm at saturation. */
import type { Measures } from '../../../core/results/measures.ts';
import type { StoppedBy } from '../../../core/results/schema.ts';
import { areKnown } from '../../../core/stats/stop.ts';
import { declarationFlags } from '../../measuring/declared-commands.ts';
import type { ExperimentContext, RunningFork } from '../../measuring/experiment.ts';
import { saturationFlags } from '../../measuring/load-flags.ts';
import { pairedSlices, roundsFor } from '../../measuring/paired-block.ts';
import { runForks } from '../../measuring/run-forks.ts';
import { meRequests, sliceOf, targetOf } from '../../measuring/slices.ts';
import { WarmUps, warmUp } from '../../measuring/warm-up.ts';
import { liveRatios, ratioEstimates } from './analyse.ts';
import { TARGET_HALF_WIDTH, TOLL_PLANS, type TollPlan, tollSpecs } from './plan.ts';

export function measureToll(context: ExperimentContext): Promise<StoppedBy> {
  const plan = TOLL_PLANS[context.config.profile];
  const baseline = baselineOf(context);
  return runForks(
    context,
    { ...plan, specs: tollSpecs(context, plan) },
    (running) => new TollFork(context, plan, running).measure(),
    () => {
      const ratios = ratioEstimates(context.recorded(), baseline, context.config.seed);
      return areKnown(ratios, { target: TARGET_HALF_WIDTH, minimumForks: plan.minForks });
    },
  );
}

function baselineOf({ arms }: ExperimentContext): string {
  return arms.find(({ baseline }) => baseline)?.name ?? '';
}

class TollFork {
  readonly #context: ExperimentContext;
  readonly #plan: TollPlan;
  readonly #running: RunningFork;
  #warmUps = new WarmUps();
  #block = 0;

  constructor(context: ExperimentContext, plan: TollPlan, running: RunningFork) {
    this.#context = context;
    this.#plan = plan;
    this.#running = running;
  }

  async measure(): Promise<void> {
    const { fleets, generator } = this.#running;
    await generator.ask(
      'open',
      fleets.map((fleet) => targetOf(fleet, meRequests(fleet))),
    );
    this.#context.progress({ step: `start ${this.#running.fork + 1}: warming up` });
    this.#warmUps = await warmUp(generator, { timeoutMs: this.#plan.warmUpMs, note: this.#context.note });
    const earlier = new Map<number, { rounds: number; ms: number }>();
    for (let i = 0; i < this.#plan.blocksPerFork; i++) {
      for (const inFlight of this.#plan.inFlight) {
        if (this.#over()) return;
        const rounds = roundsFor(this.#plan.blockMs, earlier.get(inFlight) ?? null);
        const before = performance.now();
        await this.#pairedBlock(inFlight, rounds);
        earlier.set(inFlight, { rounds, ms: performance.now() - before });
      }
    }
    await this.#countShared();
    await this.#closedBlock();
  }

  #over(): boolean {
    return this.#context.signal.aborted;
  }

  #seed(label: string): number {
    return this.#context.random.derive(`${label} fork ${this.#running.fork} block ${this.#block}`).integer(2 ** 31);
  }

  async #pairedBlock(inFlight: number, rounds: number): Promise<void> {
    const context = this.#context;
    const { fork, fleets, generator } = this.#running;
    const position = { fork, block: this.#block++ };
    const options = { rounds, inFlight, seed: this.#seed('paired'), keys: null };
    const targets = new Map(fleets.map((fleet) => [fleet.spec.key, fleet]));
    const cellOf = (arm: string) => ({ arm, factors: { in_flight: inFlight } });
    const warmUps = this.#warmUps;
    for (const slice of await pairedSlices({ generator, targets, position, options, cellOf, warmUps })) {
      const info = targets.get(slice.arm ?? '')?.spec.arm;
      const flags = info === undefined ? slice.flags : [...slice.flags, ...declarationFlags(info, slice)];
      context.record({ ...slice, flags });
    }
    const live = liveRatios(context.recorded(), baselineOf(context));
    context.progress({ step: `start ${fork + 1}, block ${position.block + 1}`, live });
  }

  /** With a Redis that others use too, each arm by itself: its counters say what was done meanwhile. */
  async #countShared(): Promise<void> {
    const { fork, fleets, generator } = this.#running;
    const inFlight = this.#plan.inFlight.includes(10) ? 10 : (this.#plan.inFlight[0] ?? 1);
    const block = this.#block++;
    for (const [order, fleet] of fleets.entries()) {
      const { redis } = fleet;
      if (!redis?.shared) continue;
      const [commands, cpuNs] = [await redis.commands(), await redis.cpuNanos()];
      const [tally] = await generator.ask('paired', { rounds: 3, inFlight, seed: 0, keys: [fleet.spec.key] });
      if (!tally) continue;
      const measures: Measures = {
        redis_commands: (await redis.commands()) - commands,
        redis_cpu_ns: (await redis.cpuNanos()) - cpuNs,
      };
      const position = { fork, block, order };
      const factors = { in_flight: inFlight };
      this.#context.record(sliceOf(tally, { mode: 'count', position, factors, measures, flags: ['redis-shared'] }));
    }
  }

  /** Saturated throughput: every arm once, in random order. */
  async #closedBlock(): Promise<void> {
    const { fork, fleets, generator } = this.#running;
    if (this.#plan.closed === null) return;
    const { connections, rampMs, windowMs } = this.#plan.closed;
    const block = this.#block++;
    const shuffled = this.#context.random.derive(`closed fork ${fork}`).shuffle(fleets);
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
