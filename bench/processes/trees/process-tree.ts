/** A process and its descendants. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @returns the children of all its threads; none if it is gone, or the kernel does not tell */
export function childrenOf(pid: number, root = '/'): number[] {
  const tasks = join(root, `proc/${pid}/task`);
  try {
    return readdirSync(tasks).flatMap((thread) => childrenOfThread(join(tasks, thread)));
  } catch {
    return [];
  }
}

/** Empty if the thread has ended since the listing; the children of other threads still count. */
function childrenOfThread(folder: string): number[] {
  try {
    const text = readFileSync(join(folder, 'children'), 'latin1').trim();
    return text === '' ? [] : text.split(/\s+/).map(Number);
  } catch {
    return [];
  }
}

/** The process first, then its descendants. */
export function processTree(pid: number, root = '/'): number[] {
  return [pid, ...childrenOf(pid, root).flatMap((child) => processTree(child, root))];
}
