/**
 * CPU time of a store since it was opened, while its processes start and end: a database has one process per client.
 */
import { type CpuAccount, type CpuReading, cpuBetween } from '../../bench/processes/cpu.ts';

export class StoreCpu {
  readonly #account: CpuAccount | null;
  readonly #onIncomplete: () => void;
  #last: CpuReading | null;
  #spentNs = 0;
  #isTold = false;

  /**
   * @param account of its first process and all descendants; null if it cannot be read. It is closed together with
   * this
   *
   * @param onIncomplete called once, if so much time is in ended processes that only clock ticks of 10 ms contain it
   */
  constructor(account: CpuAccount | null, onIncomplete: () => void) {
    this.#account = account;
    this.#onIncomplete = onIncomplete;
    this.#last = account?.read() ?? null;
  }

  /** @returns ns, never less than before; null if it cannot be read, or no longer */
  read(): number | null {
    const before = this.#last;
    const now = this.#account?.read() ?? null;
    this.#last = now;
    if (before === null || now === null) return null;
    const spent = cpuBetween(before, now);
    this.#spentNs += spent.ns;
    if (!spent.complete && !this.#isTold) {
      this.#isTold = true;
      this.#onIncomplete();
    }
    return this.#spentNs;
  }

  close(): void {
    this.#account?.close();
  }
}
