/** Measures life cycles: logins, refreshes and logouts in paired blocks, the password hash alone, and a storm of logins. */

import type { StoppedBy } from '../../../core/results/schema.ts';
import { STANDARD_IN_FLIGHT } from '../../../core/results/standard-load.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import { ARGON2_CHEAP, ARGON2_REAL } from '../../fleet/secrets.ts';
import type { ClientOperation, ClientTarget } from '../../load/protocol.ts';
import type { ExperimentContext, RunningFork } from '../../measuring/experiment.ts';
import { pairedSlices } from '../../measuring/paired-block.ts';
import { type ForkTime, runForks } from '../../measuring/run-forks.ts';
import { processesOf } from '../../measuring/slices.ts';
import { WarmUps, WarmUpWatch } from '../../measuring/warm-up.ts';
import { BATCHES, LIFECYCLE_PLANS, type LifecyclePlan, lifecycleSpecs, OPERATIONS } from './plan.ts';
import { LoginStorm, stormSpecs } from './storm.ts';

/** Batches per turn of each operation in a warm-up round. */
const WARM_UP_BATCHES = 10;

export function measureLifecycle(context: ExperimentContext): Promise<StoppedBy> {
  const plan = LIFECYCLE_PLANS[context.config.profile];
  const specs = [...lifecycleSpecs(context.arms), ...stormSpecs(context.arms)];
  return runForks(context, { ...plan, specs }, (running, time) =>
    new LifecycleFork(context, plan, running).measure(time),
  );
}

function clientsOf(fleet: Fleet): ClientTarget {
  return {
    key: fleet.spec.key,
    addresses: fleet.replicas.map(({ address }) => ({ ...address })),
    users: fleet.users.map(({ username, password }) => ({ username, password })),
    ...(fleet.spec.arm.senderConstrained === true ? { senderConstrained: true } : {}),
    processes: processesOf(fleet),
  };
}

class LifecycleFork {
  readonly #context: ExperimentContext;
  readonly #plan: LifecyclePlan;
  readonly #running: RunningFork;
  readonly #targets: ReadonlyMap<string, Fleet>;
  #warmUps = new WarmUps();
  #block = 0;

  constructor(context: ExperimentContext, plan: LifecyclePlan, running: RunningFork) {
    this.#context = context;
    this.#plan = plan;
    this.#running = running;
    const own = running.fleets.filter(({ spec: { key, arm } }) => key === arm.name);
    this.#targets = new Map(own.map((fleet) => [fleet.spec.key, fleet]));
  }

  async measure(time: ForkTime): Promise<void> {
    const { generator, fleets, fork } = this.#running;
    const { warmUpRounds, warmUpShare, blocks, blockMs } = this.#plan;
    await generator.ask('register', fleets.map(clientsOf));
    this.#context.progress({ step: `start ${fork + 1}: warming up` });
    const warmUntil = performance.now() + time.warmUpMs(warmUpShare);
    const watch = new WarmUpWatch([...this.#targets.values()]);
    let warmUpRequests = 0;
    for (let i = 0; (i < warmUpRounds || !watch.isWarm) && performance.now() < warmUntil && !this.#stopped(); i++) {
      for (const operation of OPERATIONS) {
        const seed = this.#seed(`warm ${operation} ${i}`);
        const keys = this.#keysOf(operation);
        const options = { operation, rounds: 1, batches: WARM_UP_BATCHES, inFlight: STANDARD_IN_FLIGHT, seed, keys };
        if (keys.length > 0) await generator.ask('operate', options);
      }
      // Of each operation; only some arms have a refresh.
      warmUpRequests += WARM_UP_BATCHES * STANDARD_IN_FLIGHT;
      watch.mark();
    }
    this.#warmUps = watch.warmUps(warmUpRequests);
    await this.#hashes();
    const storm = new LoginStorm(this.#context, this.#plan.storm, this.#running);
    await storm.measure();
    let rounds = 1;
    // The first block sets the length of the others, and counts in no figure.
    while (this.#block <= blocks && !this.#stopped() && !(time.over() && this.#block > 2)) {
      this.#context.progress({ step: `start ${fork + 1}, block ${this.#block + 1}` });
      const before = performance.now();
      await this.#operations(rounds);
      rounds = Math.max(1, Math.round((rounds * blockMs * OPERATIONS.length) / (performance.now() - before)));
    }
  }

  #stopped(): boolean {
    return this.#context.signal.aborted;
  }

  /** Only arms that issue refresh tokens have a refresh. */
  #keysOf(operation: ClientOperation): string[] {
    const able = [...this.#targets.values()].filter(
      ({ spec: { arm } }) => operation !== 'refresh' || arm.refreshTokens === true,
    );
    return able.map((fleet) => fleet.spec.key);
  }

  /** Equal numbers of logins, refreshes and logouts, so that no session is left. */
  async #operations(rounds: number): Promise<void> {
    const { fork, generator } = this.#running;
    const mode = this.#block === 0 ? 'warm-up' : 'paired';
    const position = { fork, block: this.#block++ };
    for (const operation of OPERATIONS) {
      const keys = this.#keysOf(operation);
      if (keys.length === 0) continue;
      const options = { rounds, batches: BATCHES, inFlight: STANDARD_IN_FLIGHT, seed: this.#seed(operation), keys };
      const slices = await pairedSlices({
        generator: { ask: () => generator.ask('operate', { ...options, operation }) },
        targets: this.#targets,
        position,
        options,
        cellOf: (arm) => ({ arm, factors: { operation, in_flight: STANDARD_IN_FLIGHT } }),
        warmUps: this.#warmUps,
        mode,
      });
      for (const slice of slices) this.#context.record(slice);
    }
  }

  /** Times password hashes in the generator's process, which is otherwise idle. */
  async #hashes(): Promise<void> {
    const { fork, generator } = this.#running;
    for (const [order, setting] of (['cheap', 'real'] as const).entries()) {
      if (this.#stopped()) return;
      const { memoryKiB, passes } = setting === 'cheap' ? ARGON2_CHEAP : ARGON2_REAL;
      const count = this.#plan.hashes[setting];
      const { wallNs, cpuNs } = await generator.ask('hash', { memoryKiB, passes, count });
      this.#context.record({
        fork,
        block: 0,
        order,
        arm: null,
        factors: { setting, memory_kib: memoryKiB, passes },
        mode: 'micro',
        durationMs: wallNs / 1e6,
        requests: count,
        unexpected: 0,
        failed: 0,
        statuses: {},
        measures: { wall_ns: wallNs, cpu_ns: cpuNs },
        flags: [],
      });
    }
  }

  #seed(label: string): number {
    return this.#context.random.derive(`${label} fork ${this.#running.fork} block ${this.#block}`).integer(2 ** 31);
  }
}
