/** Runs callbacks at a given moment, to some 10 µs: a timer for the long part of the wait, polling for the rest. */

/**
 * Polling starts this long before the moment, because a timer may be a millisecond late. Polling for longer would
 * leave other processes no time.
 */
const POLL_MICROS = 1500;

interface Due {
  readonly atMicros: number;
  readonly run: () => void;
}

export class DelayQueue {
  readonly #nowMicros: () => number;
  /** Items with the soonest last, so that removing it is cheap. */
  readonly #due: Due[] = [];
  #watching = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(nowMicros: () => number) {
    this.#nowMicros = nowMicros;
  }

  at(atMicros: number, run: () => void): void {
    let place = this.#due.length;
    while (place > 0 && (this.#due[place - 1]?.atMicros ?? 0) <= atMicros) place--;
    this.#due.splice(place, 0, { atMicros, run });
    if (!this.#watching) this.#watch();
  }

  readonly #watch = (): void => {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const now = this.#nowMicros();
    for (let next = this.#due.at(-1); next !== undefined && next.atMicros <= now; next = this.#due.at(-1)) {
      this.#due.pop();
      next.run();
    }
    const next = this.#due.at(-1);
    const waitMicros = next === undefined ? Number.POSITIVE_INFINITY : next.atMicros - now;
    this.#watching = waitMicros <= POLL_MICROS;
    if (this.#watching) setImmediate(this.#watch);
    else if (next !== undefined)
      this.#timer = setTimeout(this.#watch, Math.floor((waitMicros - POLL_MICROS) / 1000) + 1);
  };
}
