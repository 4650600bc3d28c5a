/** When the accounts of processes that were left alone have settled: the system brings those of running threads up to date late. */
import { elapsed } from './elapsed.ts';
import type { Reading } from './tally.ts';

/** A tick lasts 1 to 10 ms: probes that are alike must outlast it together. */
const PROBE_MS = 4;
const ALIKE_PROBES = 3;
/** A process that goes on working by itself is not waited for. */
const SETTLED_WITHIN_MS = 150;

/** The accounts of one party. */
export class Settling {
  readonly #read: () => Reading;
  #last: Reading | null = null;
  #alike = 0;

  constructor(read: () => Reading) {
    this.#read = read;
  }

  /** Reads once more. @returns whether nothing has changed for some time */
  probe(): boolean {
    const now = this.#read();
    this.#alike = this.#last !== null && isAlike(this.#last, now) ? this.#alike + 1 : 0;
    this.#last = now;
    return this.#alike >= ALIKE_PROBES;
  }

  /** @throws Error before the first probe */
  get last(): Reading {
    if (this.#last === null) throw new Error('the CPU time of a party was not read');
    return this.#last;
  }
}

function isAlike(one: Reading, other: Reading): boolean {
  return one.redisNs === other.redisNs && one.replicaNs.every((ns, i) => ns === other.replicaNs[i]);
}

/** Waits until no account changes any more, or for as long as that may take. Each is probed once at least. */
export async function settle(parties: readonly Settling[]): Promise<void> {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  let changing = parties.filter((party) => !party.probe());
  while (changing.length > 0 && performance.now() < deadline) {
    await elapsed(PROBE_MS);
    changing = changing.filter((party) => !party.probe());
  }
}
