/** Runs things at a moment, to some 10 µs: a timer for the long part of the wait, polling for the last of it. */

/**
 * From here on the moment is polled for: a timer may be late by a millisecond. Polling for longer would leave other
 * processes no time.
 */
const POLL_MICROS = 1500;

interface Due {
  readonly atMicros: number;
  readonly run: () => void;
}

export class DelayQueue {
  readonly #nowMicros: () => number;
  /** Items with the soonest last, so that taking it is cheap. */
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
