/** Notices that this process stalled, as on an overloaded machine: timings from that period prove nothing. */

const EVERY_MS = 50;
/** Half of a server's time-out for its store. */
const STALL_MS = 500;

export class StallWatch {
  readonly #timer: NodeJS.Timeout;
  #lastMs = performance.now();
  #stalledAtMs = Number.NEGATIVE_INFINITY;

  constructor() {
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  /** @param sinceMs on the clock of `performance.now()` */
  hasStalledSince(sinceMs: number): boolean {
    this.#look();
    return this.#stalledAtMs >= sinceMs;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    if (nowMs - this.#lastMs - EVERY_MS > STALL_MS) this.#stalledAtMs = nowMs;
    this.#lastMs = nowMs;
  }
}
