import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { processTree } from './process-tree.ts';
import { accountedTree, openTreeAccount } from './tree-accounts.ts';

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

it('loses no child where another thread ends while the threads are read', () => {
  process(15, [16], '/');
  process(16, [], '/');
  // As a thread is that ended since it was listed: its folder holds nothing any more.
  for (const ended of [14, 17]) mkdirSync(join(root, `proc/15/task/${ended}`));
  expect(processTree(15, root)).toEqual([15, 16]);
  expect(accountedTree(15, root)).toEqual([15, 16]);
});

it('counts nothing twice: a process in the account of one above it is in that one’s', () => {
  process(20, [21, 22], '/tollgate-1/process-20');
  process(21, [], '/tollgate-1/process-20');
  process(22, [23], '/tollgate-1/process-22');
  process(23, [], '/tollgate-1/process-22');
  expect(accountedTree(20, root).sort()).toEqual([20, 22]);
});

it('sums what a process and those below it consumed, in time and in clock ticks, while all of them live', () => {
  const spent = (pid: number, ns: number, ticks: number) => {
    writeFileSync(join(root, `proc/${pid}/task/${pid}/schedstat`), `${ns} 1 2\n`);
    writeFileSync(join(root, `proc/${pid}/stat`), `${pid} (a) S 1 7 7 0 -1 0 1 0 0 0 ${ticks} 0 0 0 20 0 3 0 1 1 1\n`);
  };
  process(30, [31], '/');
  process(31, [], '/');
  spent(30, 500, 1);
  spent(31, 700, 2);
  const account = openTreeAccount(30, root);
  expect(account?.source).toBe('threads');
  expect(account?.read()).toEqual({ ns: 1_200, ticksNs: 30_000_000 });
  spent(31, 900, 2);
  expect(account?.read()?.ns).toBe(1_400);
  account?.close();
  rmSync(join(root, 'proc/31'), { recursive: true });
  expect(openTreeAccount(30, root)).toBeNull();
  expect(openTreeAccount(99, root)).toBeNull();
});
