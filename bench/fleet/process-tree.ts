/** A process and those that it started. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountOf } from '../processes/accounts.ts';

/** @returns the children of all its threads; none where it is gone, or the kernel does not tell */
function childrenOf(pid: number, root: string): number[] {
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

/**
 * The processes of a tree whose accounts together hold what all of it consumed: a process in the control group of one above
 * it is in that one's account, and would be counted twice.
 */
export function accountedTree(pid: number, root = '/', isCovered = false): number[] {
  const hasOwn = accountOf(pid, root) !== null;
  const below = childrenOf(pid, root).flatMap((child) => accountedTree(child, root, isCovered || hasOwn));
  return hasOwn || !isCovered ? [pid, ...below] : below;
}
