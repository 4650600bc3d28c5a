/**
 * CPU time of a process for a piece of work. At both ends its account may lag by a scheduler tick, so it is read when
 * the process has slept; CPU time during that wait belongs to the work.
 */
import { type CpuAccount, type CpuReading, type CpuSpent, cpuBetween, openCpuAccount } from '../processes/cpu.ts';
import { settledReadings } from './settling.ts';

export class SettledCpu {
  readonly #account: CpuAccount | null;
  #last: CpuReading | null = null;

  private constructor(account: CpuAccount | null) {
    this.#account = account;
  }

  /** Waits until the process is idle. @param pid null for a process that cannot be read */
  static async open(pid: number | null, openAccount = openCpuAccount): Promise<SettledCpu> {
    const opened = new SettledCpu(pid === null ? null : openAccount(pid));
    await opened.spent();
    return opened;
  }

  /**
   * Waits until the process is idle. @returns its CPU time since the last call, or since it was opened; null if that
   * cannot be read
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

/** Runs work, and measures a process's CPU time for it; null if that cannot be read. */
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
