/**
 * Numbered entries that arrive over a channel: whether one is missing, and up to when all of them are known. Pure.
 * Times are on the clock of performance.now(), which cannot be set.
 */

/** The last number that the source has reported. */
export interface LastNumber {
  readonly number: number;
  readonly askedAtMs: number;
  /** What was known when it was asked for. */
  readonly knownBefore: number;
}

export class Sequence {
  #known = 0;
  #provenAtMs = Number.NEGATIVE_INFINITY;
  /** The last number reported by the source, and when it was requested; null once everything up to it is known. */
  #awaited: { readonly number: number; readonly askedAtMs: number } | null = null;

  /** Everything up to this number is known. */
  get known(): number {
    return this.#known;
  }

  /** At this time, everything was known. */
  get provenAtMs(): number {
    return this.#provenAtMs;
  }

  /** An entry has arrived. @returns `gap` if one before it is missing, so that a snapshot is needed */
  hear(number: number): 'known' | 'gap' {
    const isGap = number > this.#known + 1;
    if (!isGap) this.#known = Math.max(this.#known, number);
    if (this.#awaited !== null && this.#awaited.number <= this.#known) this.#prove(this.#awaited.askedAtMs);
    return isGap ? 'gap' : 'known';
  }

  /**
   * @returns `known` if everything up to the number is; `wait` if the rest may be in flight; `gap` if an entry, or what
   * the source had before, is lost, so that a snapshot is needed
   */
  asked({ number, askedAtMs, knownBefore }: LastNumber): 'known' | 'wait' | 'gap' {
    // The source came back with less than it had.
    if (number < knownBefore) return 'gap';
    if (number <= this.#known) {
      this.#prove(askedAtMs);
      return 'known';
    }
    // It has not arrived by the next time.
    if (this.#awaited !== null) return 'gap';
    this.#awaited = { number, askedAtMs };
    return 'wait';
  }

  /** A snapshot has everything up to this number. */
  restart(number: number, askedAtMs: number): void {
    this.#known = number;
    this.#prove(askedAtMs);
  }

  #prove(askedAtMs: number): void {
    this.#provenAtMs = Math.max(this.#provenAtMs, askedAtMs);
    if (this.#awaited !== null && this.#awaited.number <= this.#known) this.#awaited = null;
  }
}
