/** Keeps the event loop turning, so that a message is seen on arrival, not after waking up. */

import { Crowd } from '../../load/open/crowd.ts';
import type { CpuWait } from '../../processes/threads/cpu-wait.ts';

/** The interval for checking whether it may poll. */
const REST_MS = 20;

export class Poller {
  readonly #nowMicros: () => number;
  readonly #crowd: Crowd;
  #wanted = false;
  #turning = false;

  constructor(nowMicros: () => number, waitedMicros: CpuWait | null) {
    this.#nowMicros = nowMicros;
    this.#crowd = new Crowd(waitedMicros);
  }

  /** Starts polling if it has a core to itself, or stops. */
  poll(wanted: boolean): void {
    this.#wanted = wanted;
    if (wanted && !this.#turning) this.#turn();
  }

  readonly #turn = (): void => {
    this.#turning = this.#wanted;
    if (!this.#wanted) return;
    if (this.#crowd.mayPoll(this.#nowMicros())) setImmediate(this.#turn);
    else setTimeout(this.#turn, REST_MS);
  };
}
