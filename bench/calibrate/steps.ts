/** The measurements of a calibration, the time left, and whether a repetition fits. */

import type { Kind } from './kinds/kind.ts';
import type { CalibrateOptions } from './options.ts';

/** Time of a measurement in addition to the load: processes, connections, pings. */
const OVERHEAD_SECONDS = 1.1;
const PAIRED_SECONDS = 3.5;

function secondsOf({ load }: Kind): number {
  return load.durationMs / 1000 + OVERHEAD_SECONDS;
}

/** Seconds of each measurement, in order. */
export function stepsOf({ kinds, drivers, rounds }: Pick<CalibrateOptions, 'kinds' | 'drivers' | 'rounds'>): number[] {
  return kinds.flatMap((kind) => {
    const seconds: number[] = [];
    for (const driver of drivers) {
      if (driver.mode === 'closed' && !kind.seenByClosedLoop) continue;
      seconds.push(...Array<number>(driver.judged ? rounds : 1).fill(secondsOf(kind)));
    }
    if (kind.control !== undefined) seconds.push(...Array<number>(rounds).fill(PAIRED_SECONDS));
    return seconds;
  });
}

export class Repeats {
  readonly #seconds: readonly number[];
  readonly #limits: Pick<CalibrateOptions, 'repeats' | 'budgetSeconds'>;
  readonly #nowMs: () => number;
  readonly #startMs: number;
  #done = 0;

  constructor(
    seconds: readonly number[],
    limits: Pick<CalibrateOptions, 'repeats' | 'budgetSeconds'>,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#seconds = seconds;
    this.#limits = limits;
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
  }

  /** Called before each measurement. @returns for example `12 of 87, about 70 s left` */
  next(): string {
    const left = Math.round(this.#secondsLeft());
    this.#done++;
    return `${this.#done} of ${this.#seconds.length}, about ${left} s left`;
  }

  /** @param repeat how often this measurement has been repeated */
  allows(repeat: number, kind: Kind): boolean {
    if (repeat >= this.#limits.repeats) return false;
    const spent = (this.#nowMs() - this.#startMs) / 1000;
    return spent + secondsOf(kind) + this.#secondsLeft() <= this.#limits.budgetSeconds;
  }

  #secondsLeft(): number {
    return this.#seconds.slice(this.#done).reduce((sum, seconds) => sum + seconds, 0);
  }
}
