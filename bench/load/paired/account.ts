/**
 * The CPU account of one participant of a paired load, turn by turn. The system updates the account of a thread when
 * it leaves the core, or at the scheduler's next tick: right after a turn, some milliseconds are missing. So a turn
 * is settled at the start of the participant's next one, before which it has slept.
 */
import type { Processes } from '../protocol.ts';
import type { LengthTally, TurnTally } from '../replies.ts';
import { Settling, settledReadings } from '../settling.ts';
import {
  type Counts,
  companionDifference,
  difference,
  forwarded,
  hasSameTimes,
  type Reading,
  sumOrNull,
} from '../tally.ts';

export type ReadAccounts = (processes: Processes) => Reading;

interface Pending {
  readonly length: number;
  readonly counts: boolean;
  readonly requests: number;
}

export class Account {
  /** Waits for accounts to settle after the last turn. */
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

  /** Adds the cost of the previous turn, and begins another one. */
  begin(length: number, counts: boolean): void {
    const now = this.#read();
    this.#first ??= now;
    this.#settle(now);
    this.#last = now;
    this.#pending = { length, counts, requests: this.#counts.requests };
  }

  /** Runs work that counts for neither the previous turn nor the next one, nor for the total. */
  async outside(work: () => Promise<void>): Promise<void> {
    // An account that lags would mix parts of the adjacent turns.
    const before = await this.#rested();
    this.#settle(before);
    await work();
    const after = await this.#rested();
    if (this.#first !== null) this.#first = forwarded(this.#first, before, after);
  }

  /** Settles the last turn by the last reading. @returns the first and the last reading */
  close(): { readonly before: Reading; readonly after: Reading } {
    const after = this.settling.last;
    this.#settle(after);
    return { before: this.#first ?? after, after };
  }

  /** Every counted turn, in order. */
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
        replicaCpuNs: sumOrNull(own.map(({ replicaCpuNs }) => replicaCpuNs)),
        redisCpuNs: sumOrNull(own.map(({ redisCpuNs }) => redisCpuNs)),
        ...(own.some(({ companionCpuNs }) => companionCpuNs !== undefined)
          ? { companionCpuNs: sumOrNull(own.map(({ companionCpuNs = null }) => companionCpuNs)) }
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
      replicaCpuNs: sumOrNull(now.replicaNs.map((ns, i) => difference(ns, last.replicaNs[i] ?? null))),
      redisCpuNs: difference(now.redisNs, last.redisNs),
      ...companionDifference(now, last),
    });
  }
}
