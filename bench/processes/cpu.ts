/**
 * CPU time of other processes, read from outside. A process that has a control group to itself is read from that
 * group's account, which is complete. Every other one is read from the scheduler's accounts of its threads
 * (`/proc/PID/task/TID/schedstat`, first field). The account of a thread is lost when the thread ends, so the process's
 * own total in clock ticks (`/proc/PID/stat`) is read too. Reading costs the other process nothing.
 *
 * For a thread that is on a CPU, all of these accounts are up to one scheduler tick old, 1 to 10 ms: read them after
 * the process has slept.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountOf, parseAccount } from './accounts.ts';
import { KernelFile } from './kernel-file.ts';

export interface CpuReading {
  /** ns on CPU, user and system. Only differences between readings of one account are meaningful. */
  readonly ns: number;
  /**
   * CPU time in whole clock ticks, including ended threads; null if `ns` already includes them, or it cannot be read.
   */
  readonly ticksNs: number | null;
  /**
   * Increases with each child that ended and was waited for. Only set if such children were requested from an account
   * that does not include them.
   */
  readonly reaped?: number;
  /** How many processes with clock ticks of their own have used CPU time since the account was opened; absent for one. */
  readonly busy?: number;
}

export interface CpuAccount {
  /** What it is read from: a control group, or the process's threads. */
  readonly source: 'group' | 'threads';
  /** @returns null if the process is gone */
  read(): CpuReading | null;
  /** Closes its files. */
  close(): void;
}

/** The unit of `/proc/PID/stat` on every architecture that Node runs on: USER_HZ is 100 (proc(5)). */
const CLOCK_TICK_NS = 10_000_000;
/**
 * For one process: user and system time are each rounded down to a whole tick, and the scheduler's own tick may be
 * another 10 ms old. That is five standard deviations, and the rounding of several processes is independent.
 */
const EXPLAINED_BY_TICKS_NS = 3 * CLOCK_TICK_NS;

export interface CpuSpent {
  readonly ns: number;
  /** False if accounts were lost with threads that ended: `ns` then comes from clock ticks. */
  readonly complete: boolean;
}

/**
 * Combines accounts, which may have lost threads, with clock ticks, which are coarse but complete.
 *
 * @param busy how many processes both are sums over, without those that used no CPU time
 */
export function complete(ns: number, ticksNs: number | null, busy = 1): CpuSpent {
  const isLost = ticksNs !== null && ticksNs - ns > EXPLAINED_BY_TICKS_NS * Math.sqrt(Math.max(1, busy));
  return isLost ? { ns: ticksNs, complete: false } : { ns, complete: true };
}

/** CPU time between two readings of one account. */
export function cpuBetween(before: CpuReading, after: CpuReading): CpuSpent {
  const hasTicks = before.ticksNs !== null && after.ticksNs !== null;
  return complete(after.ns - before.ns, hasTicks ? after.ticksNs - before.ticksNs : null, after.busy);
}

export interface AccountOptions {
  /**
   * Whether an account by threads includes children that ended and were waited for in its clock ticks. A control
   * group always includes them.
   */
  readonly withChildren?: boolean;
  /** Whether it may not have run yet. Zero is then a valid reading, since the kernel is known to keep accounts. */
  readonly mayBeNew?: boolean;
}

/**
 * @param root of the file system; tests replace it
 *
 * @returns null if it cannot be read: the process does not exist, there is no /proc, or /proc hides other users'
 * processes
 */
export function openCpuAccount(pid: number, root = '/', options: AccountOptions = {}): CpuAccount | null {
  const account = GroupAccount.open(pid, root) ?? new ThreadAccount(pid, root, options);
  if (account.read() !== null) return account;
  account.close();
  return null;
}

/** Whether the kernel keeps CPU accounts that this process may read. */
export function canReadCpu(root = '/'): boolean {
  return cpuNanos(process.pid, root) !== null;
}

/**
 * For occasional readings; repeated ones are far cheaper with an open account.
 *
 * @returns ns on CPU since the process started or got its account; null if it cannot be read
 */
export function cpuNanos(pid: number, root = '/'): number | null {
  const account = openCpuAccount(pid, root);
  try {
    return account?.read()?.ns ?? null;
  } finally {
    account?.close();
  }
}

