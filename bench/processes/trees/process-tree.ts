/** A process and those that it started. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @returns the children of all its threads; none where it is gone, or the kernel does not tell */
export function childrenOf(pid: number, root = '/'): number[] {
  try {
    const tasks = join(root, `proc/${pid}/task`);
    return readdirSync(tasks).flatMap((thread) => {
      const text = readFileSync(join(tasks, thread, 'children'), 'latin1').trim();
      return text === '' ? [] : text.split(/\s+/).map(Number);
    });
  } catch {
    return [];
  }
}

/** Itself first, then everything below it. */
export function processTree(pid: number, root = '/'): number[] {
  return [pid, ...childrenOf(pid, root).flatMap((child) => processTree(child, root))];
}
