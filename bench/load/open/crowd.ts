/**
 * Decides whether the generator may poll for responses. On its own core, polling is the most precise way to wait,
 * since waking up adds to each latency. On a shared core it is the worst, since the scheduler runs a polling process
 * last. So the generator polls until it has to wait for its core. The figures are in docs/method.md, "Laboratory
 * notes".
 */
import type { CpuWait } from '../../processes/threads/cpu-wait.ts';

/** Long enough that occasional milliseconds of other processes do not count as contention. */
const LOOK_MICROS = 50_000;
/** The share of the time between two checks that counts as contention. A hiccup meter on the same core takes 4 %. */
const CROWDED_SHARE = 0.1;
const FIRST_REST_MICROS = 100_000;
const LONGEST_REST_MICROS = 3_200_000;

export class Crowd {
  readonly #waitedMicros: CpuWait | null;
  #lookedMicros = Number.NEGATIVE_INFINITY;
  #waitedThen = 0;
  #restUntilMicros = Number.NEGATIVE_INFINITY;
  #restMicros = FIRST_REST_MICROS;

  /** @param waitedMicros null if it is unknown: then the generator never polls */
  constructor(waitedMicros: CpuWait | null) {
    this.#waitedMicros = waitedMicros;
  }

  /** Called before each poll. After it had to wait, it sleeps for a while, and longer if that happens again. */
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
    // Waiting after a sleep says nothing about polling: that has to be tried.
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
