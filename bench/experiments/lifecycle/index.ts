/**
 * What do login, refresh and logout cost? Clients with a state of their own do each in turn, arm beside arm; the password
 * check, which no scheme changes, is measured apart; and a storm of logins shows what they do to everybody else.
 */

import type { StoppedBy } from '../../../core/results/schema.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { Fleet, FleetSpec } from '../../fleet/fleet.ts';
import { ARGON2_CHEAP, ARGON2_REAL } from '../../fleet/secrets.ts';
import type { ClientOperation, ClientTarget } from '../../load/protocol.ts';
import { type ArmPredicate, armsWhere, isPlainOr } from '../../measuring/arms.ts';
import type { Experiment, ExperimentContext, Profile, RunningFork } from '../../measuring/experiment.ts';
import { pairedSlices } from '../../measuring/paired-block.ts';
import { type ForkPlan, type ForkTime, repeatForks } from '../../measuring/repeat-forks.ts';
import { analyseLifecycle, LIFECYCLE } from './analyse.ts';
import { LoginStorm, type StormPlan, stormSpecs } from './storm.ts';

interface Plan extends ForkPlan {
  /** Of each operation. */
  readonly warmUpRounds: number;
  readonly blocks: number;
  readonly blockMs: number;
  readonly hashes: { readonly cheap: number; readonly real: number };
  readonly storm: StormPlan;
}

const PLANS: Readonly<Record<Profile, Plan>> = {
  quick: {
    minForks: 2,
    maxForks: 4,
    warmUpShare: 0.4,
    warmUpRounds: 20,
    blocks: 10,
    blockMs: 500,
    hashes: { cheap: 100, real: 4 },
    storm: { inFlight: 32, calmMs: 500, stormMs: 1_500 },
  },
  full: {
    minForks: 3,
    maxForks: 10,
    warmUpShare: 0.4,
    warmUpRounds: 40,
    blocks: 16,
    blockMs: 600,
    hashes: { cheap: 200, real: 6 },
    storm: { inFlight: 32, calmMs: 1_000, stormMs: 3_000 },
  },
};

const IN_FLIGHT = 10;
const BATCHES = 5;
const USERS = 40;
const OPERATIONS: readonly ClientOperation[] = ['login', 'refresh', 'logout'];

/** What RFC 7518 requires and recommends: few sign with anything else. */
const COMMON_ALGORITHMS = ['HS256', 'RS256', 'ES256'];

/** Sessions that login writes to Redis, by the plugin and by hand. */
const writesSession: ArmPredicate = (arm) => arm.family === 'session' && arm.usesRedis && isPlainOr(arm, 'hand-tuned');
/** Each way to issue tokens. */
const issuesTokens: ArmPredicate = (arm) =>
  isPlainOr(arm, 'algorithm') && COMMON_ALGORITHMS.includes(arm.tokenAlgorithm ?? '');

/** Failed logins are none, but a limit must not be what is measured. */
const NO_LOGIN_LIMIT = { failedLoginsPerUser: 1_000_000, failedLoginsPerAddress: 1_000_000 };

function spec(arm: ArmInfo): FleetSpec {
  const shared = { replicas: 1, replicaShare: null, redisShare: null, users: 0 };
  return {
    ...shared,
    key: arm.name,
    arm,
    settings: NO_LOGIN_LIMIT,
    // Cheap, whatever the run's users have, so that a login is more than its password check.
    ownUsers: { count: USERS, argon2: ARGON2_CHEAP },
  };
}

function clientsOf(fleet: Fleet): ClientTarget {
  return {
    key: fleet.spec.key,
    addresses: fleet.replicas.map(({ address }) => ({ ...address })),
    users: fleet.users.map(({ username, password }) => ({ username, password })),
    processes: { replicas: fleet.replicas.map(({ pid }) => pid), redis: fleet.redis?.pid ?? null },
  };
}

class LifecycleFork {
  readonly #context: ExperimentContext;
  readonly #plan: Plan;
  readonly #running: RunningFork;
  readonly #targets: ReadonlyMap<string, Fleet>;
  #block = 0;

  constructor(context: ExperimentContext, plan: Plan, running: RunningFork) {
    this.#context = context;
    this.#plan = plan;
    this.#running = running;
    const own = running.fleets.filter(({ spec: { key, arm } }) => key === arm.name);
    this.#targets = new Map(own.map((fleet) => [fleet.spec.key, fleet]));
  }

  async measure(time: ForkTime): Promise<void> {
    const { generator, fleets, fork } = this.#running;
    const { warmUpRounds, blocks, blockMs } = this.#plan;
    await generator.ask('register', fleets.map(clientsOf));
    this.#context.progress({ step: `start ${fork + 1}: warming up` });
    const warmUntil = performance.now() + time.warmUpMs();
    for (let i = 0; i < warmUpRounds && performance.now() < warmUntil && !this.#stopped(); i++) {
      for (const operation of OPERATIONS) {
        const seed = this.#seed(`warm ${operation} ${i}`);
        const keys = this.#keysOf(operation);
        if (keys.length > 0)
          await generator.ask('operate', { operation, rounds: 1, batches: 10, inFlight: IN_FLIGHT, seed, keys });
      }
    }
    await this.#hashes();
    const storm = new LoginStorm(this.#context, this.#plan.storm, this.#running);
    await storm.measure();
    let rounds = 1;
    while (this.#block < blocks && !this.#stopped() && !(time.over() && this.#block > 1)) {
      this.#context.progress({ step: `start ${fork + 1}, block ${this.#block + 1}` });
      const before = performance.now();
      await this.#operations(rounds);
      rounds = Math.max(1, Math.round((rounds * blockMs * OPERATIONS.length) / (performance.now() - before)));
    }
  }

  #stopped(): boolean {
    return this.#context.signal.aborted;
  }

  /** Only what gives refresh tokens can be refreshed. */
  #keysOf(operation: ClientOperation): string[] {
    const able = [...this.#targets.values()].filter(
      ({ spec: { arm } }) => operation !== 'refresh' || arm.refreshTokens === true,
    );
    return able.map((fleet) => fleet.spec.key);
  }

  /** As many logins as refreshes as logouts: nobody is left logged in. */
  async #operations(rounds: number): Promise<void> {
    const { fork, generator } = this.#running;
    const place = { fork, block: this.#block++ };
    for (const operation of OPERATIONS) {
      const keys = this.#keysOf(operation);
      if (keys.length === 0) continue;
      const options = { rounds, batches: BATCHES, inFlight: IN_FLIGHT, seed: this.#seed(operation), keys };
      const load = {
        targets: this.#targets,
        generator: { ask: () => generator.ask('operate', { ...options, operation }) },
      };
      const cell = (arm: string) => ({ arm, factors: { operation, in_flight: IN_FLIGHT } });
      for (const slice of await pairedSlices(load, place, options, cell)) this.#context.record(slice);
    }
  }

  /** In the generator's process, which has nothing else to do meanwhile. */
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

async function run(context: ExperimentContext): Promise<StoppedBy> {
  const plan = PLANS[context.config.profile];
  const specs = [...context.arms.map(spec), ...stormSpecs(context.arms)];
  return repeatForks(context, plan, specs, (running, time) => new LifecycleFork(context, plan, running).measure(time));
}

export const lifecycle: Experiment = {
  name: LIFECYCLE,
  question: 'What do login, refresh and logout cost?',
  inQuick: false,
  usesRedis: false,
  seconds: { quick: 40, full: 120 },
  defaultArms: armsWhere((arm) => arm.baseline || writesSession(arm) || issuesTokens(arm)),
  run,
  analyse: analyseLifecycle,
};
