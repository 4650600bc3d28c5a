/** A process and those that it started. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @returns the children of all its threads; none where it is gone, or the kernel does not tell */
export function childrenOf(pid: number, root = '/'): number[] {
  const tasks = join(root, `proc/${pid}/task`);
  try {
    return readdirSync(tasks).flatMap((thread) => childrenOfThread(join(tasks, thread)));
  } catch {
    return [];
  }
}

/** None where it has ended since the list of threads was made: those of the other threads are there all the same. */
function childrenOfThread(folder: string): number[] {
  try {
    const text = readFileSync(join(folder, 'children'), 'latin1').trim();
    return text === '' ? [] : text.split(/\s+/).map(Number);
  } catch {
    return [];
  }
}

/** Itself first, then everything below it. */
export function processTree(pid: number, root = '/'): number[] {
  return [pid, ...childrenOf(pid, root).flatMap((child) => processTree(child, root))];
}
