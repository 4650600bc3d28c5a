/** How late the machine woke a sleeper, since the last mark and since the start. The idea is jHiccup's (Tene). */
import { LatencyHistogram } from '../../core/results/histogram.ts';
import type { CoreReading } from './protocol.ts';

/** A wake-up this late means that the machine itself stalled. */
export const STALL_MICROS = 10_000;

class Period {
  readonly #fromMicros: number;
  readonly #late = LatencyHistogram.empty();
  #maxLateMicros = 0;
  #stalls = 0;

  constructor(fromMicros: number) {
    this.#fromMicros = fromMicros;
  }

  record(lateMicros: number): void {
    this.#late.record(lateMicros);
    if (lateMicros > this.#maxLateMicros) this.#maxLateMicros = lateMicros;
    if (lateMicros > STALL_MICROS) this.#stalls++;
  }

  reading(nowMicros: number): CoreReading {
    return {
      durationMs: (nowMicros - this.#fromMicros) / 1000,
      maxLateMicros: this.#maxLateMicros,
      stalls: this.#stalls,
      late: this.#late.encode(),
    };
  }
}

export class HiccupRecorder {
  readonly #sleepMicros: number;
  readonly #total: Period;
  #sinceMark: Period;
  #lastMicros: number;

  constructor(sleepMicros: number, nowMicros: number) {
    this.#sleepMicros = sleepMicros;
    this.#lastMicros = nowMicros;
    this.#total = new Period(nowMicros);
    this.#sinceMark = new Period(nowMicros);
  }

  /** Called after each sleep. All time between two calls, beyond the sleep, is lateness, so nothing is missed. */
  wake(nowMicros: number): void {
    const lateMicros = Math.max(0, nowMicros - this.#lastMicros - this.#sleepMicros);
    this.#sinceMark.record(lateMicros);
    this.#total.record(lateMicros);
    this.#lastMicros = nowMicros;
  }

  /** Readings since the last mark; begins the next period. */
  mark(nowMicros: number): CoreReading {
    const reading = this.#sinceMark.reading(nowMicros);
    this.#sinceMark = new Period(nowMicros);
    return reading;
  }

  total(nowMicros: number): CoreReading {
    return this.#total.reading(nowMicros);
  }

  /** The sleeper itself was busy responding: that does not count as lateness. */
  resume(nowMicros: number): void {
    this.#lastMicros = nowMicros;
  }
}
