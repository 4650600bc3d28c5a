/** CPU time of a store since it was first looked at, while processes of it start and end: a database has one for each client. */
import { type CpuAccount, type CpuReading, cpuBetween } from '../../bench/processes/cpu.ts';

export class StoreCpu {
  readonly #account: CpuAccount | null;
  readonly #onIncomplete: () => void;
  #last: CpuReading | null;
  #spentNs = 0;
  #isTold = false;

  /**
   * @param account that of its first process with all that it starts; null where that cannot be read. It is closed with this
   * @param onIncomplete called once, when processes took so much with them that only clock ticks of 10 ms hold it
   */
  constructor(account: CpuAccount | null, onIncomplete: () => void) {
    this.#account = account;
    this.#onIncomplete = onIncomplete;
    this.#last = account?.read() ?? null;
  }

  /** @returns ns, never less than before; null where it cannot be read, or no more */
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
