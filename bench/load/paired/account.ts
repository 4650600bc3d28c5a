/**
 * The CPU account of one party of a paired load, turn by turn. The system brings the account of a thread up to date when it
 * leaves the core, or at the scheduler's next tick: read right after a turn it lacks up to some milliseconds. So a turn is
 * settled at the start of the party's next one, before which it has slept.
 */
import type { Processes } from '../protocol.ts';
import type { LengthTally, TurnTally } from '../replies.ts';
import { Settling, settledReadings } from '../settling.ts';
import { type Counts, companionDifference, difference, forwarded, hasSameTimes, type Reading } from '../tally.ts';

export type ReadAccounts = (processes: Processes) => Reading;

interface Pending {
  readonly length: number;
  readonly counts: boolean;
  readonly requests: number;
}

export class Account {
  /** The settling of the time after the last turn. */
  readonly settling: Settling<Reading>;
  readonly #counts: Counts;
  readonly #read: () => Reading;
  readonly #settled: (TurnTally & { readonly length: number })[] = [];
  #first: Reading | null = null;
  #last: Reading | null = null;
  #pending: Pending | null = null;

  constructor(processes: Processes, counts: Counts, read: ReadAccounts) {
    this.#counts = counts;
    this.#read = () => read(processes);
    this.settling = new Settling(this.#read, hasSameTimes);
  }

  /** Takes what the turn before cost from the account, and begins another one. */
  begin(length: number, counts: boolean): void {
    const now = this.#read();
    this.#first ??= now;
    this.#settle(now);
    this.#last = now;
    this.#pending = { length, counts, requests: this.#counts.requests };
  }

  /** Does something that is neither in the turn before it nor in the next one, nor in the whole. */
  async outside<T>(work: () => Promise<T>): Promise<T> {
    // An account that lags would give it a part of the turn before, and a part of it to the next one.
    const before = await this.#rested();
    this.#settle(before);
    const done = await work();
    const after = await this.#rested();
    if (this.#first !== null) this.#first = forwarded(this.#first, before, after);
    return done;
  }

  /** Settles the last turn by what was read last. @returns what was read first and last */
  close(): { readonly before: Reading; readonly after: Reading } {
    const after = this.settling.last;
    this.#settle(after);
    return { before: this.#first ?? after, after };
  }

  /** Every turn that counts, in order. */
  turns(): TurnTally[] {
    return this.#settled.map(({ length: _length, ...turn }) => turn);
  }

  /** Sums over the turns of each of these lengths. */
  byLength(lengths: readonly number[]): LengthTally[] {
    return lengths.map((requestsPerTurn, index) => {
      const own = this.#settled.filter(({ length }) => length === index);
      return {
        requestsPerTurn,
        turns: own.length,
        requests: own.reduce((sum, { requests }) => sum + requests, 0),
        replicaCpuNs: sumOf(own.map(({ replicaCpuNs }) => replicaCpuNs)),
        redisCpuNs: sumOf(own.map(({ redisCpuNs }) => redisCpuNs)),
        ...(own.some(({ companionCpuNs }) => companionCpuNs !== undefined)
          ? { companionCpuNs: sumOf(own.map(({ companionCpuNs = null }) => companionCpuNs)) }
          : {}),
      };
    });
  }

  async #rested(): Promise<Reading> {
    const [reading] = await settledReadings([this.#read], hasSameTimes);
    return reading ?? this.#read();
  }

  #settle(now: Reading): void {
    const [last, pending] = [this.#last, this.#pending];
    this.#pending = null;
    if (last === null || pending === null || !pending.counts) return;
    this.#settled.push({
      length: pending.length,
      requests: this.#counts.requests - pending.requests,
      replicaCpuNs: sumOf(now.replicaNs.map((ns, i) => difference(ns, last.replicaNs[i] ?? null))),
      redisCpuNs: difference(now.redisNs, last.redisNs),
      ...companionDifference(now, last),
    });
  }
}

function sumOf(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((sum, ns) => (sum === null || ns === null ? null : sum + ns), 0);
}
