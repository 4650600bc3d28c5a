/**
 * A control group for each process, in a directory of this run: `tollgate-RUN/process-PID`. Limits and CPU accounts
 * may be in one tree of groups, where one group serves both, or in two trees with the same names.
 */
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Janitor } from '../janitor.ts';
import { processTree } from '../trees/process-tree.ts';

/** The suffix of the name of a process's group, with its number. */
export const OWN_GROUP = /\/tollgate-\d+\/process-(\d+)$/;

export class ProcessGroups {
  readonly root: string;
  readonly #janitor: Pick<Janitor, 'watchGroup'>;
  readonly #list: typeof processTree;
  readonly #made = new Set<string>();

  /**
   * @param base our own group's directory
   * @param list the process itself and those below it
   * @throws Error if the directory cannot be written
   */
  constructor(base: string, janitor: Pick<Janitor, 'watchGroup'>, list = processTree) {
    this.root = join(base, `tollgate-${process.pid}`);
    this.#janitor = janitor;
    this.#list = list;
    this.#make(this.root);
  }

  /**
   * The group of a process. The process is moved there with all its threads and the processes that it has started.
   *
   * @throws {Error} if it cannot be moved
   */
  of(pid: number): string {
    const path = join(this.root, `process-${pid}`);
    this.#make(path);
    this.#made.add(path);
    // Written each time, because the system may have reused the number of an earlier process.
    const move = (each: number) => writeFileSync(join(path, 'cgroup.procs'), `${each}`);
    move(pid);
    // Listed after the move: whatever the process starts from then on is in the group, so nothing is missed.
    for (const each of this.#list(pid).slice(1)) ifItLives(() => move(each));
    return path;
  }

  /**
   * Makes an empty group, to find out what is possible with one.
   *
   * @throws what `use` throws
   */
  try(use: (path: string) => void): void {
    const path = join(this.root, 'trial');
    this.#make(path);
    try {
      use(path);
    } finally {
      remove(path);
    }
  }

  /** Removes groups whose processes have ended; the janitor removes the rest. */
  sweep(): void {
    for (const path of this.#made) if (remove(path)) this.#made.delete(path);
  }

  #make(path: string): void {
    this.#janitor.watchGroup(path);
    mkdirSync(path, { recursive: true });
  }
}

function ifItLives(use: () => void): void {
  try {
    use();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** @returns false if it contains processes or groups */
function remove(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
