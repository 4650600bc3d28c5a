/** A fleet on this machine: its parts, which are set while they start, and what can be done with them. */
import { stopInOrder } from '../../core/stop-in-order.ts';
import type { ChainPlace, Secrets, ServerSettings } from '../../servers/configuration.ts';
import type { Credential } from '../load/clients/credential.ts';
import { Semaphore } from '../processes/semaphore.ts';
import { processTree } from '../processes/trees/process-tree.ts';
import type { FleetBalancer } from './balancer/client.ts';
import { type Companion, processesOfCompanions } from './companions/companion.ts';
import { companionsMessage } from './companions/start.ts';
import type { DelayProxy } from './delay/client.ts';
import type { Fleet, FleetEnvironment, FleetSpec } from './fleet.ts';
import { addressOf, type RedisInstance } from './redis/redis.ts';
import { type Replica, startReplica } from './replica.ts';
import type { User } from './secrets.ts';

const HOST = '127.0.0.1';

interface Given {
  readonly users: readonly User[];
  readonly redis: RedisInstance | null;
  /** Settings of its replicas; null for their own defaults. */
  readonly settings: ServerSettings | null;
}

export class RunningFleet implements Fleet {
  readonly spec: FleetSpec;
  readonly users: readonly User[];
  readonly redis: RedisInstance | null;
  readonly replicas: Replica[] = [];
  proxy: DelayProxy | null = null;
  companions: readonly Companion[] = [];
  balancer?: FleetBalancer;
  credentials: readonly Credential[] = [];
  readonly #environment: FleetEnvironment;
  readonly #settings: ServerSettings | null;
  readonly #starting: Semaphore;
  readonly #withOtherKeys: Promise<Replica>[] = [];
  /** In a chain, by port: a replacement gets the same place. */
  readonly #places = new Map<number, ChainPlace>();

  constructor(environment: FleetEnvironment, spec: FleetSpec, { users, redis, settings }: Given) {
    this.#environment = environment;
    this.spec = spec;
    this.users = users;
    this.redis = redis;
    this.#settings = settings;
    this.#starting = environment.starts ?? new Semaphore(spec.replicas);
  }

  /** Accounts for the CPU time of these processes from now on. */
  account(pids: readonly number[]): void {
    for (const pid of pids) this.#environment.accounts?.add(pid);
  }

  async startReplica(index: number): Promise<void> {
    this.replicas.push(await this.#starting.run(() => this.#start(index, 0)));
  }

  /** Starts the service of a chain that is in front of those that run: a chain starts from its end. */
  async startInFront(place: ChainPlace): Promise<Replica> {
    const index = this.replicas.length;
    const replica = await this.#starting.run(() => this.#start(index, 0, undefined, place));
    this.#places.set(replica.address.port, place);
    this.replicas.unshift(replica);
    return replica;
  }

  async replaceReplica(index: number): Promise<void> {
    const old = this.replicas[index];
    if (old === undefined) throw new RangeError(`fleet ${this.spec.key} has no replica ${index}`);
    await old.stop();
    const fresh = await this.#start(index, old.address.port);
    this.replicas[index] = fresh;
    this.account([fresh.pid]);
  }

  startWithKeys(secrets: Secrets): Promise<readonly Replica[]> {
    const starts = Array.from({ length: this.spec.replicas }, (_, index) =>
      this.#starting.run(() => this.#start(index, 0, secrets)),
    );
    this.#withOtherKeys.push(...starts);
    return Promise.all(starts);
  }

  applyShares(): void {
    const { shares } = this.#environment;
    const { replicaShare = null, redisShare = null, cpuPeriod = 'steady' } = this.spec;
    if (shares === null) return;
    if (replicaShare !== null) for (const { pid } of this.replicas) shares.limit(pid, replicaShare, cpuPeriod);
    if (redisShare !== null) this.limitRedis(redisShare);
  }

  limitRedis(cores: number | null): void {
    const { shares } = this.#environment;
    for (const pid of [...(this.redis?.pids ?? []), ...processesOfCompanions(this.companions, processTree)]) {
      if (cores === null) shares?.release(pid);
      else shares?.limit(pid, cores, 'steady');
    }
  }

  async stop(): Promise<void> {
    const others = (await Promise.allSettled(this.#withOtherKeys)).flatMap((start) =>
      start.status === 'fulfilled' ? [start.value] : [],
    );
    const { balancer = null, replicas, proxy, companions, redis } = this;
    try {
      await stopInOrder([[balancer], [...replicas, ...others], [proxy], companions, [redis]]);
    } finally {
      this.#environment.shares?.sweep();
      this.#environment.accounts?.sweep();
    }
  }

  /** @param port 0 for any */
  #start(
    index: number,
    port: number,
    secrets = this.#environment.secrets,
    chain = this.#places.get(port),
  ): Promise<Replica> {
    const { arm, tls, burnIterations, work, program } = this.spec;
    const { janitor, onDeath, places } = this.#environment;
    const { host = HOST, ...place } = places?.replica(index) ?? {};
    return startReplica({
      start: {
        arm: arm.name,
        host,
        port,
        secrets,
        users: this.users.map((user) => user.record),
        ...(this.#settings === null ? {} : { settings: this.#settings }),
        ...(tls === undefined ? {} : { tls }),
        ...(burnIterations === undefined ? {} : { burnIterations }),
        ...(work === undefined ? {} : { work: { module: work.module, name: work.name } }),
        ...(this.redis === null ? {} : { redis: addressOf(this.redis, this.proxy?.url) }),
        ...companionsMessage(this.companions),
        ...(chain === undefined ? {} : { chain }),
      },
      janitor,
      onDeath,
      ...place,
      ...program,
    });
  }
}
