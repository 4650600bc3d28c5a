import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { accountedTree, processTree } from './process-tree.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-tree-'));
afterAll(() => rmSync(root, { recursive: true }));

/** @param group the control group, as in /proc/PID/cgroup */
function process(pid: number, children: readonly number[], group: string): void {
  const thread = join(root, `proc/${pid}/task/${pid}`);
  mkdirSync(thread, { recursive: true });
  writeFileSync(join(thread, 'children'), children.join(' '));
  writeFileSync(join(root, `proc/${pid}/cgroup`), `0::${group}\n`);
}
mkdirSync(join(root, 'proc/self'), { recursive: true });
writeFileSync(join(root, 'proc/self/mountinfo'), '41 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n');

it('holds what a process started, and what that started', () => {
  process(10, [11, 12], '/');
  process(11, [13], '/');
  process(12, [], '/');
  process(13, [], '/');
  expect(processTree(10, root).sort()).toEqual([10, 11, 12, 13]);
  // Without accounts of their own, each is read by itself.
  expect(accountedTree(10, root).sort()).toEqual([10, 11, 12, 13]);
  expect(processTree(99, root)).toEqual([99]);
});

it('counts nothing twice: a process in the account of one above it is in that one’s', () => {
  process(20, [21, 22], '/tollgate-1/process-20');
  process(21, [], '/tollgate-1/process-20');
  process(22, [23], '/tollgate-1/process-22');
  process(23, [], '/tollgate-1/process-22');
  expect(accountedTree(20, root).sort()).toEqual([20, 22]);
});
