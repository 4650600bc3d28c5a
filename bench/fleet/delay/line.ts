/** Delays items and releases them in their order of arrival. Pure: the clock is an argument. */

import type { Lateness } from './protocol.ts';

interface Held<T> {
  readonly what: T;
  readonly dueMicros: number;
  readonly counts: boolean;
}

export class DelayLine<T> {
  readonly #nowMicros: () => number;
  readonly #release: (what: T) => void;
  #held: Held<T>[] = [];
  /** Index of the first waiting item: shifting an array is slow. */
  #head = 0;
  #delayMicros = 0;
  #delayed = 0;
  #totalMicros = 0;
  #maxMicros = 0;

  constructor(nowMicros: () => number, release: (what: T) => void) {
    this.#nowMicros = nowMicros;
    this.#release = release;
  }

  /** The delay of all further items. */
  set delayMicros(micros: number) {
    this.#delayMicros = micros;
  }

  get waiting(): boolean {
    return this.#head < this.#held.length;
  }

  /**
   * Adds an item. Without a delay, and with nothing before it, it is released at once. @param counts whether its
   * lateness counts
   */
  put(what: T, counts = true): void {
    if (this.#delayMicros === 0 && !this.waiting) this.#release(what);
    else this.#held.push({ what, counts, dueMicros: this.#nowMicros() + this.#delayMicros });
  }

  /** Releases due items. Later items wait for earlier ones, even if the delay was shortened in between. */
  tick(): void {
    const now = this.#nowMicros();
    for (;;) {
      const next = this.#held[this.#head];
      if (next === undefined || next.dueMicros > now) break;
      this.#head++;
      if (next.counts) this.#count(now - next.dueMicros);
      this.#release(next.what);
    }
    if (this.#head === this.#held.length) {
      this.#held.length = 0;
      this.#head = 0;
    } else if (this.#head > 1024) {
      this.#held = this.#held.slice(this.#head);
      this.#head = 0;
    }
  }

  #count(lateMicros: number): void {
    this.#delayed++;
    this.#totalMicros += lateMicros;
    this.#maxMicros = Math.max(this.#maxMicros, lateMicros);
  }

  /** The lateness since the last call. */
  takeLateness(): Lateness {
    const taken = { delayed: this.#delayed, totalMicros: this.#totalMicros, maxMicros: this.#maxMicros };
    this.#delayed = 0;
    this.#totalMicros = 0;
    this.#maxMicros = 0;
    return taken;
  }
}
