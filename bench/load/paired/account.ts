/**
 * The CPU account of one party of a paired load, turn by turn. The system brings the account of a thread up to date when it
 * leaves the core, or at the scheduler's next tick: read right after a turn it lacks up to some milliseconds. So a turn is
 * settled at the start of the party's next one, before which it has slept.
 */
import { setTimeout as elapsed } from 'node:timers/promises';
import type { LengthTally, Processes, TurnTally } from '../protocol.ts';
import { type Counts, difference, type Reading } from '../tally.ts';

export type ReadAccounts = (processes: Processes) => Reading;

interface Pending {
  readonly length: number;
  readonly counts: boolean;
  readonly requests: number;
}

/** A tick lasts 1 to 10 ms: an account that a running thread changes, changes within this. */
const PROBE_MS = 4;
const ALIKE_PROBES = 3;
/** A process that goes on working by itself is not waited for. */
const SETTLED_WITHIN_MS = 150;

export class Account {
  readonly #processes: Processes;
  readonly #counts: Counts;
  readonly #read: ReadAccounts;
  readonly #settled: (TurnTally & { readonly length: number })[] = [];
  #first: Reading | null = null;
  #last: Reading | null = null;
  #end: Reading | null = null;
  #pending: Pending | null = null;
  #alike = 0;

  constructor(processes: Processes, counts: Counts, read: ReadAccounts) {
    this.#processes = processes;
    this.#counts = counts;
    this.#read = read;
  }

  /** Takes what the turn before cost from the account, and begins another one. */
  begin(length: number, counts: boolean): void {
    const now = this.#read(this.#processes);
    this.#first ??= now;
    this.#settle(now);
    this.#last = now;
    this.#pending = { length, counts, requests: this.#counts.requests };
  }

  /** Reads once more. @returns whether nothing has changed for some time */
  probe(): boolean {
    const now = this.#read(this.#processes);
    this.#first ??= now;
    this.#alike = this.#end !== null && isAlike(this.#end, now) ? this.#alike + 1 : 0;
    this.#end = now;
    return this.#alike >= ALIKE_PROBES;
  }

  /** Settles the last turn by the last probe. @returns what was read first and last */
  close(): { readonly before: Reading; readonly after: Reading } {
    const after = this.#end;
    if (this.#first === null || after === null) throw new Error('the CPU time of a participant was not read');
    this.#settle(after);
    return { before: this.#first, after };
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
      };
    });
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
    });
  }
}

function sumOf(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((sum, ns) => (sum === null || ns === null ? null : sum + ns), 0);
}

function isAlike(one: Reading, other: Reading): boolean {
  return one.redisNs === other.redisNs && one.replicaNs.every((ns, i) => ns === other.replicaNs[i]);
}

/** Leaves the processes alone until their accounts have stopped changing, or for as long as that may take. */
export async function leaveAlone(accounts: readonly Account[]): Promise<void> {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  let changing = accounts.filter((account) => !account.probe());
  while (changing.length > 0 && performance.now() < deadline) {
    await elapsed(PROBE_MS);
    changing = changing.filter((account) => !account.probe());
  }
}
