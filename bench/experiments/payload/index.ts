/**
 * What do big claims cost? The same request by users with more and more roles: in a token they travel with every request,
 * in a session they lie in Redis. The reply to `GET /me` names the roles in every arm, and so in the baseline it is compared with.
 */

import type { StoppedBy } from '../../../core/results/schema.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { Fleet, FleetSpec } from '../../fleet/fleet.ts';
import { watcher } from '../../fleet/redis/redis.ts';
import { login } from '../../load/clients/credential.ts';
import { type ArmPredicate, armsWhere, isPlainOr } from '../../measuring/arms.ts';
import type { Experiment, ExperimentContext, Profile, RunningFork } from '../../measuring/experiment.ts';
import { pairedSlices } from '../../measuring/paired-block.ts';
import { type ForkPlan, type ForkTime, repeatForks } from '../../measuring/repeat-forks.ts';
import { meRequests, targetOf } from '../../measuring/slices.ts';
import { analysePayload, PAYLOAD } from './analyse.ts';
import { findLimits } from './limits.ts';
import { ROLE_LEVELS, rolesByLevel, rolesUpTo } from './roles.ts';

interface Plan extends ForkPlan {
  readonly levels: readonly number[];
  /** To each process. */
  readonly warmUpRequests: number;
  /** Each of one level, in turn. */
  readonly blocks: number;
  readonly blockMs: number;
}

const PLANS: Readonly<Record<Profile, Plan>> = {
  // Two levels: the baseline takes a process for each, and what is started must be warmed up.
  quick: {
    levels: [0, 200],
    minForks: 2,
    maxForks: 4,
    warmUpShare: 0.55,
    warmUpRequests: 17_000,
    blocks: 30,
    blockMs: 300,
  },
  full: {
    levels: ROLE_LEVELS,
    minForks: 3,
    maxForks: 12,
    warmUpShare: 0.55,
    warmUpRequests: 19_000,
    blocks: 60,
    blockMs: 300,
  },
};

/** One credential each, at every level. */
const IN_FLIGHT = 10;

/** What the client carries itself, in a header or a cookie. */
const carriesRoles: ArmPredicate = (arm) => arm.serverState === 'none' && isPlainOr(arm, 'cookie');
/** What Redis keeps: as the plugin writes it, and as one would by hand. */
const keepsRoles: ArmPredicate = (arm) => arm.family === 'session' && arm.usesRedis && isPlainOr(arm, 'hand-tuned');

const keyOf = (arm: string, roles: number) => `${arm} with ${roles} roles`;

function fleetSpecs(arms: readonly ArmInfo[], levels: readonly number[]): FleetSpec[] {
  const shared = { replicas: 1, replicaShare: null, redisShare: null };
  return arms.flatMap((arm): FleetSpec[] =>
    arm.baseline
      ? // It answers everybody as one user, so it takes a process for each number of roles.
        levels.map((roles) => ({
          ...shared,
          key: keyOf(arm.name, roles),
          arm,
          users: IN_FLIGHT,
          rolesOf: () => rolesUpTo(roles),
        }))
      : [{ ...shared, key: arm.name, arm, users: IN_FLIGHT * levels.length, rolesOf: rolesByLevel(levels, IN_FLIGHT) }],
  );
}

/** Of one number of roles: who is asked, and with what. */
interface Side {
  readonly fleet: Fleet;
  readonly roles: number;
  readonly key: string;
}

function sidesOf(fleets: readonly Fleet[], levels: readonly number[]): Side[] {
  return fleets.flatMap((fleet): Side[] => {
    const { arm, key } = fleet.spec;
    if (!arm.baseline) return levels.map((roles) => ({ fleet, roles, key: keyOf(arm.name, roles) }));
    const roles = levels.find((level) => key === keyOf(arm.name, level)) ?? 0;
    return [{ fleet, roles, key }];
  });
}

class PayloadFork {
  readonly #context: ExperimentContext;
  readonly #plan: Plan;
  readonly #running: RunningFork;
  readonly #sides: readonly Side[];
  #block = 0;

  constructor(context: ExperimentContext, plan: Plan, running: RunningFork) {
    this.#context = context;
    this.#plan = plan;
    this.#running = running;
    this.#sides = sidesOf(running.fleets, plan.levels);
  }

