/**
 * CPU accounts by control group: what a process, its ended threads and its children have consumed, in one file. The
 * scheduler keeps them in `cpuacct.usage` (version 1) and in `cpu.stat` (version 2, in every group, whatever its
 * controllers).
 */
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import { type Group, groupIn, ProcessTrees, textOf } from './groups/cgroups.ts';
import { OWN_GROUP, ProcessGroups } from './groups/process-groups.ts';
import type { Janitor } from './janitor.ts';

const FILES = { 1: 'cpuacct.usage', 2: 'cpu.stat' } as const;

/**
 * @param text content of the account's file
 *
 * @returns ns of CPU time; null if it contains none
 */
export function parseAccount(version: 1 | 2, text: string): number | null {
  const digits = (version === 1 ? /^(\d+)\s*$/ : /^usage_usec (\d+)$/m).exec(text)?.[1];
  return digits === undefined ? null : Number(digits) * (version === 1 ? 1 : 1000);
}

export interface AccountFile {
  readonly version: 1 | 2;
  readonly path: string;
}

function accountIn(group: Group | null): AccountFile | null {
  return group === null ? null : { version: group.version, path: join(group.path, FILES[group.version]) };
}

/** The account of a process that is alone in its control group; null for any other process. */
export function accountOf(pid: number, root = '/'): AccountFile | null {
  const groups = textOf(join(root, `proc/${pid}/cgroup`));
  const isOwn = (controller: string | 2) => OWN_GROUP.exec(groupIn(groups, controller) ?? '')?.[1] === String(pid);
  // Most processes have none: this finds out without reading the mounts.
  if (!isOwn('cpuacct') && !isOwn(2)) return null;
  const trees = new ProcessTrees(pid, root);
  return (
    (isOwn('cpuacct') ? accountIn(trees.version1('cpuacct')) : null) ?? (isOwn(2) ? accountIn(trees.version2()) : null)
  );
}

/** Gives processes their own CPU accounts. */
export class CpuAccounts {
  readonly version: 1 | 2;
  readonly #groups: ProcessGroups;

  private constructor(version: 1 | 2, groups: ProcessGroups) {
    this.version = version;
    this.#groups = groups;
  }

  /** @returns the accounts, or one line that says why they are unavailable */
  static open(janitor: Pick<Janitor, 'watchGroup'>, root = '/'): CpuAccounts | string {
    const trees = new ProcessTrees('self', root);
    const own = trees.version1('cpuacct') ?? trees.version2();
    if (own === null) return 'no control group that accounts for CPU time is mounted';
    const { version, path } = own;
    try {
      // Moving a process also requires write permission for the group that it leaves.
      accessSync(join(path, 'cgroup.procs'), constants.W_OK);
      const groups = new ProcessGroups(path, janitor);
      groups.try((trial) => {
        accessSync(join(trial, 'cgroup.procs'), constants.W_OK);
        const text = readFileSync(join(trial, FILES[version]), 'latin1');
        if (parseAccount(version, text) === null) throw new Error(`${FILES[version]} holds no CPU time`);
      });
      return new CpuAccounts(version, groups);
    } catch (error) {
      return `no accounting control group can be made below ${path} (${messageOf(error)})`;
    }
  }

  /** Like `open`, but returns null instead of the reason: processes are then read by their threads. */
  static openIfPossible(janitor: Pick<Janitor, 'watchGroup'>): CpuAccounts | null {
    const opened = CpuAccounts.open(janitor);
    return typeof opened === 'string' ? null : opened;
  }

  /**
   * Gives a process, with its threads and everything that it starts from now on, its own account.
   *
   * @returns false if that is not possible: the process is then read by its threads
   */
  add(pid: number): boolean {
    try {
      this.#groups.of(pid);
      return true;
    } catch {
      return false;
    }
  }

  /** Removes accounts whose processes have ended. */
  sweep(): void {
    this.#groups.sweep();
  }
}
