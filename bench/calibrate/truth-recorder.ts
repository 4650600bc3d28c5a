/** What a server of known truth saw and did, by its own clock. */
import { type EncodedHistogram, LatencyHistogram } from '../load/histogram.ts';

/** Plain data; the names without `all` leave out the first requests, which warm up. */
export interface TruthCounts {
  readonly requests: number;
  readonly answered: number;
  readonly refused: number;
  readonly withheld: number;
  readonly firstMicros: number;
  readonly lastMicros: number;
  readonly allRequests: number;
  readonly allBurnedMicros: number;
  readonly service: EncodedHistogram;
}

export class TruthRecorder {
  readonly #skip: number;
  readonly #service = LatencyHistogram.empty();
  #all = 0;
  #requests = 0;
  #answered = 0;
  #refused = 0;
  #withheld = 0;
  #firstMicros = 0;
  #lastMicros = 0;
  #burnedMicros = 0;

  /** @param skip how many requests at the beginning are a warm-up */
  constructor(skip: number) {
    this.#skip = skip;
  }

  /** @returns the place of the request, from 0; it comes back in the other calls */
  arrived(atMicros: number): number {
    const nth = this.#all++;
    if (nth >= this.#skip) {
      if (this.#requests++ === 0) this.#firstMicros = atMicros;
      this.#lastMicros = atMicros;
    }
    return nth;
  }

  burned(micros: number): void {
    this.#burnedMicros += micros;
  }

  withheld(nth: number): void {
    if (nth >= this.#skip) this.#withheld++;
  }

  answered(nth: number, status: number, serviceMicros: number): void {
    if (nth < this.#skip) return;
    this.#answered++;
    if (status >= 300) this.#refused++;
    this.#service.record(serviceMicros);
  }

  counts(): TruthCounts {
    return {
      requests: this.#requests,
      answered: this.#answered,
      refused: this.#refused,
      withheld: this.#withheld,
      firstMicros: this.#firstMicros,
      lastMicros: this.#lastMicros,
      allRequests: this.#all,
      allBurnedMicros: this.#burnedMicros,
      service: this.#service.encode(),
    };
  }
}
