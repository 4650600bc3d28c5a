/** When the accounts of processes that were left alone have settled: the system brings those of running threads up to date late. */
import { elapsed } from './elapsed.ts';

/** A tick lasts 1 to 10 ms: probes that are alike must outlast it together. */
const PROBE_MS = 4;
const ALIKE_PROBES = 3;
/** A process that goes on working by itself is not waited for. */
const SETTLED_WITHIN_MS = 150;

/** The accounts of one party. */
export class Settling<T> {
  readonly #read: () => T;
  readonly #isAlike: (one: T, other: T) => boolean;
  #last: { readonly reading: T } | null = null;
  #alike = 0;

  /** @param isAlike whether nothing was consumed between two readings */
  constructor(read: () => T, isAlike: (one: T, other: T) => boolean) {
    this.#read = read;
    this.#isAlike = isAlike;
  }

  /** Reads once more. @returns whether nothing has changed for some time */
  probe(): boolean {
    const now = this.#read();
    this.#alike = this.#last !== null && this.#isAlike(this.#last.reading, now) ? this.#alike + 1 : 0;
    this.#last = { reading: now };
    return this.#alike >= ALIKE_PROBES;
  }

  /** @throws Error before the first probe */
  get last(): T {
    if (this.#last === null) throw new Error('the CPU time of a party was not read');
    return this.#last.reading;
  }
}

/** Waits until no account changes any more, or for as long as that may take. Each is probed once at least. */
export async function settle(parties: readonly Pick<Settling<unknown>, 'probe'>[]): Promise<void> {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  let changing = parties.filter((party) => !party.probe());
  while (changing.length > 0 && performance.now() < deadline) {
    await elapsed(PROBE_MS);
    changing = changing.filter((party) => !party.probe());
  }
}

/** What these accounts read once none changes any more. */
export async function settledReadings<T>(
  reads: readonly (() => T)[],
  isAlike: (one: T, other: T) => boolean,
): Promise<T[]> {
  const parties = reads.map((read) => new Settling(read, isAlike));
  await settle(parties);
  return parties.map(({ last }) => last);
}
