/**
 * CPU time of other processes, read from outside. A process that has a control group to itself is read from that
 * group's account, which is complete. Every other one is read from the scheduler's accounts of its threads
 * (`/proc/PID/task/TID/schedstat`, first field). The account of a thread is lost when the thread ends, so the process's
 * own total in clock ticks (`/proc/PID/stat`) is read too. Reading costs the other process nothing.
 *
 * For a thread that is on a CPU, all of these accounts are up to one scheduler tick old, 1 to 10 ms: read them after
 * the process has slept.
 */
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { accountOf, parseAccount } from './accounts.ts';

export interface CpuReading {
  /** ns on CPU, user and system; only differences between readings of one account mean anything. */
  readonly ns: number;
  /** CPU time in whole clock ticks, including ended threads; null if `ns` includes them, or it cannot be read. */
  readonly ticksNs: number | null;
}

export interface CpuAccount {
  /** Where it is read from: a control group, or the process's threads. */
  readonly source: 'group' | 'threads';
  /** @returns null when the process is gone */
  read(): CpuReading | null;
  /** Closes its files. */
  close(): void;
}

/** The unit of `/proc/PID/stat` on every architecture that Node runs on: USER_HZ is 100 (proc(5)). */
const CLOCK_TICK_NS = 10_000_000;
/** User and system time are each rounded down to a whole tick, and the scheduler's own tick may be another 10 ms old. */
const EXPLAINED_BY_TICKS_NS = 3 * CLOCK_TICK_NS;

export interface CpuSpent {
  readonly ns: number;
  /** False if accounts were lost with threads that ended: `ns` then comes from clock ticks. */
  readonly complete: boolean;
}

/** What was consumed, by accounts that may have lost threads, and by clock ticks, which are coarse and lose nothing. */
export function complete(ns: number, ticksNs: number | null): CpuSpent {
  const isLost = ticksNs !== null && ticksNs - ns > EXPLAINED_BY_TICKS_NS;
  return isLost ? { ns: ticksNs, complete: false } : { ns, complete: true };
}

/**
 * @param root of the file system: another one in tests
 * @returns null when it cannot be read: there is no such process, no /proc, or it hides other users' processes
 */
export function openCpuAccount(pid: number, root = '/'): CpuAccount | null {
  const account = GroupAccount.open(pid, root) ?? new ThreadAccount(pid, root);
  if (account.read() !== null) return account;
  account.close();
  return null;
}

/** True where the kernel keeps CPU accounts that we may read. */
export function canReadCpu(root = '/'): boolean {
  return cpuNanos(process.pid, root) !== null;
}

/**
 * For occasional readings: an open account costs a fraction of it.
 * @returns ns on CPU since the process started or got its account; null when it cannot be read
 */
export function cpuNanos(pid: number, root = '/'): number | null {
  const account = openCpuAccount(pid, root);
  try {
    return account?.read()?.ns ?? null;
  } finally {
    account?.close();
  }
}

/** A file of the kernel's, opened once and read from its start each time: opening it again costs ten times that. */
class KernelFile {
  readonly #file: number;
  readonly #buffer = Buffer.alloc(1024);

  /** @throws Error where it does not exist */
  constructor(path: string) {
    this.#file = openSync(path, 'r');
  }

  /** @throws Error if the process or group has ended */
  read(): string {
    return this.#buffer.toString('latin1', 0, readSync(this.#file, this.#buffer, 0, this.#buffer.length, 0));
  }

  close(): void {
    closeSync(this.#file);
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
  readonly #threads = new Map<string, Thread>();
  /** What threads that have ended had consumed when they were last read. */
  #endedNs = 0;

  constructor(pid: number, root: string) {
    this.#pid = pid;
    this.#folder = join(root, `proc/${pid}`);
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
    // A kernel that keeps no such accounts has no such files, or zeros in them.
    if ((this.#threads.get(String(this.#pid))?.lastNs ?? 0) === 0) return null;
    let ns = this.#endedNs;
    for (const { lastNs } of this.#threads.values()) ns += lastNs;
    return { ns, ticksNs: this.#ticks() };
  }

  close(): void {
    for (const { file } of this.#threads.values()) file.close();
    this.#threads.clear();
  }

  /** One that ends before it is read is as if it had ended before the list was made. */
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

  #ticks(): number | null {
    try {
      return parseTicks(readFileSync(join(this.#folder, 'stat'), 'latin1'));
    } catch {
      return null;
    }
  }
}

/**
 * User and system time of a process with its ended threads, from `/proc/PID/stat`. The name before them may hold blanks and
 * parentheses.
 * @returns ns; null where the text is something else
 */
export function parseTicks(stat: string): number | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks * CLOCK_TICK_NS : null;
}
