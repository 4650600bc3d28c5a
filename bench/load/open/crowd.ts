/**
 * Whether the generator may poll for an answer. On a core of its own, polling is the most exact way to wait: waking up from
 * a sleep added 100 µs and more to each latency. On a contended core it is the worst: the scheduler puts a polling process
 * last, and sends came 2 ms late at the median. So it polls until it has to wait for the core.
 */
import type { CpuWait } from '../../processes/cpu-wait.ts';

/** Long enough that another process's occasional few milliseconds do not count as contention. */
const LOOK_MICROS = 50_000;
/** Of the time between two looks. A hiccup meter on the same core takes 4 %. */
const CROWDED_SHARE = 0.1;
const FIRST_REST_MICROS = 100_000;
const LONGEST_REST_MICROS = 3_200_000;

export class Crowd {
  readonly #waitedMicros: CpuWait | null;
  #lookedMicros = Number.NEGATIVE_INFINITY;
  #waitedThen = 0;
  #restUntilMicros = Number.NEGATIVE_INFINITY;
  #restMicros = FIRST_REST_MICROS;

  /** @param waitedMicros null where it is not known: then it never polls */
  constructor(waitedMicros: CpuWait | null) {
    this.#waitedMicros = waitedMicros;
  }

  /** Called before each poll. After a wait for the core it sleeps for a while, and longer when that happens again. */
  mayPoll(nowMicros: number): boolean {
    if (this.#waitedMicros === null) return false;
    if (nowMicros < this.#restUntilMicros) return false;
    const sinceMicros = nowMicros - this.#lookedMicros;
    if (sinceMicros < LOOK_MICROS) return true;
    const waited = this.#waitedMicros();
    const share = (waited - this.#waitedThen) / sinceMicros;
    const hasRested = this.#lookedMicros < this.#restUntilMicros;
    this.#lookedMicros = nowMicros;
    this.#waitedThen = waited;
    // Waits while it slept do not show what polling would cause: that has to be tried.
    if (hasRested) return true;
    if (share <= CROWDED_SHARE) {
      this.#restMicros = FIRST_REST_MICROS;
      return true;
    }
    this.#restUntilMicros = nowMicros + this.#restMicros;
    this.#restMicros = Math.min(2 * this.#restMicros, LONGEST_REST_MICROS);
    return false;
  }
}
