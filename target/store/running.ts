/** The stores of a running service: how to reach them, and how to inject faults into those that Tollgate started. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisFaults } from '../../bench/fleet/redis/faults.ts';
import { freePort, startRedis } from '../../bench/fleet/redis/own.ts';
import { instance, type RedisInstance, readVersion, watcher } from '../../bench/fleet/redis/redis.ts';
import { afterEnding, messageOf, runError, type TollgateError } from '../../core/errors.ts';
import { inertLine } from '../../core/inert.ts';
import { stopInOrder } from '../../core/stop-in-order.ts';
import { fill } from '../config/placeholders.ts';
import type { StoreKind } from '../config/schema.ts';
import { type Store, titleOf } from '../config/stores.ts';
import type { ServiceEnvironment } from '../process/environment.ts';
import { type StartedReplica, startReplica } from '../process/replica.ts';
import { askPostgres } from './postgres.ts';

export interface RunningStore {
  readonly kind: StoreKind;
  readonly url: string;
  /** A Redis that Tollgate started, for this start of the service alone. */
  readonly redis: RedisInstance | null;
  /** The process whose account contains its CPU time, with all descendants; null if Tollgate did not start it. */
  readonly pid: () => number | null;
  /** Null if Tollgate did not start it, and so must not break it. */
  readonly faults: RedisFaults | null;
  /** Whether it can be restarted empty: a store that a command starts may keep its data anywhere. */
  readonly canBeEmptied: boolean;
  stop(): Promise<void>;
}

type StoreEnvironment = ServiceEnvironment & {
  readonly secrets: readonly string[];
  readonly onDeath: (error: TollgateError) => void;
};

/** @throws {TollgateError} if one cannot start; those already started are stopped first */
export async function startStores(
  service: string,
  stores: readonly Store[],
  environment: StoreEnvironment,
): Promise<RunningStore[]> {
  const started: RunningStore[] = [];
  try {
    for (const store of stores) started.push(await startStore(service, store, environment));
    return started;
  } catch (error) {
    throw await afterEnding(error, () => stopInOrder([started]));
  }
}

async function startStore(service: string, store: Store, environment: StoreEnvironment): Promise<RunningStore> {
  const { kind } = store;
  if (store.from === 'command') return CommandStore.start(service, store, environment);
  if (store.from === 'running') {
    const nothing = { redis: null, pid: () => null, faults: null, canBeEmptied: false };
    return { ...nothing, kind, url: store.url, stop: async () => {} };
  }
  const redis = await startRedis(environment.janitor, undefined, environment.storeServer?.path);
  if (redis.pid !== null) environment.accounts?.add(redis.pid);
  return {
    kind,
    url: redis.url,
    redis,
    pid: () => redis.pid,
    faults: redis.faults ?? null,
    canBeEmptied: true,
    stop: () => redis.stop(),
  };
}

type FromCommand = Extract<Store, { from: 'command' }>;

const KEY_PREFIX = 'tollgate:target:';
const POLL_MS = 50;

/** A store that a configured command starts. */
class CommandStore implements RunningStore {
  readonly canBeEmptied = false;
  readonly kind: StoreKind;
  readonly url: string;
  readonly faults: RedisFaults;
  redis: RedisInstance | null = null;
  readonly #label: string;
  readonly #store: FromCommand;
  readonly #port: number;
  readonly #environment: StoreEnvironment;
  #process: StartedReplica | null = null;

  static async start(service: string, store: FromCommand, environment: StoreEnvironment): Promise<CommandStore> {
    const started = new CommandStore(service, store, await freePort(), environment);
    try {
      await started.#start();
      if (store.kind === 'redis') started.redis = await started.#watched();
      return started;
    } catch (error) {
      throw await afterEnding(error, () => started.stop());
    }
  }

  private constructor(service: string, store: FromCommand, port: number, environment: StoreEnvironment) {
    this.#label = `the ${titleOf(store.kind)} of ${service}`;
    this.#store = store;
    this.#port = port;
    this.#environment = environment;
    this.kind = store.kind;
    this.url = fill(store.url, { port: String(port) });
    this.faults = {
      freeze: () => this.#process?.signal('SIGSTOP'),
      thaw: () => this.#process?.signal('SIGCONT'),
      // What it persists, and when, is up to it.
      save: async () => {},
      kill: async () => {
        await this.#process?.kill();
      },
      restart: () => this.#start(),
    };
  }

  pid = (): number | null => this.#process?.pid ?? null;

  async stop(): Promise<void> {
    await this.redis?.stop();
    await this.#process?.stop();
  }

  async #start(): Promise<void> {
    const { launch, kind } = this.#store;
    this.#process = await startReplica({
      ...this.#environment,
      label: this.#label,
      part: `stores.${kind}.start`,
      launch: { ...launch, replicas: 1, ready: null, speaksTls: false },
      urls: new Map(),
      port: this.#port,
      tls: null,
    });
    await this.#untilItAnswers();
  }

  /** An open port does not suffice: a database may still be loading its data. */
  async #untilItAnswers(): Promise<void> {
    const { launch, kind } = this.#store;
    const untilMs = performance.now() + launch.readyWithinMs;
    for (;;) {
      const fault = await (kind === 'redis' ? askRedis(this.url) : askPostgres(this.url));
      if (fault === null) return;
      this.#environment.signal.throwIfAborted();
      if (performance.now() > untilMs)
        throw runError(
          `${this.#label} was not ready within ${launch.readyWithinMs / 1000} s: ${inertLine(fault)}`,
          `correct stores.${kind}.start.url, or raise stores.${kind}.start.readyWithinSeconds`,
        );
      await sleep(POLL_MS);
    }
  }

  async #watched(): Promise<RedisInstance> {
    const client = watcher(this.url);
    await client.connect();
    // Each fault ends the client's connection, so the counters are read through a new one.
    const version = await readVersion(client);
    client.disconnect();
    const read = async <T>(ask: (watched: RedisInstance) => Promise<T>): Promise<T> => {
      const fresh = watcher(this.url);
      await fresh.connect();
      try {
        return await ask(instance(this.url, KEY_PREFIX, this.pid(), fresh, version, async () => {}));
      } finally {
        fresh.disconnect();
      }
    };
    const { pid } = this;
    return {
      url: this.url,
      keyPrefix: KEY_PREFIX,
      get pid() {
        return pid();
      },
      get pids() {
        return [pid() ?? []].flat();
      },
      cluster: false,
      version,
      shared: false,
      commands: () => read((watched) => watched.commands()),
      cpuNanos: () => read((watched) => watched.cpuNanos()),
      faults: this.faults,
      stop: async () => {},
    };
  }
}

/** @returns null if it answers, else the reason */
async function askRedis(url: string): Promise<string | null> {
  const client = watcher(url);
  try {
    await client.connect();
    await client.ping();
    return null;
  } catch (error) {
    return messageOf(error);
  } finally {
    client.disconnect();
  }
}
