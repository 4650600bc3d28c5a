/** One host of a run: its agent, its clocks, and the processes started there. */
import { shortestOf } from '../../core/clock-offset.ts';
import { runError, type TollgateError } from '../../core/errors.ts';
import type { ClockOffset } from '../../core/results/recorded/shards.ts';
import type { RedisInstance } from '../fleet/redis/redis.ts';
import type { CpuTicks } from '../hiccup/steal.ts';
import { monotonicMs } from '../load/open/alarm-clock.ts';
import { Child } from '../processes/child.ts';
import { AGENT, type HostFacts, type HostReading, type Program } from './agent/protocol.ts';
import { clockOf, type Reading } from './clocks.ts';
import type { HostEntry } from './config/read.ts';
import { BEAT_MS, END_MS, LOST_MS } from './deadlines.ts';
import type { LineProcess } from './link/lines.ts';
import { RemoteProcess } from './link/remote-process.ts';

const ROUND_TRIPS = 20;

/** Above the largest pid of Linux (PID_MAX_LIMIT, proc(5)). */
const FIRST_PID = 2 ** 23;
let nextPid = FIRST_PID;

export interface HostOptions {
  readonly entry: HostEntry;
  readonly link: LineProcess;
  /** Called once if it is lost without having been ended. */
  readonly onLoss: (error: TollgateError) => void;
}

export class Host {
  readonly entry: HostEntry;
  readonly agent: Child<typeof AGENT>;
  readonly #link: LineProcess;
  readonly #onLoss: (error: TollgateError) => void;
  /** Its processes, by the number that this run assigned. */
  readonly #pids = new Map<number, number>();
  #beating: NodeJS.Timeout | null = null;
  #facts: HostFacts | null = null;
  #ticks: CpuTicks | null = null;
  #clock: ClockOffset = { offsetMs: 0, uncertaintyMs: 0, roundTrips: 1 };
  #monotonicAheadMs = 0;
  #isOver = false;

  constructor({ entry, link, onLoss }: HostOptions) {
    this.entry = entry;
    this.#link = link;
    this.#onLoss = onLoss;
    this.agent = new Child(AGENT, {
      name: `host ${entry.name}`,
      entry: link,
      onDeath: () => this.#lose('its connection ended'),
    });
    this.#beat();
  }

  get name(): string {
    return this.entry.name;
  }

  get facts(): HostFacts {
    if (this.#facts === null) throw new Error(`host ${this.name} was not asked for its facts`);
    return this.#facts;
  }

  /** Its clock minus the one here. */
  get clock(): ClockOffset {
    return this.#clock;
  }

  /** Its CPU time when it was opened; null if it does not report it. */
  get ticks(): CpuTicks | null {
    return this.#ticks;
  }

  async readFacts(): Promise<void> {
    this.#facts = await this.agent.ask('facts', null);
    this.#ticks = await this.agent.ask('ticks', null);
  }

  /** Clocks drift by milliseconds within minutes, so they are compared before each fork. */
  async compareClocks(): Promise<void> {
    const trips: Reading[] = [];
    for (let i = 0; i < ROUND_TRIPS; i++) {
      const sentMs = monotonicMs();
      const sentWallMs = Date.now();
      const there = await this.agent.ask('clocks', null);
      trips.push({ sentMs, sentWallMs, tookMs: monotonicMs() - sentMs, there });
    }
    this.#clock = clockOf(trips);
    const { sentMs, tookMs, there } = shortestOf(trips);
    this.#monotonicAheadMs = there.monotonicMs - (sentMs + tookMs / 2);
  }

  /** @param ms on the clock of `monotonicMs` here @returns the same time on the clock of the host */
  toItsClock(ms: number): number {
    return ms + this.#monotonicAheadMs;
  }

  async launch(program: Program, nodeFlags: readonly string[] = []): Promise<RemoteProcess> {
    const started = await RemoteProcess.start({ agent: this.agent, pid: nextPid++, program, nodeFlags });
    this.#pids.set(started.pid, started.pidThere);
    started.once('close', () => this.#pids.delete(started.pid));
    return started;
  }

  /** The given processes that run there, with their pids there. */
  own(pids: readonly number[]): { readonly pid: number; readonly pidThere: number }[] {
    return pids.flatMap((pid) => {
      const pidThere = this.#pids.get(pid);
      return pidThere === undefined ? [] : [{ pid, pidThere }];
    });
  }

  /** CPU accounts of its idle processes. */
  async readCpu(pids: readonly number[]): Promise<ReadonlyMap<number, HostReading>> {
    const own = this.own(pids);
    if (own.length === 0) return new Map();
    const readings = await this.agent.ask('cpu', { pids: own.map(({ pidThere }) => pidThere) });
    return new Map(own.map(({ pid }, i) => [pid, readings[i] ?? null]));
  }

  /** Starts a Redis that listens only at the address of the host, with its own password. */
  async startRedis(): Promise<RedisInstance> {
    const pid = nextPid++;
    const { agent } = this;
    const started = await agent.ask('startRedis', { redis: pid, host: this.entry.address });
    this.#pids.set(pid, started.pid);
    const usage = () => agent.ask('redisUsage', { redis: pid });
    return {
      url: started.url,
      keyPrefix: 'tollgate:',
      pid,
      pids: [pid],
      cluster: false,
      version: started.version,
      shared: false,
      commands: async () => (await usage()).commands,
      cpuNanos: async () => (await usage()).cpuNs,
      stop: async () => {
        this.#pids.delete(pid);
        // On a lost host its agent ends it.
        await agent.ask('stopRedis', { redis: pid }).catch(() => {});
      },
    };
  }

  /** Ends the agent, and everything that it started. */
  async end(): Promise<void> {
    this.#isOver = true;
    if (this.#beating !== null) clearTimeout(this.#beating);
    if (this.#link.exitCode === null && this.#link.signalCode === null) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, END_MS);
      this.#link.once('exit', () => resolve());
      this.#link.closeInput();
      await promise;
      clearTimeout(timer);
    }
    await this.agent.stop();
  }

  #beat(): void {
    this.#beating = setTimeout(() => {
      this.agent.ask('beat', null, { deadlineMs: LOST_MS }).then(
        () => this.#isOver || this.#beat(),
        () => this.#lose(`it has not answered for ${LOST_MS / 1000} s`),
      );
    }, BEAT_MS);
  }

  #lose(why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#beating !== null) clearTimeout(this.#beating);
    const error = runError(
      `host ${this.name} was lost: ${why}`,
      'check that it runs and that the network is up; what was measured so far is kept',
    );
    this.#onLoss(error);
    this.agent.fail(error);
    this.#link.kill('SIGKILL');
  }
}
