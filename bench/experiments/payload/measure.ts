/** Measures payload: the same request by users with few and many roles, and the Redis memory of their sessions. */

import type { Slice, StoppedBy } from '../../../core/results/schema.ts';
import { STANDARD_IN_FLIGHT } from '../../../core/results/standard-load.ts';
import { watcher } from '../../fleet/redis/redis.ts';
import { login } from '../../load/clients/credential.ts';
import { BlockLengths } from '../../measuring/block-lengths.ts';
import type { ExperimentContext, RunningFork } from '../../measuring/experiment.ts';
import { pairedSlices } from '../../measuring/paired-block.ts';
import { type ForkTime, runForks } from '../../measuring/run-forks.ts';
import { meRequests, targetOf } from '../../measuring/slices.ts';
import { WarmUps, warmUp } from '../../measuring/warm-up.ts';
import { findLimits } from './limits.ts';
import { loadsOf, PAYLOAD_PLANS, type PayloadPlan, payloadSpecs, type RoleLoad } from './plan.ts';
import { ofService, weighServices } from './services.ts';

export async function measurePayload(context: ExperimentContext): Promise<StoppedBy> {
  const plan = PAYLOAD_PLANS[context.config.profile];
  const ofLimits = ({ factors }: Pick<Slice, 'factors'>) => 'limit' in factors;
  const services = context.arms.filter((arm) => arm.isService && arm.twinOf === undefined);
  if (services.length > 0 && !context.prior.some(ofService)) await weighServices(context, services);
  // A service has only its own users, so roles cannot be assigned.
  const arms = context.arms.filter(({ isService }) => !isService);
  if (context.signal.aborted) return 'interrupted';
  if (arms.every(({ baseline }) => baseline)) return 'plan';
  if (!context.prior.some(ofLimits)) await findLimits({ ...context, arms });
  if (context.signal.aborted) return 'interrupted';
  const specs = payloadSpecs(arms, plan.levels);
  const left = (slice: Slice) => !ofLimits(slice) && !ofService(slice);
  return runForks(context, { ...plan, specs, left }, (running, time) =>
    new PayloadFork(context, plan, running).measure(time),
  );
}

class PayloadFork {
  readonly #context: ExperimentContext;
  readonly #plan: PayloadPlan;
  readonly #running: RunningFork;
  readonly #loads: readonly RoleLoad[];
  #warmUps = new WarmUps();
  #block = 0;

  constructor(context: ExperimentContext, plan: PayloadPlan, running: RunningFork) {
    this.#context = context;
    this.#plan = plan;
    this.#running = running;
    this.#loads = loadsOf(running.fleets, plan.levels);
  }

  async measure(time: ForkTime): Promise<void> {
    const { generator, fork } = this.#running;
    const { levels, blocks, blockMs } = this.#plan;
    await this.#weighSessions();
    await generator.ask(
      'open',
      this.#loads.map((load) => this.#target(load)),
    );
    this.#context.progress({ step: `start ${fork + 1}: warming up` });
    // A replica loaded by several levels is warmed up with the requests of all of them.
    const timeoutMs = time.warmUpMs(this.#plan.warmUpShare);
    this.#warmUps = await warmUp(generator, { timeoutMs, note: this.#context.note });
    this.#running.setServersApart();
    const order = this.#context.random.derive(`levels ${fork}`);
    const lengths = new BlockLengths(blockMs);
    // The first block of each level sets the length of its others, and counts in no figure.
    while (this.#block < blocks + levels.length) {
      for (const roles of order.shuffle(levels)) {
        // Every level at least once, or the fork would cover only some.
        if (this.#context.signal.aborted || (time.over() && this.#block >= 2 * levels.length)) return;
        this.#context.progress({ step: `start ${fork + 1}, block ${this.#block + 1}: ${roles} roles` });
        await lengths.run(String(roles), (rounds) => this.#pairedBlock(roles, rounds));
      }
    }
  }

  #target({ fleet, roles, key }: RoleLoad) {
    const first = fleet.spec.arm.baseline ? 0 : STANDARD_IN_FLIGHT * this.#plan.levels.indexOf(roles);
    return { ...targetOf(fleet, meRequests(fleet).slice(first, first + STANDARD_IN_FLIGHT)), key };
  }

  async #pairedBlock(roles: number, rounds: number): Promise<void> {
    const { fork, generator } = this.#running;
    const loads = this.#loads.filter((load) => load.roles === roles);
    const targets = new Map(loads.map(({ key, fleet }) => [key, fleet]));
    const mode = this.#block < this.#plan.levels.length ? 'warm-up' : 'paired';
    const position = { fork, block: this.#block++ };
    const seed = this.#context.random.derive(`paired ${fork} ${position.block}`).integer(2 ** 31);
    const options = { rounds, inFlight: STANDARD_IN_FLIGHT, seed, keys: [...targets.keys()] };
    const cellOf = (key: string) => ({ arm: targets.get(key)?.spec.arm.name ?? key, factors: { roles } });
    const warmUps = this.#warmUps;
    for (const slice of await pairedSlices({ generator, targets, position, options, cellOf, warmUps, mode }))
      this.#context.record(slice);
  }

  /** Redis memory of one session at each level: the keys left by a user's first login, by Redis's own account. */
  async #weighSessions(): Promise<void> {
    const { levels } = this.#plan;
    for (const fleet of this.#running.fleets) {
      const { redis, users, replicas, spec } = fleet;
      const [replica] = replicas;
      // In a cluster, only one node would be asked.
      if (redis === null || redis.cluster || !replica) continue;
      const client = watcher(redis.url);
      try {
        await client.connect();
        for (const [order, roles] of levels.entries()) {
          if (this.#context.signal.aborted) return;
          const user = users[levels.length * STANDARD_IN_FLIGHT + order];
          if (!user) continue;
          const before = await memoryOf(client, redis.keyPrefix);
          await login(replica.address, user, spec.arm);
          const bytes = (await memoryOf(client, redis.keyPrefix)) - before;
          this.#recordBytes({ arm: spec.arm.name, order, roles, bytes });
        }
      } finally {
        client.disconnect();
      }
    }
  }

  #recordBytes({ arm, order, roles, bytes }: { arm: string; order: number; roles: number; bytes: number }): void {
    this.#context.record({
      fork: this.#running.fork,
      block: 0,
      order,
      arm,
      factors: { roles },
      mode: 'count',
      durationMs: 0,
      requests: 1,
      unexpected: 0,
      failed: 0,
      statuses: {},
      measures: { bytes_per_session: bytes },
      flags: [],
    });
  }
}

/** Bytes of all keys with a prefix, including their names and Redis's own overhead. */
async function memoryOf(client: ReturnType<typeof watcher>, keyPrefix: string): Promise<number> {
  let bytes = 0;
  for await (const keys of client.scanStream({ match: `${keyPrefix}*`, count: 1000 })) {
    for (const key of keys as string[]) bytes += Number(await client.memory('USAGE', key, 'SAMPLES', 0)) || 0;
  }
  return bytes;
}
