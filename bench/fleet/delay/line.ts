/** Holds things back for a time and lets them go in the order in which they came. Pure but for its clock, which comes in. */

interface Held<T> {
  readonly what: T;
  readonly dueMicros: number;
  readonly counts: boolean;
}

export interface Lateness {
  readonly delayed: number;
  readonly totalMicros: number;
  readonly maxMicros: number;
}

export class DelayLine<T> {
  readonly #nowMicros: () => number;
  readonly #letGo: (what: T) => void;
  #held: Held<T>[] = [];
  /** Those before it are gone: shifting an array is slow. */
  #head = 0;
  #delayMicros = 0;
  #delayed = 0;
  #totalMicros = 0;
  #maxMicros = 0;

  constructor(nowMicros: () => number, letGo: (what: T) => void) {
    this.#nowMicros = nowMicros;
    this.#letGo = letGo;
  }

  /** Of what comes from now on. */
  set delayMicros(micros: number) {
    this.#delayMicros = micros;
  }

  get waiting(): boolean {
    return this.#head < this.#held.length;
  }

  /**
   * Without a delay, and with nothing before it, it goes at once.
   * @param counts whether its lateness is told: not of what only keeps its place among the rest
   */
  put(what: T, counts = true): void {
    if (this.#delayMicros === 0 && !this.waiting) this.#letGo(what);
    else this.#held.push({ what, counts, dueMicros: this.#nowMicros() + this.#delayMicros });
  }

  /** Lets go of what is due. What came later waits for what came earlier, even where the delay was shortened between. */
  tick(): void {
    const now = this.#nowMicros();
    for (;;) {
      const next = this.#held[this.#head];
      if (next === undefined || next.dueMicros > now) break;
      this.#head++;
      if (next.counts) this.#count(now - next.dueMicros);
      this.#letGo(next.what);
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

  /** Since the last time it was asked. */
  takeLateness(): Lateness {
    const taken = { delayed: this.#delayed, totalMicros: this.#totalMicros, maxMicros: this.#maxMicros };
    this.#delayed = 0;
    this.#totalMicros = 0;
    this.#maxMicros = 0;
    return taken;
  }
}
