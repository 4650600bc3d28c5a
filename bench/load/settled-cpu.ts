/**
 * CPU time of a process over some work. At the ends of the work its account may lack up to a scheduler tick, so it is read
 * when the process has slept; what it consumes while it is waited for belongs to the work.
 */
import { type CpuAccount, type CpuReading, type CpuSpent, cpuBetween, openCpuAccount } from '../processes/cpu.ts';
import { settledReadings } from './settling.ts';

export class SettledCpu {
  readonly #account: CpuAccount | null;
  #last: CpuReading | null = null;

  private constructor(account: CpuAccount | null) {
    this.#account = account;
  }

  /** Waits until the process has come to rest. @param pid null for a process that cannot be looked at */
  static async open(pid: number | null, openAccount = openCpuAccount): Promise<SettledCpu> {
    const opened = new SettledCpu(pid === null ? null : openAccount(pid));
    await opened.spent();
    return opened;
  }

  /**
   * Waits until the process has come to rest.
   * @returns what it consumed since the last call, or since it was opened; null where that cannot be read
   */
  async spent(): Promise<CpuSpent | null> {
    const account = this.#account;
    if (account === null) return null;
    const [now = null] = await settledReadings([() => account.read()], (one, other) => one?.ns === other?.ns);
    const before = this.#last;
    this.#last = now;
    if (before === null || now === null) return null;
    return cpuBetween(before, now);
  }

  close(): void {
    this.#account?.close();
  }
}

/** Work, and what a process consumed meanwhile; null where that cannot be read. */
export async function withCpuOf<T>(
  pid: number | null,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly cpu: CpuSpent | null }> {
  const account = await SettledCpu.open(pid);
  try {
    const result = await work();
    return { result, cpu: await account.spent() };
  } finally {
    account.close();
  }
}
