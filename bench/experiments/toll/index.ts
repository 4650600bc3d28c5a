/** The headline: what does each arm add per request? Paired micro-batches, several fresh starts. */

import { controlNameOf } from '../../../core/results/arms.ts';
import type { StoppedBy } from '../../../core/results/schema.ts';
import { sampleUntilKnown } from '../../../core/stats/stop.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { FleetSpec } from '../../fleet/fleet.ts';
import type { Tally } from '../../load/protocol.ts';
import { allArms, armsByProfile, representativeArms } from '../../measuring/arms.ts';
import { declarationFlags } from '../../measuring/declared-commands.ts';
import type { Experiment, ExperimentContext, Profile, RunningFork } from '../../measuring/experiment.ts';
import { saturationFlags } from '../../measuring/load-flags.ts';
import { pairedSlices } from '../../measuring/paired-block.ts';
import { meRequests, sliceOf, targetOf } from '../../measuring/slices.ts';
import { analyseToll, liveRatios, ratioEstimates } from './analyse.ts';

export const TOLL = 'toll';

interface Plan {
  readonly inFlight: readonly number[];
  readonly minForks: number;
  readonly maxForks: number;
  readonly blocksPerFork: number;
  readonly blockMs: number;
  /** Requests to each arm before anything is measured; it ends sooner after `warmUpMs`. */
  readonly warmUpRequests: number;
  readonly warmUpMs: number;
  /** Null leaves the saturated throughput to other experiments. */
  readonly closed: { readonly rampMs: number; readonly windowMs: number; readonly connections: number } | null;
}

const PLANS: Readonly<Record<Profile, Plan>> = {
  quick: {
    inFlight: [10],
    minForks: 3,
    maxForks: 16,
    blocksPerFork: 10,
    blockMs: 400,
    // V8 makes its last, costly optimisations of this route at some 17,000 requests, in threads of the server's own.
    warmUpRequests: 19_000,
    warmUpMs: 14_000,
    closed: null,
  },
  full: {
    inFlight: [1, 10, 50],
    minForks: 6,
    maxForks: 40,
    blocksPerFork: 8,
    blockMs: 500,
    warmUpRequests: 30_000,
    warmUpMs: 30_000,
    closed: { rampMs: 150, windowMs: 1_000, connections: 50 },
  },
};

/** Another fork is begun where at least this share of the last one's time is left. */
const FITS = 0.7;

/** Sampling ends when every arm's ratio is known to this half-width, relative. */
export const TARGET_HALF_WIDTH = 0.025;

function specs(context: ExperimentContext, plan: Plan): FleetSpec[] {
  const users = Math.max(...plan.inFlight, plan.closed?.connections ?? 1);
  const spec = (key: string, arm: ArmInfo): FleetSpec => ({
    key,
    arm,
    replicas: 1,
    replicaShare: null,
    redisShare: null,
    users,
  });
  const all = context.arms.map((arm) => spec(arm.name, arm));
  const baseline = context.arms.find((arm) => arm.baseline);
  return context.config.aa && baseline ? [...all, spec(controlNameOf(baseline.name), baseline)] : all;
}

class TollFork {
  readonly #context: ExperimentContext;
  readonly #plan: Plan;
  readonly #running: RunningFork;
  #block = 0;

