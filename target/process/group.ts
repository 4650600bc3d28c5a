/**
 * The processes that a command started: those in its process group, and those that left it but are still in its
 * control group.
 */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { accountOf } from '../../bench/processes/accounts.ts';
import { textOf } from '../../bench/processes/groups/cgroups.ts';
import { listeners, socketsOf } from './listeners.ts';

const POLL_MS = 20;
/** A killed process is gone at once, unless it waits for a disk. */
const KILLED_WITHIN_MS = 5_000;

interface Stat {
  readonly pid: number;
  readonly group: number;
  readonly isZombie: boolean;
}

function statOf(pid: number): Stat | null {
  const stat = textOf(`/proc/${pid}/stat`);
  // The name in parentheses may hold blanks and parentheses.
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === undefined || group === undefined ? null : { pid, group: Number(group), isZombie: state === 'Z' };
}

export class CommandGroup {
  readonly #pid: number;
  /** Lists the processes of its control group; null without one. */
  readonly #members: string | null;

  /** @param pid of the process group's leader */
  constructor(pid: number) {
    this.#pid = pid;
    const account = accountOf(pid);
    this.#members = account === null ? null : join(dirname(account.path), 'cgroup.procs');
  }

  /** Process ids of running processes. A zombie only waits for its parent, so it is left out. */
  pids(): number[] {
    const inGroup = this.#all().flatMap((stat) => (stat.group === this.#pid && !stat.isZombie ? [stat.pid] : []));
    const members = this.#members === null ? [] : textOf(this.#members).split('\n').filter(Boolean).map(Number);
    return [...new Set([...inGroup, ...members.filter((pid) => statOf(pid)?.isZombie === false)])];
  }

  /**
   * Asks all of them to end, and kills those that do not; if the time is 0, it kills at once.
   *
   * @returns false if one had to be killed
   */
  async end(withinMs: number): Promise<boolean> {
    // A stopped process would not notice the request to end.
    this.signal('SIGCONT');
    if (withinMs > 0) {
      this.signal('SIGTERM');
      if (await this.#isGoneWithin(withinMs)) return true;
    }
    this.signal('SIGKILL');
    await this.#isGoneWithin(KILLED_WITHIN_MS);
    return false;
  }

  signal(signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    for (const pid of this.pids()) {
      try {
        process.kill(pid, signal);
      } catch {
        // It has ended meanwhile.
      }
    }
  }

  async #isGoneWithin(ms: number): Promise<boolean> {
    const untilMs = performance.now() + ms;
    while (this.pids().length > 0) {
      if (performance.now() > untilMs) return false;
      await sleep(POLL_MS);
    }
    return true;
  }

  #all(): Stat[] {
    try {
      return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (statOf(Number(name)) ?? []) : []));
    } catch {
      return [];
    }
  }

  /** The ports on which they listen, of IPv4 and IPv6. */
  ports(): number[] {
    const listening = listeners();
    const inodes = this.pids().flatMap(socketsOf);
    return [...new Set(inodes.flatMap((inode) => listening.get(inode) ?? []))].sort((a, b) => a - b);
  }
}
