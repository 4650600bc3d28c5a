/**
 * Closed-loop load at saturation over connections that stay open. On a replica that is held to a few hundredths of a core,
 * accepting twenty connections takes longer than a slice: connections made for each slice would be most of what is
 * measured. Here they are made once, and a visit lets some of them go for a while.
 */
import { elapsed } from '../closed/closed.ts';
import type { KeptTarget, Processes, Tally } from '../protocol.ts';
import { Counts, readProcesses, SelfMeter, tally } from '../tally.ts';
import { cannonLanes, type Lane, type Lanes, sequenceLanes, type Watcher } from './lanes.ts';

export interface VisitOptions {
  /** Indices of addresses, which are those of the target's replicas. */
  readonly addresses: readonly number[];
  /** Lanes that go to each of them. */
  readonly perAddress: number;
  readonly rampMs: number;
  readonly windowMs: number;
}

/** How long answers are waited for where load has ended. A replica that is held to a hundredth of a core takes seconds. */
const DRAIN_MS = 20_000;
const LOOK_MS = 5;

/** Tells whoever counts just now, if anybody. */
class Counter implements Watcher {
  counts: Counts | null = null;

  answered(status: number, asExpected: boolean, requestBytes: number, responseBytes: number): void {
    this.counts?.answered(status, asExpected, requestBytes, responseBytes);
  }

  failed(): void {
    if (this.counts) this.counts.failed++;
  }
}

class Kept {
  readonly target: KeptTarget;
  readonly #counter: Counter;
  readonly #lanes: Lanes;
  readonly #byAddress: readonly (readonly Lane[])[];
  /** Where the next visit begins to take lanes: all get their turn, so that no server closes one for being idle. */
  #offset = 0;

  private constructor(target: KeptTarget, counter: Counter, lanes: Lanes) {
    this.target = target;
    this.#counter = counter;
    this.#lanes = lanes;
    this.#byAddress = target.target.addresses.map((_, address) =>
      lanes.lanes.filter((lane) => lane.address === address),
    );
  }

  static async open(target: KeptTarget): Promise<Kept> {
    const counter = new Counter();
    const { sequence, connections } = target;
    const lanes =
      sequence === null
        ? await cannonLanes(target.target, connections, counter)
        : await sequenceLanes(target.target, connections, sequence, counter);
    const kept = new Kept(target, counter, lanes);
    await kept.#idle();
    return kept;
  }

  async visit({ addresses, perAddress, rampMs, windowMs }: VisitOptions): Promise<Tally> {
    const going = addresses.flatMap((address) => this.#take(address, perAddress));
    this.#offset += perAddress;
    const { key, processes } = this.target.target;
    const used: Processes = {
      replicas: addresses.flatMap((address) => processes.replicas[address] ?? []),
      redis: processes.redis,
    };
    const counts = new Counts();
    try {
      for (const lane of going) lane.go();
      await elapsed(rampMs);
      const self = new SelfMeter();
      const before = readProcesses(used);
      this.#counter.counts = counts;
      await elapsed(windowMs);
      this.#counter.counts = null;
      const after = readProcesses(used);
      return tally(key, counts, before, after, self.read());
    } finally {
      this.#counter.counts = null;
      for (const lane of going) lane.rest();
      await this.#idle();
    }
  }

  /** One request on every lane. */
  async touch(): Promise<void> {
    for (const lane of this.#lanes.lanes) {
      lane.go();
      lane.rest();
    }
    await this.#idle();
  }

  close(): Promise<void> {
    return this.#lanes.close();
  }

  #take(address: number, count: number): Lane[] {
    const own = this.#byAddress[address] ?? [];
    if (own.length < count)
      throw new RangeError(`${this.target.key} has ${own.length} lanes to one address, not ${count}`);
    return Array.from({ length: count }, (_, i) => own[(this.#offset + i) % own.length] as Lane);
  }

  async #idle(): Promise<void> {
    for (const until = performance.now() + DRAIN_MS; performance.now() < until; ) {
      if (this.#lanes.lanes.every((lane) => !lane.busy)) return;
      await elapsed(LOOK_MS);
    }
    // Their answers would be taken for those of a later visit.
    const busy = this.#lanes.lanes.filter((lane) => lane.busy).length;
    throw new Error(`${busy} connections of ${this.target.key} had no answer within ${DRAIN_MS / 1000} s`);
  }
}

export class KeptLoad {
  readonly #kept: ReadonlyMap<string, Kept>;

  private constructor(kept: readonly Kept[]) {
    this.#kept = new Map(kept.map((one) => [one.target.key, one]));
  }

  /** Opens every lane of every target, one target after the other. @throws ConnectionError */
  static async open(targets: readonly KeptTarget[]): Promise<KeptLoad> {
    const opened: Kept[] = [];
    try {
      for (const target of targets) opened.push(await Kept.open(target));
    } catch (error) {
      await Promise.all(opened.map((one) => one.close()));
      throw error;
    }
    return new KeptLoad(opened);
  }

  /** @returns what was answered within the window, in which only the lanes asked for are at work */
  visit(key: string, options: VisitOptions): Promise<Tally> {
    const kept = this.#kept.get(key);
    if (!kept) throw new Error(`no load is kept under ${key}`);
    return kept.visit(options);
  }

  async touch(): Promise<void> {
    for (const one of this.#kept.values()) await one.touch();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#kept.values()].map((one) => one.close()));
  }
}