  constructor(context: ExperimentContext, plan: Plan, running: RunningFork) {
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
    this.#context.progress({ step: `fork ${this.#running.fork + 1}: warming up` });
    await generator.ask('warmUp', {
      requestsPerTarget: this.#plan.warmUpRequests,
      timeoutMs: this.#plan.warmUpMs,
      keys: null,
    });
    const msPerRound = new Map<number, number>();
    for (const inFlight of this.#plan.inFlight) msPerRound.set(inFlight, await this.#msPerRound(inFlight));
    for (let i = 0; i < this.#plan.blocksPerFork; i++) {
      for (const inFlight of this.#plan.inFlight) {
        if (this.#over()) return;
        const rounds = Math.max(1, Math.round(this.#plan.blockMs / (msPerRound.get(inFlight) ?? 1)));
        await this.#pairedBlock(inFlight, rounds);
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

  /** @returns ms for one round of batches over all arms */
  async #msPerRound(inFlight: number): Promise<number> {
    const rounds = 2;
    const before = performance.now();
    await this.#running.generator.ask('paired', { rounds, inFlight, seed: this.#seed(`pace ${inFlight}`), keys: null });
    return (performance.now() - before) / rounds;
  }

  async #pairedBlock(inFlight: number, rounds: number): Promise<void> {
    const place = { fork: this.#running.fork, block: this.#block++ };
    const options = { rounds, inFlight, seed: this.#seed('paired'), keys: null };
    const { generator, fleets } = this.#running;
    const targets = new Map(fleets.map((fleet) => [fleet.spec.key, fleet]));
    const cell = (arm: string) => ({ arm, factors: { in_flight: inFlight } });
    for (const slice of await pairedSlices({ generator, targets }, place, options, cell)) {
      const info = targets.get(slice.arm ?? '')?.spec.arm;
      const flags = info === undefined ? slice.flags : [...slice.flags, ...declarationFlags(info, slice)];
      this.#context.record({ ...slice, flags });
    }
  }

  /** With a Redis that others use too, each arm in turn: its counters say what was done meanwhile. */
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
      const measures = {
        redis_commands: (await redis.commands()) - commands,
        redis_cpu_ns: (await redis.cpuNanos()) - cpuNs,
      };
      this.#context.record(
        sliceOf(tally, 'count', { fork, block, order }, { in_flight: inFlight }, { measures, flags: ['redis-shared'] }),
      );
    }
  }

  /** Saturated throughput: every arm once, in random order. */
  async #closedBlock(): Promise<void> {
    const { fork, fleets, generator } = this.#running;
    if (this.#plan.closed === null) return;
    const { connections, rampMs, windowMs } = this.#plan.closed;
    const block = this.#block++;
    const order = this.#context.random.derive(`closed fork ${fork}`).shuffle(fleets);
    for (const [place, fleet] of order.entries()) {
      if (this.#over()) return;
      this.#context.progress({ step: `fork ${fork + 1}: ${fleet.spec.key} at saturation` });
      const target = targetOf(fleet, meRequests(fleet));
      const tally: Tally = await generator.ask('closed', { target, connections, rampMs, windowMs });
      const flags = saturationFlags(tally, this.#context.cores);
      this.#context.record(
        sliceOf(tally, 'closed', { fork, block, order: place }, { in_flight: connections }, { flags }),
      );
    }
  }
}

async function run(context: ExperimentContext): Promise<StoppedBy> {
  const plan = PLANS[context.config.profile];
  const fleetSpecs = specs(context, plan);
  const baseline = context.arms.find((arm) => arm.baseline)?.name ?? '';
  const slices = [...context.prior];
  const recording: ExperimentContext = {
    ...context,
    record: (slice) => {
      context.record(slice);
      slices.push({ kind: 'slice', experiment: TOLL, ...slice });
      const forks = slice.fork - context.firstFork + 1;
      if (slice.mode === 'paired')
        context.progress({ step: `fork ${forks}, block ${slice.block + 1}`, live: liveRatios(slices, baseline) });
    },
  };
  let done = new Set(context.prior.map(({ fork }) => fork)).size;
  for (let fork = context.firstFork; ; fork++) {
    const start = context.secondsLeft();
    await context.withFork(fork, fleetSpecs, (running) => new TollFork(recording, plan, running).measure());
    if (context.signal.aborted) return 'interrupted';
    done++;
    const left = context.secondsLeft();
    const decision = sampleUntilKnown({
      estimates: ratioEstimates(slices, baseline, context.config.seed),
      target: TARGET_HALF_WIDTH,
      spentSeconds: 0,
      budgetSeconds: left,
      nextSeconds: FITS * (start - left),
      minimumForks: plan.minForks,
    });
    if (decision.stop) return decision.by;
    if (done >= plan.maxForks) return 'plan';
  }
}

export const toll: Experiment = {
  name: TOLL,
  question: 'What does each arm add per request?',
  inQuick: true,
  usesRedis: false,
  seconds: { quick: 70, full: 330 },
  defaultArms: armsByProfile({ quick: representativeArms, full: allArms }),
  run,
  analyse: analyseToll,
};