class GroupAccount implements CpuAccount {
  readonly source = 'group';
  readonly #version: 1 | 2;
  readonly #file: KernelFile;

  private constructor(version: 1 | 2, file: KernelFile) {
    this.#version = version;
    this.#file = file;
  }

  static open(pid: number, root: string): GroupAccount | null {
    const found = accountOf(pid, root);
    if (found === null) return null;
    try {
      return new GroupAccount(found.version, new KernelFile(found.path));
    } catch {
      return null;
    }
  }

  read(): CpuReading | null {
    try {
      const ns = parseAccount(this.#version, this.#file.read());
      return ns === null ? null : { ns, ticksNs: null };
    } catch {
      return null;
    }
  }

  close(): void {
    this.#file.close();
  }
}

interface Thread {
  readonly file: KernelFile;
  lastNs: number;
}

class ThreadAccount implements CpuAccount {
  readonly source = 'threads';
  readonly #pid: number;
  readonly #folder: string;
  readonly #options: AccountOptions;
  readonly #threads = new Map<string, Thread>();
  /** The last readings of threads that have ended, added up. */
  #endedNs = 0;

  constructor(pid: number, root: string, options: AccountOptions) {
    this.#pid = pid;
    this.#folder = join(root, `proc/${pid}`);
    this.#options = options;
  }

  read(): CpuReading | null {
    let ids: string[];
    try {
      ids = readdirSync(join(this.#folder, 'task'));
    } catch {
      return null;
    }
    for (const id of ids) this.#readThread(id);
    for (const id of this.#threads.keys()) if (!ids.includes(id)) this.#end(id);
    const { withChildren = false, mayBeNew = false } = this.#options;
    const main = this.#threads.get(String(this.#pid));
    // A kernel without such accounts has no such files, or zeros in them.
    if (main === undefined || (main.lastNs === 0 && !mayBeNew)) return null;
    let ns = this.#endedNs;
    for (const { lastNs } of this.#threads.values()) ns += lastNs;
    const total = this.#total();
    if (!withChildren || total === null) return { ns, ticksNs: total?.ownNs ?? null };
    return { ns, ticksNs: total.ownNs + total.childrenNs, reaped: total.childFaults };
  }

  close(): void {
    for (const { file } of this.#threads.values()) file.close();
    this.#threads.clear();
  }

  /** A thread that ends before it is read counts as if it had ended before the listing. */
  #readThread(id: string): void {
    try {
      let thread = this.#threads.get(id);
      if (thread === undefined) {
        thread = { file: new KernelFile(join(this.#folder, 'task', id, 'schedstat')), lastNs: 0 };
        this.#threads.set(id, thread);
      }
      const text = thread.file.read();
      thread.lastNs = Number(text.slice(0, text.indexOf(' ')));
    } catch {
      this.#end(id);
    }
  }

  #end(id: string): void {
    const thread = this.#threads.get(id);
    if (thread === undefined) return;
    this.#endedNs += thread.lastNs;
    thread.file.close();
    this.#threads.delete(id);
  }

  #total(): ProcessTotal | null {
    try {
      return parseTotal(readFileSync(join(this.#folder, 'stat'), 'latin1'));
    } catch {
      return null;
    }
  }
}

/** CPU time of a process in whole clock ticks, including ended threads. */
export interface ProcessTotal {
  readonly ownNs: number;
  /** Of children that ended and were waited for, and of their children. */
  readonly childrenNs: number;
  /**
   * Page faults of these children. Every process has some, so this increases with each child, however little time it
   * took.
   */
  readonly childFaults: number;
}

/**
 * User and system time of a process, from `/proc/PID/stat`. The name before them may contain blanks and parentheses.
 *
 * @returns null if the text has another format
 */
export function parseTotal(stat: string): ProcessTotal | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // proc(5) counts fields from 1; the first of these is number 3.
  const field = (number: number) => Number(fields[number - 3] ?? Number.NaN);
  const total = {
    ownNs: (field(14) + field(15)) * CLOCK_TICK_NS,
    childrenNs: (field(16) + field(17)) * CLOCK_TICK_NS,
    childFaults: field(11) + field(13),
  };
  return Object.values(total).every(Number.isFinite) ? total : null;
}
