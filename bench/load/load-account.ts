/**
 * CPU accounts of a load that never pauses. Within a window, a busy process's account is up to a scheduler tick old,
 * which can be a tenth of the window's cost. So accounts are read before the load begins and after it has ended, when
 * the processes sleep, and the window gets a share in proportion to the requests answered in it.
 */
import type { Processes } from './protocol.ts';
import type { Tally } from './replies.ts';
import { settledReadings } from './settling.ts';
import { type Counts, hasSameTimes, ProcessReader, type Reading, tally } from './tally.ts';

async function settled(reader: ProcessReader): Promise<Reading> {
  const [reading] = await settledReadings([() => reader.read()], hasSameTimes);
  return reading ?? reader.read();
}

/** The reported part of a load: its true ends, and its counts. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
  readonly counts: Counts;
  readonly self: { readonly cpuNs: number; readonly busy: number };
}

export class LoadAccount {
  readonly #reader: ProcessReader;
  readonly #before: Reading;

  private constructor(reader: ProcessReader, before: Reading) {
    this.#reader = reader;
    this.#before = before;
  }

  /** Call it before the load, with all its connections open. Always close the account. */
  static async begin(processes: Processes): Promise<LoadAccount> {
    const reader = new ProcessReader(processes);
    return new LoadAccount(reader, await settled(reader));
  }

  /**
   * Call it after the load, when every response has arrived. @param answered all responses from first to last,
   * including those within the window; if there are none, the window gets everything
   */
  async tally(key: string, { fromMs, toMs, counts, self }: Window, answered: number): Promise<Tally> {
    const whole = tally(key, counts, this.#before, await settled(this.#reader), self);
    const part = answered > 0 ? counts.requests / answered : 1;
    const { companionCpuNs } = whole;
    return {
      ...whole,
      durationMs: toMs - fromMs,
      answered,
      replicaCpuNs: whole.replicaCpuNs?.map((ns) => ns * part) ?? null,
      redisCpuNs: whole.redisCpuNs === null ? null : whole.redisCpuNs * part,
      ...(typeof companionCpuNs === 'number' ? { companionCpuNs: companionCpuNs * part } : {}),
    };
  }

  close(): void {
    this.#reader.close();
  }
}
