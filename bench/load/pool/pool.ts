/**
 * Closed-loop load at saturation over connections that stay open. A replica limited to a few hundredths of a core
 * needs longer than a slice to accept twenty connections: reconnecting for each slice would dominate the measurement.
 * So they are opened once, and each run uses some of them for a while.
 */
import { afterEnding, thenEnding } from '../../../core/errors.ts';
import { PROOF_KEY } from '../connection/proof.ts';
import { elapsed } from '../elapsed.ts';
import { LoadAccount, type Window } from '../load-account.ts';
import type { LoadOptions, PoolTarget, Processes } from '../protocol.ts';
import type { Tally } from '../replies.ts';
import { Counts, SelfMeter } from '../tally.ts';
import {
  cannonConnections,
  type Listener,
  type PooledConnection,
  type PooledConnections,
  sequenceConnections,
} from './connections.ts';

type RunOptions = Omit<LoadOptions<'runPool'>, 'key'>;

/** How long to wait for responses after the load. A replica limited to a hundredth of a core takes seconds. */
const DRAIN_MS = 20_000;
const LOOK_MS = 5;

/** Autocannon's clients repeat one request unchanged, but a proof has to be new each time. */
const needProofs = ({ requests }: PoolTarget['target']) =>
  requests.some(({ headers }) => headers[PROOF_KEY] !== undefined);

/** Forwards responses while they are counted. */
class Counter implements Listener {
  counts: Counts | null = null;
  /** All responses, counted or not. */
  answers = 0;

  answered(status: number, asExpected: boolean, requestBytes: number, responseBytes: number): void {
    this.answers++;
    this.counts?.answered(status, asExpected, requestBytes, responseBytes);
  }

  failed(): void {
    if (this.counts) this.counts.failed++;
  }
}

class ConnectionPool {
  readonly key: string;
  readonly #target: PoolTarget['target'];
  readonly #counter: Counter;
  readonly #open: PooledConnections;
  readonly #byAddress: readonly (readonly PooledConnection[])[];
  /** Where the next run starts: connections are used in turn, so that no server closes one for being idle. */
  #offset = 0;

  private constructor({ key, target }: PoolTarget, counter: Counter, open: PooledConnections) {
    this.key = key;
    this.#target = target;
    this.#counter = counter;
    this.#open = open;
    this.#byAddress = target.addresses.map((_, address) =>
      open.connections.filter((connection) => connection.address === address),
    );
  }

  static async open(pool: PoolTarget): Promise<ConnectionPool> {
    const counter = new Counter();
    const { target, sequence, connections } = pool;
    const open =
      sequence === null && !needProofs(target)
        ? await cannonConnections(target, connections, counter)
        : await sequenceConnections(target, connections, sequence ?? 1, counter);
    const opened = new ConnectionPool(pool, counter, open);
    await opened.#drain();
    return opened;
  }

  async run({ addresses, perAddress, rampMs, windowMs }: RunOptions): Promise<Tally> {
    const started = addresses.flatMap((address) => this.#take(address, perAddress));
    this.#offset += perAddress;
    const { key, processes } = this.#target;
    const used: Processes = {
      replicas: addresses.flatMap((address) => processes.replicas[address] ?? []),
      redis: processes.redis,
      ...(processes.companions === undefined ? {} : { companions: processes.companions }),
    };
    const account = await LoadAccount.begin(used);
    this.#counter.answers = 0;
    try {
      const window = await this.#window(started, rampMs, windowMs);
      return await account.tally(key, window, this.#counter.answers);
    } finally {
      account.close();
    }
  }

  /** Resolves when every response has arrived. */
  async #window(started: readonly PooledConnection[], rampMs: number, windowMs: number): Promise<Window> {
    const counts = new Counts();
    return thenEnding(
      async () => {
        for (const connection of started) connection.start();
        await elapsed(rampMs);
        const self = new SelfMeter();
        const fromMs = performance.now();
        this.#counter.counts = counts;
        await elapsed(windowMs);
        return { fromMs, toMs: performance.now(), counts, self: self.read() };
      },
      () => {
        this.#counter.counts = null;
        for (const connection of started) connection.pause();
        return this.#drain();
      },
    );
  }

  /** One request on every connection. */
  async keepAlive(): Promise<void> {
    for (const connection of this.#open.connections) {
      connection.start();
      connection.pause();
    }
    await this.#drain();
  }

  close(): Promise<void> {
    return this.#open.close();
  }

  #take(address: number, count: number): PooledConnection[] {
    const own = this.#byAddress[address] ?? [];
    if (own.length < count)
      throw new RangeError(`${this.key} has ${own.length} connections to one address, fewer than ${count}`);
    return Array.from({ length: count }, (_, i) => own[(this.#offset + i) % own.length] as PooledConnection);
  }

  /** Waits until every response has arrived: a later one would be counted in another run. */
  async #drain(): Promise<void> {
    const { connections } = this.#open;
    for (const until = performance.now() + DRAIN_MS; performance.now() < until; ) {
      if (connections.every(({ busy }) => !busy)) return;
      await elapsed(LOOK_MS);
    }
    const busy = connections.filter((connection) => connection.busy).length;
    throw new Error(`${busy} connections of ${this.key} had no answer within ${DRAIN_MS / 1000} s`);
  }
}

export class ConnectionPools {
  readonly #pools: ReadonlyMap<string, ConnectionPool>;

  private constructor(pools: readonly ConnectionPool[]) {
    this.#pools = new Map(pools.map((pool) => [pool.key, pool]));
  }

  /** Opens every connection of every pool, one pool after another. @throws ConnectionError */
  static async open(targets: readonly PoolTarget[]): Promise<ConnectionPools> {
    const opened: ConnectionPool[] = [];
    try {
      for (const target of targets) opened.push(await ConnectionPool.open(target));
    } catch (error) {
      throw await afterEnding(error, () => Promise.all(opened.map((pool) => pool.close())));
    }
    return new ConnectionPools(opened);
  }

  /** @returns the responses within the window, in which only the requested connections send */
  run(key: string, options: RunOptions): Promise<Tally> {
    const pool = this.#pools.get(key);
    if (!pool) throw new Error(`no connection pool ${key} is open`);
    return pool.run(options);
  }

  async keepAlive(): Promise<void> {
    for (const pool of this.#pools.values()) await pool.keepAlive();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }
}
