/** The record of a server of known truth, by its own clock. */
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { DueCounts, Schedule, TruthCounts, Window, WindowCounts } from './protocol.ts';

interface Answered {
  readonly atMicros: number;
  readonly refused: boolean;
}

interface Placed {
  readonly nth: number;
  readonly place: number;
  /** The last check at which it had not arrived: a later pause of the server must not count as lateness. */
  readonly missingMicros: number;
  answeredMicros: number | null;
}

export class TruthRecorder {
  readonly #skip: number;
  readonly #startMicros: number;
  readonly #cpuWaitMicros: () => number | null;
  readonly #startWait: number | null;
  readonly #answers: Answered[] = [];
  readonly #placed = new Map<number, Placed>();
  readonly #service = LatencyHistogram.empty();
  #lookedMicros = Number.NEGATIVE_INFINITY;
  #lookedBeforeMicros = Number.NEGATIVE_INFINITY;
  #all = 0;
  #requests = 0;
  #answered = 0;
  #refused = 0;
  #withheld = 0;
  #firstMicros = 0;
  #lastMicros = 0;
  #burnedMicros = 0;

  /**
   * @param skip the number of warm-up requests at the beginning @param nowMicros on the clock that all processes
   * share
   */
  constructor(skip: number, nowMicros: number, cpuWaitMicros: () => number | null = () => null) {
    this.#skip = skip;
    this.#startMicros = nowMicros;
    this.#cpuWaitMicros = cpuWaitMicros;
    this.#startWait = cpuWaitMicros();
  }

  /** Called regularly, just before the server reads everything that has arrived. */
  looked(nowMicros: number): void {
    this.#lookedBeforeMicros = this.#lookedMicros;
    this.#lookedMicros = nowMicros;
  }

  /**
   * @param atMicros since the server was reset @param place in the schedule, if the request states it @returns the
   * number of the request, from 0, used in the other calls
   */
  arrived(atMicros: number, place: number | null): number {
    const nth = this.#all++;
    if (place !== null) {
      // A request that arrives just before the last check is read after it, so only the check before that is
      // evidence.
      const missingMicros = this.#lookedBeforeMicros;
      this.#placed.set(nth, { nth, place, missingMicros, answeredMicros: null });
    }
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

  answered(nth: number, status: number, serviceMicros: number, atMicros: number): void {
    this.#answers.push({ atMicros, refused: status >= 300 });
    const placed = this.#placed.get(nth);
    if (placed !== undefined) placed.answeredMicros = atMicros;
    if (nth < this.#skip) return;
    this.#answered++;
    if (status >= 300) this.#refused++;
    this.#service.record(serviceMicros);
  }

  counts(nowMicros: number, window: Window | null = null, schedule: Schedule | null = null): TruthCounts {
    const wait = this.#cpuWaitMicros();
    return {
      requests: this.#requests,
      answered: this.#answered,
      refused: this.#refused,
      withheld: this.#withheld,
      firstMicros: this.#firstMicros,
      lastMicros: this.#lastMicros,
      allRequests: this.#all,
      allBurnedMicros: this.#burnedMicros,
      cpuWaitMs: wait === null || this.#startWait === null ? null : (wait - this.#startWait) / 1000,
      periodMs: (nowMicros - this.#startMicros) / 1000,
      service: this.#service.encode(),
      window: window === null ? null : this.#within(window),
      due: schedule === null ? null : this.#due(schedule),
    };
  }

  #due({ startMicros, ratePerSecond }: Schedule): DueCounts {
    const latency = LatencyHistogram.empty();
    let [requests, late] = [0, 0];
    for (const { nth, place, missingMicros, answeredMicros } of this.#placed.values()) {
      if (nth < this.#skip) continue;
      const dueMicros = startMicros + (place * 1e6) / ratePerSecond;
      requests++;
      if (missingMicros > dueMicros) late++;
      latency.record(answeredMicros === null ? Number.POSITIVE_INFINITY : answeredMicros - dueMicros);
    }
    return { requests, late, latency: latency.encode() };
  }

  #within({ fromMicros, toMicros }: Window): WindowCounts {
    const inside = this.#answers.filter(({ atMicros }) => atMicros >= fromMicros && atMicros < toMicros);
    return { answered: inside.length, refused: inside.filter(({ refused }) => refused).length };
  }
}
