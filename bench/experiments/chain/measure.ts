/** Measures chains: all of them in paired blocks, with one number of hops and one load per block. */
import type { StoppedBy } from '../../../core/results/schema.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { Target } from '../../load/protocol.ts';
import { BlockLengths } from '../../measuring/block-lengths.ts';
import { declarationFlags } from '../../measuring/declared-commands.ts';
import type { ExperimentContext, RunningFork } from '../../measuring/experiment.ts';
import { pairedSlices } from '../../measuring/paired-block.ts';
import { type ForkTime, runForks } from '../../measuring/run-forks.ts';
import { meRequests, processesOf, targetOf } from '../../measuring/slices.ts';
import { WarmUps, WarmUpWatch, warmUp } from '../../measuring/warm-up.ts';
import {
  ALONE,
  CHAIN_PLANS,
  type ChainPlan,
  chainsOf,
  checksOf,
  HOPS,
  LOADS,
  type MeasuredChain,
  whyNoChain,
} from './plan.ts';

/** RFC 9110 §7.6.2: how many services further a request is forwarded. */
const MAX_FORWARDS = 'max-forwards';
/** Rounds of equal work, after which the CPU time of the services' threads shows whether they are warm. */
const STRETCH_ROUNDS = 2;
const MOST_STRETCHES = 12;

export async function measureChain(context: ExperimentContext): Promise<StoppedBy> {
  const plan = CHAIN_PLANS[context.config.profile];
  const { arms, note } = context;
  for (const arm of arms) {
    const why = whyNoChain(arm);
    if (why !== null) note(`chain: ${arm.name} is excluded, because ${why}`);
  }
  if (!arms.some(({ baseline }) => baseline)) note('chain: needs the baseline to compare with; add it to --arms');
  if (!context.ownsRedis && arms.some(({ usesRedis }) => usesRedis))
    note(
      'chain: the CPU time of a Redis that Tollgate did not start is unknown, so its arms have only latencies; unset REDIS_URL',
    );
  const chains = chainsOf(arms);
  if (chains.length === 0) return 'plan';
  const specs = chains.map(({ spec }) => spec);
  return runForks(context, { ...plan, specs }, (running, time) =>
    new ChainFork(context, plan, chains, running).measure(time),
  );
}

/**
 * Requests of a turn for latency. No second length is needed: the cold start of a turn is part of an idle service's
 * latency.
 */
const ALONE_TURN = 100;
const turnsAt = (inFlight: number) => (inFlight === ALONE ? { lengths: [ALONE_TURN] } : {});

const keyOf = (key: string, hops: number) => `${key}, ${hops} hops`;

/** The whole chain is behind its edge, and the CPU time of all its processes is read. */
function targetAt(fleet: Fleet, hops: number): Target {
  const requests = meRequests(fleet).map((request) => ({
    ...request,
    headers: { ...request.headers, [MAX_FORWARDS]: `${hops - 1}` },
  }));
  return { ...targetOf(fleet, requests, 1), key: keyOf(fleet.spec.key, hops), processes: processesOf(fleet) };
}

class ChainFork {
  readonly #context: ExperimentContext;
  readonly #plan: ChainPlan;
  readonly #running: RunningFork;
  readonly #chains: ReadonlyMap<string, MeasuredChain>;
  #warmUps = new WarmUps();
  #block = 0;

  constructor(context: ExperimentContext, plan: ChainPlan, chains: readonly MeasuredChain[], running: RunningFork) {
    this.#context = context;
    this.#plan = plan;
    this.#running = running;
    this.#chains = new Map(chains.map((chain) => [chain.spec.key, chain]));
  }

