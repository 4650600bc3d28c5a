/**
 * Keeps all compared servers on one core, and load and Redis off it. Cores are not equal: a neighbour on the same
 * hardware, or the generator itself, slows one of them, and a server that happens to sit there seems slower.
 */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';

export interface Placed {
  readonly servers: readonly number[];
  readonly others: readonly number[];
}

/** Which cores: servers on the last, the rest on the others. Null on one core. Pure. */
export function coresFor(cores: number): { readonly servers: string; readonly others: string } | null {
  if (cores < 2) return null;
  return { servers: String(cores - 1), others: cores === 2 ? '0' : `0-${cores - 2}` };
}

/** @returns false where it cannot be done: one core, no taskset, or a container that does not allow it */
export async function pin({ servers, others }: Placed): Promise<boolean> {
  const cores = coresFor(availableParallelism());
  if (cores === null) return false;
  const put = (pid: number, on: string) => promisify(execFile)('taskset', ['-a', '-p', '-c', on, String(pid)]);
  try {
    await Promise.all([
      ...servers.map((pid) => put(pid, cores.servers)),
      ...others.map((pid) => put(pid, cores.others)),
    ]);
    return true;
  } catch {
    return false;
  }
}
