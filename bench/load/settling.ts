/** Detects when the CPU accounts of idle processes have settled: the system updates those of running threads late. */
import { elapsed } from './elapsed.ts';

/** A tick lasts 1 to 10 ms: equal probes must together span one. */
const PROBE_MS = 4;
const ALIKE_PROBES = 3;
/** A process that continues working by itself is not waited for. */
const SETTLED_WITHIN_MS = 150;

/** The accounts of one participant. */
export class Settling<T> {
  readonly #read: () => T;
  readonly #isAlike: (one: T, other: T) => boolean;
  #last: { readonly reading: T } | null = null;
  #alike = 0;

  /** @param isAlike whether no CPU time was used between two readings */
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

/** Waits until no account changes any more, within a limit. Each is probed at least once. */
export async function settle(parties: readonly Pick<Settling<unknown>, 'probe'>[]): Promise<void> {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  let changing = parties.filter((party) => !party.probe());
  while (changing.length > 0 && performance.now() < deadline) {
    await elapsed(PROBE_MS);
    changing = changing.filter((party) => !party.probe());
  }
}

/** The readings of these accounts once none changes any more. */
export async function settledReadings<T>(
  reads: readonly (() => T)[],
  isAlike: (one: T, other: T) => boolean,
): Promise<T[]> {
  const parties = reads.map((read) => new Settling(read, isAlike));
  await settle(parties);
  return parties.map(({ last }) => last);
}
