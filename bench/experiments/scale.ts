/** How does throughput grow over 1..N replicas? Equal CPU shares, every N of every arm once per block, random order. */
import type { FleetSpec } from '../fleet/fleet.ts';
import { type Cell, cells, randomisedBlock } from '../plan.ts';
import type { StoppedBy } from '../results/schema.ts';
import { fewArms } from './arms.ts';
import type { Experiment, ExperimentContext, Profile, RunningFork } from './experiment.ts';
import { saturationFlags } from './load-flags.ts';
import { analyseScale } from './scale-analysis.ts';
import { meRequests, sliceOf, targetOf } from './slices.ts';

export const SCALE = 'scale';

interface Plan {
  readonly replicas: readonly number[];
  readonly minForks: number;
  readonly maxForks: number;
  /** At least; a single fork goes on as long as its budget lasts. */
  readonly blocksPerFork: number;
  readonly warmUpRequests: number;
  readonly warmUpMs: number;
  readonly rampMs: number;
  readonly windowMs: number;
  /** For each replica, so that each is as busy however many there are; one user each. */
  readonly connectionsPerReplica: number;
}

const PLANS: Readonly<Record<Profile, Plan>> = {
  quick: {
    replicas: [1, 2, 4],
    // Starting many replicas takes longer than measuring them: one start, more blocks, and a flag that says so.
    minForks: 1,
    maxForks: 1,
    blocksPerFork: 3,
    warmUpRequests: 20_000,
    warmUpMs: 5_000,
    rampMs: 60,
    windowMs: 300,
    connectionsPerReplica: 20,
  },
  full: {
    replicas: [1, 2, 3, 4, 6, 8],
    minForks: 4,
    maxForks: 12,
    blocksPerFork: 3,
    warmUpRequests: 100_000,
    warmUpMs: 30_000,
    rampMs: 150,
    windowMs: 1_000,
    connectionsPerReplica: 20,
  },
};

/** The replicas together get this much of what the generator's core leaves, so that generator and Redis find room. */
const SHARE_OF_REMAINING = 0.6;
const MAX_SHARE = 0.5;
/** Connections opened and closed around each slice. */
const SLICE_OVERHEAD_MS = 70;

/** @returns the fraction of a core for each replica, two digits */
export function replicaShare(cores: number, maxReplicas: number): number {
  const room = Math.max(0.5, cores - 1) * SHARE_OF_REMAINING;
  return Math.max(0.02, Math.floor(Math.min(MAX_SHARE, room / maxReplicas) * 100) / 100);
}

class ScaleFork {
  readonly #context: ExperimentContext;
  readonly #plan: Plan;
  readonly #running: RunningFork;
  readonly #share: number | null;

  constructor(context: ExperimentContext, plan: Plan, share: number | null, running: RunningFork) {
    this.#context = context;
    this.#plan = plan;
    this.#running = running;
    this.#share = share;
  }

  async measure(grid: readonly Cell[]): Promise<void> {
    const { fork, fleets, generator } = this.#running;
    const { random, signal, progress } = this.#context;
    progress({ step: `fork ${fork + 1}: warming up` });
    await generator.open(fleets.map((fleet) => targetOf(fleet, this.#spread(fleet))));
    // Before the limits: a replica held to a fraction of a core would take minutes to settle.
    await generator.warmUp(this.#plan.warmUpRequests, this.#plan.warmUpMs);
    await generator.open([]);
    for (const fleet of fleets) fleet.applyShares();
    const blockSeconds = (grid.length * (this.#plan.rampMs + this.#plan.windowMs + SLICE_OVERHEAD_MS)) / 1000;
    const goesOn = () => this.#plan.maxForks === 1 && this.#context.secondsLeft() > blockSeconds;
    for (let block = 0; block < this.#plan.blocksPerFork || goesOn(); block++) {
      for (const [order, cell] of randomisedBlock(grid, random, fork, block).entries()) {
        if (signal.aborted) return;
        progress({ step: `fork ${fork + 1}, block ${block + 1}: ${cell.arm} on ${cell.factors.replicas}` });
        await this.#slice(cell, block, order);
      }
    }
  }

  /** Warm-up meets every replica with every credential: requests laid out so that connection i mod N shifts by user. */
  #spread(fleet: RunningFork['fleets'][number]) {
    const requests = meRequests(fleet);
    return fleet.replicas
      .flatMap((_, shift) => requests.map((_, i) => requests[(i + shift) % requests.length]))
      .filter((request) => request !== undefined);
  }

  async #slice(cell: Cell, block: number, order: number): Promise<void> {
    const { fork, fleets, generator } = this.#running;
    const fleet = fleets.find(({ spec }) => spec.key === cell.arm);
    const replicas = Number(cell.factors.replicas);
    if (!fleet) return;
    const { connectionsPerReplica, rampMs, windowMs } = this.#plan;
    const commands = fleet.redis ? await fleet.redis.commands() : 0;
    const tally = await generator.closed({
      target: targetOf(fleet, meRequests(fleet), replicas),
      connections: connectionsPerReplica * replicas,
      rampMs,
      windowMs,
    });
    const flags = saturationFlags(tally, this.#context.cores);
    const measures: Record<string, number> = {};
    if (this.#share !== null) measures.replica_share_cores = this.#share;
    // Includes the ramp, so it counts commands but is no rate; requests of the ramp are not in the tally.
    if (fleet.redis) measures.redis_commands_with_ramp = (await fleet.redis.commands()) - commands;
    else measures.redis_cpu_ns = 0;
    this.#context.record(
      sliceOf(tally, 'closed', { fork, block, order }, cell.factors, {
        measures,
        flags: [
          ...flags,
          ...(this.#share === null ? (['no-cpu-shares'] as const) : []),
          ...(fleet.redis?.shared ? (['redis-shared'] as const) : []),
        ],
      }),
    );
  }
}

async function run(context: ExperimentContext): Promise<StoppedBy> {
  const plan = PLANS[context.config.profile];
  const replicas = context.config.replicas ?? plan.replicas;
  const most = Math.max(...replicas);
  const share = context.canLimitCpu ? replicaShare(context.cores, most) : null;
  if (share !== null) context.note(`scale: each replica is held to ${share} of a core`);
  const specs: FleetSpec[] = context.arms.map((arm) => ({
    key: arm.name,
    arm,
    replicas: most,
    replicaShare: share,
    redisShare: null,
    users: plan.connectionsPerReplica,
  }));
  const grid = cells(
    context.arms.map(({ name }) => name),
    { replicas },
  );
  let done = new Set(context.prior.map(({ fork }) => fork)).size;
  for (let fork = context.firstFork; ; fork++) {
    const start = context.secondsLeft();
    await context.withFork(fork, specs, (running) => new ScaleFork(context, plan, share, running).measure(grid));
    if (context.signal.aborted) return 'interrupted';
    done++;
    const left = context.secondsLeft();
    if (done >= plan.maxForks) return 'plan';
    if (left < start - left) return done < plan.minForks ? 'budget' : 'plan';
  }
}

export const scale: Experiment = {
  name: SCALE,
  question: 'How does throughput grow over 1 to N replicas, and what stops it?',
  inQuick: true,
  usesRedis: false,
  seconds: { quick: 25, full: 600 },
  // An arm that is wrong on two replicas without sticky routing would only be measured refusing.
  defaultArms: (all, profile) =>
    fewArms(
      all.filter((arm) => !arm.needsStickyRouting),
      profile,
    ),
  run,
  analyse: analyseScale,
};
