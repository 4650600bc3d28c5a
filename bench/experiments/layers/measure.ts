/** Measures layers: every arm with every layer in paired blocks, and handshakes of new connections separately. */

import type { StoppedBy } from '../../../core/results/schema.ts';
import { STANDARD_IN_FLIGHT } from '../../../core/results/standard-load.ts';
import { makeCertificate } from '../../fleet/certificate.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import { BlockLengths } from '../../measuring/block-lengths.ts';
import type { Cell } from '../../measuring/cells.ts';
import type { ExperimentContext, RunningFork } from '../../measuring/experiment.ts';
import { pairedSlices } from '../../measuring/paired-block.ts';
import { type ForkTime, runForks } from '../../measuring/run-forks.ts';
import { meRequests, sliceOf, targetOf } from '../../measuring/slices.ts';
import { WarmUps, warmUp } from '../../measuring/warm-up.ts';
import { BARE, TLS_LAYER } from './list.ts';
import { LAYERS_PLANS, type LayersPlan, layeredKey, layersCells, layersSpecs } from './plan.ts';
import { missingForTraces, spansNote, startSink } from './traces.ts';

export async function measureLayers(context: ExperimentContext): Promise<StoppedBy> {
  const planned = LAYERS_PLANS[context.config.profile];
  const missing = planned.layers.some(({ traced }) => traced) ? missingForTraces() : null;
  if (missing !== null)
    context.note(`layers: traces excluded, because ${missing} is not installed; see docs/watching.md`);
  const plan = { ...planned, layers: planned.layers.filter(({ traced }) => !traced || missing === null) };
  const sink = plan.layers.some(({ traced }) => traced) ? await startSink() : null;
  try {
    const parts = { tls: makeCertificate(), traceEndpoint: sink?.url ?? null };
    const specs = layersSpecs(context.arms, plan.layers, parts);
    return await runForks(context, { ...plan, specs }, (running, time) =>
      new LayersFork(context, plan, running).measure(time),
    );
  } finally {
    sink?.close();
  }
}

class LayersFork {
  readonly #context: ExperimentContext;
  readonly #plan: LayersPlan;
  readonly #running: RunningFork;
  readonly #targets: ReadonlyMap<string, Fleet>;
  readonly #cells: ReadonlyMap<string, Cell>;
  #warmUps = new WarmUps();
  #block = 0;

  constructor(context: ExperimentContext, plan: LayersPlan, running: RunningFork) {
    this.#context = context;
    this.#plan = plan;
    this.#running = running;
    this.#targets = new Map(running.fleets.map((fleet) => [fleet.spec.key, fleet]));
    this.#cells = layersCells(context.arms, plan.layers);
  }

  async measure(time: ForkTime): Promise<void> {
    const { generator, fleets, fork } = this.#running;
    const { blocks, blockMs, warmUpShare } = this.#plan;
    await generator.ask(
      'open',
      fleets.map((fleet) => targetOf(fleet, meRequests(fleet))),
    );
    this.#context.progress({ step: `start ${fork + 1}: warming up` });
    this.#warmUps = await warmUp(generator, { timeoutMs: time.warmUpMs(warmUpShare), note: this.#context.note });
    this.#running.setServersApart();
    await this.#handshakes(time);
    const lengths = new BlockLengths(blockMs);
    // The first block sets the length of the others, and counts in no figure.
    while (this.#block <= blocks && !this.#context.signal.aborted && !(time.over() && this.#block > 2)) {
      this.#context.progress({ step: `start ${fork + 1}, block ${this.#block + 1}` });
      await lengths.run('all', (rounds) => this.#pairedBlock(rounds));
    }
    await this.#noteSpans();
  }

  /** If some spans were never sent, the figures have to say so. */
  async #noteSpans(): Promise<void> {
    const { fleets, fork } = this.#running;
    const replies = await Promise.all(fleets.flatMap(({ replicas }) => replicas.map((replica) => replica.telemetry())));
    const note = spansNote(replies.flatMap(({ spans }) => spans ?? []));
    if (note !== null) this.#context.note(`layers: start ${fork + 1}: ${note}`);
  }

  async #pairedBlock(rounds: number): Promise<void> {
    const { fork, generator } = this.#running;
    const mode = this.#block === 0 ? 'warm-up' : 'paired';
    const position = { fork, block: this.#block++ };
    const options = { rounds, inFlight: STANDARD_IN_FLIGHT, seed: this.#seed('paired', position.block), keys: null };
    const cellOf = (key: string) => this.#cells.get(key) ?? { arm: key, factors: {} };
    const targets = this.#targets;
    const warmUps = this.#warmUps;
    for (const slice of await pairedSlices({ generator, targets, position, options, cellOf, warmUps, mode }))
      this.#context.record(slice);
  }

  /** New connections, with TLS and without, of the first arm alone: the handshake does not depend on the scheme. */
  async #handshakes(time: ForkTime): Promise<void> {
    const { fork, generator } = this.#running;
    const { connections, rounds, blocks } = this.#plan.handshakes;
    const arm = this.#context.arms[0]?.name ?? '';
    const keys = [layeredKey(arm, BARE), layeredKey(arm, TLS_LAYER)];
    if (!keys.every((key) => this.#targets.has(key))) return;
    // The code of a handshake is not that of a request, so it is warmed up separately.
    await generator.ask('connect', { rounds: 2, connections, resume: true, seed: this.#seed('warm', 0), keys });
    for (let block = 0; block < blocks; block++) {
      for (const [order, resume] of [false, true].entries()) {
        if (this.#context.signal.aborted || (time.over() && block > 0)) return;
        const handshake = resume ? 'resumed' : 'full';
        this.#context.progress({ step: `start ${fork + 1}: ${handshake} handshakes` });
        const seed = this.#seed(handshake, block);
        for (const tally of await generator.ask('connect', { rounds, connections, resume, seed, keys })) {
          const layers = this.#cells.get(tally.key)?.factors.layers ?? tally.key;
          const position = { fork, block, order };
          this.#context.record(sliceOf(tally, { mode: 'connect', position, arm, factors: { layers, handshake } }));
        }
      }
    }
  }

  #seed(label: string, block: number): number {
    return this.#context.random.derive(`${label} fork ${this.#running.fork} block ${block}`).integer(2 ** 31);
  }
}