  async measure(time: ForkTime): Promise<void> {
    const { generator, fleets, fork } = this.#running;
    const { progress, note } = this.#context;
    await generator.ask(
      'open',
      HOPS.flatMap((hops) => fleets.map((fleet) => targetAt(fleet, hops))),
    );
    progress({ step: `start ${fork + 1}: warming up` });
    await warmUp(generator, {
      timeoutMs: time.warmUpMs(this.#plan.warmUpShare),
      keys: this.#keysAt(Math.max(...HOPS)),
      note,
    });
    await this.#settle(time);
    this.#running.setServersApart();
    time.loadBegins();
    const lengths = new BlockLengths(this.#plan.blockMs);
    for (let round = 0; round <= this.#plan.mostRounds && !this.#isOver(time, round); round++) {
      for (const inFlight of LOADS) {
        for (const hops of HOPS) {
          if (this.#context.signal.aborted) return;
          const mode = round === 0 ? 'warm-up' : 'paired';
          const block = (rounds: number) => this.#pairedBlock(hops, inFlight, rounds, mode);
          // If it has to run beyond its time, blocks are as short as possible.
          await lengths.run(`${hops} ${inFlight}`, block, time.over());
        }
      }
    }
  }

  /** One round is always measured, after one that warms up the caches of the servers' cores. */
  #isOver(time: ForkTime, round: number): boolean {
    return this.#context.signal.aborted || (time.over() && round > 1);
  }

  #keysAt(hops: number): string[] {
    return this.#running.fleets.map(({ spec }) => keyOf(spec.key, hops));
  }

  /** The load does not address the services behind the edge, so their threads show when they are warm. */
  async #settle(time: ForkTime): Promise<void> {
    const { generator, fleets } = this.#running;
    const watch = new WarmUpWatch(fleets);
    let requests = 0;
    for (let stretch = 0; stretch < MOST_STRETCHES; stretch++) {
      for (const inFlight of LOADS) {
        for (const hops of HOPS) {
          if (this.#context.signal.aborted) return;
          const seed = this.#seed(`stretch ${stretch} of ${hops} ${inFlight}`);
          const options = { rounds: STRETCH_ROUNDS, inFlight, seed, keys: this.#keysAt(hops), ...turnsAt(inFlight) };
          const tallies = await generator.ask('paired', options);
          requests += Math.min(...tallies.map((tally) => tally.requests));
        }
      }
      watch.mark();
      if (watch.isWarm || time.over()) break;
    }
    this.#warmUps = watch.warmUps(requests);
  }

  #seed(label: string): number {
    return this.#context.random.derive(`${label} fork ${this.#running.fork}`).integer(2 ** 31);
  }

  async #pairedBlock(hops: number, inFlight: number, rounds: number, mode: 'paired' | 'warm-up'): Promise<void> {
    const { fork, fleets, generator } = this.#running;
    const position = { fork, block: this.#block++ };
    const what = inFlight === ALONE ? 'one request at a time' : `${inFlight} requests in flight`;
    this.#context.progress({
      step: `start ${fork + 1}, block ${position.block + 1}: ${hops === 1 ? '1 hop' : `${hops} hops`}, ${what}`,
    });
    const byKey = new Map(fleets.map((fleet) => [keyOf(fleet.spec.key, hops), fleet]));
    const seed = this.#seed(`paired ${position.block}`);
    const options = { rounds, inFlight, seed, keys: [...byKey.keys()], ...turnsAt(inFlight) };
    const cellOf = (key: string) => {
      const { arm, key: own } = byKey.get(key)?.spec ?? { arm: { name: key }, key };
      return { arm: arm.name, factors: { ...this.#chains.get(own)?.factors, hops, in_flight: inFlight } };
    };
    const startedMs = performance.now();
    const slices = await pairedSlices({ generator, targets: byKey, position, options, cellOf, mode });
    const durationMs = performance.now() - startedMs;
    for (const slice of slices) {
      const fleet = fleets[slice.order];
      if (fleet === undefined) continue;
      const { spec, replicas } = fleet;
      const checks = checksOf(this.#chains.get(spec.key)?.checks ?? 'every-hop', hops);
      const declared = { ...spec.arm, redisCommandsPerRequest: checks * spec.arm.redisCommandsPerRequest };
      const flags = declarationFlags(declared, slice, { durationMs, replicas: replicas.length });
      this.#context.record(this.#warmUps.onto({ ...slice, flags: [...slice.flags, ...flags] }, spec.key));
    }
  }
}
