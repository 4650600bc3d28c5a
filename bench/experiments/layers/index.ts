/**
 * What do TLS, rate limits and security headers add, and does the choice of scheme still show beside them? Every arm with
 * every layer in the same blocks, so that a layer is compared with the same arm without it.
 */

import type { StoppedBy } from '../../../core/results/schema.ts';
import type { ArmInfo, TlsOptions } from '../../../servers/contract.ts';
import { makeCertificate } from '../../fleet/certificate.ts';
import type { Fleet, FleetSpec } from '../../fleet/fleet.ts';
import { fewArms } from '../../measuring/arms.ts';
import type { Experiment, ExperimentContext, Profile, RunningFork } from '../../measuring/experiment.ts';
import { pairedSlices } from '../../measuring/paired-block.ts';
import { type ForkPlan, type ForkTime, repeatForks } from '../../measuring/repeat-forks.ts';
import { meRequests, sliceOf, targetOf } from '../../measuring/slices.ts';
import { analyseLayers, LAYERS_EXPERIMENT } from './analyse.ts';
import { ALL_LAYERS, BARE, LAYERS, type Layer, TLS_LAYER } from './list.ts';

interface Plan extends ForkPlan {
  readonly layers: readonly Layer[];
  readonly warmUpRequests: number;
  readonly blocks: number;
  readonly blockMs: number;
  /** New connections of one turn, and turns: with a full handshake and with a resumed one. */
  readonly handshakes: { readonly connections: number; readonly rounds: number; readonly blocks: number };
}

const PLANS: Readonly<Record<Profile, Plan>> = {
  quick: {
    // Every arm with every layer is a process to start and to warm up.
    layers: LAYERS.filter(({ name }) => [BARE, TLS_LAYER, 'rate-limit-redis', ALL_LAYERS].includes(name)),
    minForks: 2,
    maxForks: 4,
    warmUpShare: 0.55,
    warmUpRequests: 17_000,
    blocks: 12,
    blockMs: 600,
    handshakes: { connections: 30, rounds: 3, blocks: 2 },
  },
  full: {
    layers: LAYERS,
    minForks: 3,
    maxForks: 10,
    warmUpShare: 0.55,
    warmUpRequests: 17_000,
    blocks: 20,
    blockMs: 700,
    handshakes: { connections: 40, rounds: 4, blocks: 4 },
  },
};

const IN_FLIGHT = 10;

function spec(arm: ArmInfo, layer: Layer, tls: TlsOptions): FleetSpec {
  return {
    key: `${arm.name} + ${layer.name}`,
    arm,
    replicas: 1,
    replicaShare: null,
    redisShare: null,
    users: IN_FLIGHT,
    settings: layer.settings,
    ...(layer.tls ? { tls } : {}),
  };
}

class LayersFork {
  readonly #context: ExperimentContext;
  readonly #plan: Plan;
  readonly #running: RunningFork;
  readonly #targets: ReadonlyMap<string, Fleet>;
  readonly #cells: ReadonlyMap<string, { readonly arm: string; readonly factors: { readonly layers: string } }>;
  #block = 0;

  constructor(context: ExperimentContext, plan: Plan, running: RunningFork) {
    this.#context = context;
    this.#plan = plan;
    this.#running = running;
    this.#targets = new Map(running.fleets.map((fleet) => [fleet.spec.key, fleet]));
    this.#cells = new Map(
      context.arms.flatMap((arm) =>
        plan.layers.map((layer) => [`${arm.name} + ${layer.name}`, { arm: arm.name, factors: { layers: layer.name } }]),
      ),
    );
  }

  async measure(time: ForkTime): Promise<void> {
    const { generator, fleets, fork } = this.#running;
    const { blocks, blockMs, warmUpRequests } = this.#plan;
    await generator.ask(
      'open',
      fleets.map((fleet) => targetOf(fleet, meRequests(fleet))),
    );
    this.#context.progress({ step: `start ${fork + 1}: warming up` });
    await generator.ask('warmUp', { requestsPerTarget: warmUpRequests, timeoutMs: time.warmUpMs(), keys: null });
    await this.#handshakes(time);
    let rounds = 1;
    while (this.#block < blocks && !this.#context.signal.aborted && !(time.over() && this.#block > 1)) {
      this.#context.progress({ step: `start ${fork + 1}, block ${this.#block + 1}` });
      const before = performance.now();
      await this.#pairedBlock(rounds);
      rounds = Math.max(1, Math.round((rounds * blockMs) / (performance.now() - before)));
    }
  }

  async #pairedBlock(rounds: number): Promise<void> {
    const { fork, generator } = this.#running;
    const place = { fork, block: this.#block++ };
    const options = { rounds, inFlight: IN_FLIGHT, seed: this.#seed('paired', place.block), keys: null };
    const cell = (key: string) => this.#cells.get(key) ?? { arm: key, factors: {} };
    for (const slice of await pairedSlices({ generator, targets: this.#targets }, place, options, cell))
      this.#context.record(slice);
  }

  /** New connections, with TLS and without, of the first arm alone: the handshake comes before any scheme is asked. */
  async #handshakes(time: ForkTime): Promise<void> {
    const { fork, generator } = this.#running;
    const { connections, rounds, blocks } = this.#plan.handshakes;
    const arm = this.#context.arms[0]?.name;
    const keys = [`${arm} + ${BARE}`, `${arm} + ${TLS_LAYER}`];
    if (!keys.every((key) => this.#targets.has(key))) return;
    // The code of a handshake is not that of a request: it is warmed up by itself.
    await generator.ask('connect', { rounds: 2, connections, resume: true, seed: this.#seed('warm', 0), keys });
    for (let block = 0; block < blocks; block++) {
      for (const [order, resume] of [false, true].entries()) {
        if (this.#context.signal.aborted || (time.over() && block > 0)) return;
        const handshake = resume ? 'resumed' : 'full';
        this.#context.progress({ step: `start ${fork + 1}: ${handshake} handshakes` });
        const seed = this.#seed(handshake, block);
        for (const tally of await generator.ask('connect', { rounds, connections, resume, seed, keys })) {
          const layers = this.#cells.get(tally.key)?.factors.layers ?? tally.key;
          const slice = sliceOf(tally, 'count', { fork, block, order }, { layers, handshake });
          this.#context.record({ ...slice, arm: arm ?? null });
        }
      }
    }
  }

  #seed(label: string, block: number): number {
    return this.#context.random.derive(`${label} fork ${this.#running.fork} block ${block}`).integer(2 ** 31);
  }
}

async function run(context: ExperimentContext): Promise<StoppedBy> {
  const plan = PLANS[context.config.profile];
  const tls = makeCertificate();
  const specs = context.arms.flatMap((arm) => plan.layers.map((layer) => spec(arm, layer, tls)));
  return repeatForks(context, plan, specs, (running, time) => new LayersFork(context, plan, running).measure(time));
}

export const layers: Experiment = {
  name: LAYERS_EXPERIMENT,
  question: 'What do TLS, rate limits and security headers add, and does the scheme still show beside them?',
  inQuick: false,
  usesRedis: true,
  seconds: { quick: 40, full: 150 },
  defaultArms: fewArms,
  run,
  analyse: analyseLayers,
};