  async measure(time: ForkTime): Promise<void> {
    const { generator, fork } = this.#running;
    const { levels, blocks, blockMs } = this.#plan;
    await this.#weighSessions();
    await generator.ask(
      'open',
      this.#sides.map((side) => this.#target(side)),
    );
    this.#context.progress({ step: `start ${fork + 1}: warming up` });
    await this.#warmUp(time.warmUpMs());
    const order = this.#context.random.derive(`levels ${fork}`);
    let rounds = 1;
    while (this.#block < blocks) {
      for (const roles of order.shuffle(levels)) {
        // Every level at least once, or the fork would tell of some alone.
        if (this.#context.signal.aborted || (time.over() && this.#block >= levels.length)) return;
        this.#context.progress({ step: `start ${fork + 1}, block ${this.#block + 1}: ${roles} roles` });
        const before = performance.now();
        await this.#pairedBlock(roles, rounds);
        rounds = Math.max(1, Math.round((rounds * blockMs) / (performance.now() - before)));
      }
    }
  }

  /** As much for each process: one of a guarded arm is asked through a target for each level. */
  async #warmUp(timeoutMs: number): Promise<void> {
    const { generator } = this.#running;
    const { levels, warmUpRequests } = this.#plan;
    const keys = (baseline: boolean) =>
      this.#sides.filter(({ fleet }) => fleet.spec.arm.baseline === baseline).map(({ key }) => key);
    await Promise.all([
      generator.ask('warmUp', { requestsPerTarget: warmUpRequests, timeoutMs, keys: keys(true) }),
      generator.ask('warmUp', {
        requestsPerTarget: Math.ceil(warmUpRequests / levels.length),
        timeoutMs,
        keys: keys(false),
      }),
    ]);
  }

  #target({ fleet, roles, key }: Side) {
    const first = fleet.spec.arm.baseline ? 0 : IN_FLIGHT * this.#plan.levels.indexOf(roles);
    return { ...targetOf(fleet, meRequests(fleet).slice(first, first + IN_FLIGHT)), key };
  }

  async #pairedBlock(roles: number, rounds: number): Promise<void> {
    const { fork, generator } = this.#running;
    const sides = this.#sides.filter((side) => side.roles === roles);
    const targets = new Map(sides.map(({ key, fleet }) => [key, fleet]));
    const block = this.#block++;
    const seed = this.#context.random.derive(`paired ${fork} ${block}`).integer(2 ** 31);
    const options = { rounds, inFlight: IN_FLIGHT, seed, keys: [...targets.keys()] };
    const cell = (key: string) => ({ arm: targets.get(key)?.spec.arm.name ?? key, factors: { roles } });
    for (const slice of await pairedSlices({ generator, targets }, { fork, block }, options, cell))
      this.#context.record(slice);
  }

  /** What one session takes of Redis at each level: the keys that the first login of a user leaves, by Redis's own account. */
  async #weighSessions(): Promise<void> {
    const { levels } = this.#plan;
    for (const fleet of this.#running.fleets) {
      const { redis, users, replicas, spec } = fleet;
      const [replica] = replicas;
      // Of a cluster one node would be asked alone.
      if (redis === null || redis.cluster || !replica) continue;
      const client = watcher(redis.url);
      try {
        await client.connect();
        for (const [order, roles] of levels.entries()) {
          if (this.#context.signal.aborted) return;
          const user = users[levels.length * IN_FLIGHT + order];
          if (!user) continue;
          const before = await memoryOf(client, redis.keyPrefix);
          await login(replica.address, user, { baseline: spec.arm.baseline });
          const bytes = (await memoryOf(client, redis.keyPrefix)) - before;
          this.#recordBytes(spec.arm.name, order, roles, bytes);
        }
      } finally {
        client.disconnect();
      }
    }
  }

  #recordBytes(arm: string, order: number, roles: number, bytes: number): void {
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

/** Bytes of all keys below a prefix, their names and Redis's own book-keeping included. */
async function memoryOf(client: ReturnType<typeof watcher>, keyPrefix: string): Promise<number> {
  let bytes = 0;
  for await (const keys of client.scanStream({ match: `${keyPrefix}*`, count: 1000 })) {
    for (const key of keys as string[]) bytes += Number(await client.memory('USAGE', key, 'SAMPLES', 0)) || 0;
  }
  return bytes;
}

async function run(context: ExperimentContext): Promise<StoppedBy> {
  const plan = PLANS[context.config.profile];
  let { firstFork } = context;
  if (!context.prior.some(({ factors }) => 'limit' in factors)) firstFork = await findLimits(context, firstFork);
  if (context.signal.aborted) return 'interrupted';
  const specs = fleetSpecs(context.arms, plan.levels);
  return repeatForks({ ...context, firstFork }, plan, specs, (running, time) =>
    new PayloadFork(context, plan, running).measure(time),
  );
}

export const payload: Experiment = {
  name: PAYLOAD,
  question: 'What do big claims cost?',
  inQuick: false,
  usesRedis: false,
  seconds: { quick: 40, full: 120 },
  defaultArms: armsWhere((arm) => carriesRoles(arm) || keepsRoles(arm)),
  run,
  analyse: analysePayload,
};
