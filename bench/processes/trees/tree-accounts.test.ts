import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { CpuAccount } from '../cpu.ts';
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

it('contains the children and grandchildren of a process', () => {
  process(10, [11, 12], '/');
  process(11, [13], '/');
  process(12, [], '/');
  process(13, [], '/');
  expect(processTree(10, root).sort()).toEqual([10, 11, 12, 13]);
  // Without their own accounts, each is read separately.
  expect(accountedTree(10, root).sort()).toEqual([10, 11, 12, 13]);
  expect(processTree(99, root)).toEqual([99]);
});

it('loses no child if another thread ends during the reading', () => {
  process(15, [16], '/');
  process(16, [], '/');
  // The state of a thread that has ended since the listing: its folder is empty.
  for (const ended of [14, 17]) mkdirSync(join(root, `proc/15/task/${ended}`));
  expect(processTree(15, root)).toEqual([15, 16]);
  expect(accountedTree(15, root)).toEqual([15, 16]);
});

it('counts nothing twice: a process in the control group of an ancestor is in the ancestor’s account', () => {
  process(20, [21, 22], '/tollgate-1/process-20');
  process(21, [], '/tollgate-1/process-20');
  process(22, [23], '/tollgate-1/process-22');
  process(23, [], '/tollgate-1/process-22');
  expect(accountedTree(20, root).sort()).toEqual([20, 22]);
});

/** @param ended what its children that ended took, in clock ticks, and their page faults */
function spent(pid: number, ns: number, ticks: number, ended = { ticks: 0, faults: 0 }, startedTicks = 0): void {
  writeFileSync(join(root, `proc/${pid}/task/${pid}/schedstat`), `${ns} 1 2\n`);
  const fields = `S 1 7 7 0 -1 0 1 ${ended.faults} 0 0 ${ticks} 0 ${ended.ticks} 0 20 0 3 0 ${startedTicks} 1 1`;
  writeFileSync(join(root, `proc/${pid}/stat`), `${pid} (a) ${fields}\n`);
}
const end = (pid: number) => rmSync(join(root, `proc/${pid}`), { recursive: true });

function open(pid: number): CpuAccount {
  const account = openTreeAccount(pid, root);
  if (account === null) throw new Error('the made-up processes cannot be read');
  return account;
}

it('adds up the CPU time of a process and its descendants, in time and in clock ticks', () => {
  process(30, [31], '/');
  process(31, [], '/');
  spent(30, 500, 1);
  spent(31, 700, 2);
  const account = open(30);
  expect(account.source).toBe('threads');
  expect(account.read()).toEqual({ ns: 1_200, ticksNs: 30_000_000, reaped: 0 });
  spent(31, 900, 2);
  expect(account.read()?.ns).toBe(1_400);
  account.close();
  end(31);
  expect(openTreeAccount(30, root)).toBeNull();
  expect(openTreeAccount(99, root)).toBeNull();
});

it('continues if a worker is replaced: the old one stays counted, and the new one counts from its start', () => {
  process(40, [41, 42], '/');
  process(41, [], '/');
  process(42, [], '/');
  spent(40, 100, 1);
  spent(41, 5_000, 40);
  spent(42, 6_000, 50);
  const account = open(40);
  expect(account.read()).toEqual({ ns: 11_100, ticksNs: 910_000_000, reaped: 0 });
  // The master has waited for the first one, which took two more ticks, and has started another.
  end(41);
  process(40, [42, 43], '/');
  process(43, [], '/');
  spent(40, 150, 1, { ticks: 42, faults: 9 });
  spent(43, 700, 1);
  const after = account.read();
  const ticksNs = 10_000_000 * (1 + 42 + 50 + 1);
  expect(after).toEqual({ ns: 100 + 50 + 5_000 + 6_000 + 700, ticksNs, reaped: 10, busy: 2 });
  spent(43, 900, 1);
  expect(account.read()).toEqual({ ...after, ns: (after?.ns ?? 0) + 200 });
  end(40);
  expect(account.read()).toBeNull();
  account.close();
});

it('tells how many processes have used CPU time since it was opened, each of which rounds its clock ticks', () => {
  const workers = [71, 72, 73];
  process(70, workers, '/');
  spent(70, 100, 1);
  for (const pid of workers) {
    process(pid, [], '/');
    spent(pid, 5_000, 1);
  }
  const account = open(70);
  expect(account.read()).not.toHaveProperty('busy');
  for (const pid of [71, 72]) spent(pid, 6_000, 1);
  expect(account.read()).toMatchObject({ busy: 2 });
  // One that ended stays counted, and a new one counts from its start.
  end(71);
  process(70, [72, 73, 74], '/');
  process(74, [], '/');
  spent(74, 300, 0);
  expect(account.read()).toMatchObject({ busy: 3 });
  account.close();
});

it('also includes a process that nobody waited for in its clock ticks', () => {
  process(44, [45], '/');
  process(45, [], '/');
  spent(44, 100, 1);
  spent(45, 5_000, 40);
  const account = open(44);
  end(45);
  process(44, [], '/');
  expect(account.read()).toEqual({ ns: 5_100, ticksNs: 410_000_000, reaped: 1 });
  account.close();
});

it('includes a process that started and ended between two readings, from its parent’s account', () => {
  process(46, [], '/');
  spent(46, 100, 1);
  const account = open(46);
  const before = account.read();
  spent(46, 120, 1, { ticks: 7, faults: 30 });
  const after = account.read();
  expect([before, after]).toEqual([
    { ns: 100, ticksNs: 10_000_000, reaped: 0 },
    { ns: 120, ticksNs: 80_000_000, reaped: 30 },
  ]);
  account.close();
});

it('recognises a process that has not run yet', () => {
  process(60, [61], '/');
  process(61, [], '/');
  spent(60, 100, 1);
  spent(61, 0, 0);
  const account = open(60);
  spent(61, 700, 0);
  expect(account.read()?.ns).toBe(800);
  // Also one that starts later.
  process(60, [61, 62], '/');
  process(62, [], '/');
  spent(62, 0, 0);
  expect(account.read()?.ns).toBe(800);
  spent(62, 50, 0);
  expect(account.read()?.ns).toBe(850);
  account.close();
  // In a kernel without accounts, the first process has zeros as well.
  spent(60, 0, 0);
  expect(openTreeAccount(60, root)).toBeNull();
});

it('notices one more child among many', () => {
  const many = Array.from({ length: 110 }, (_, i) => 1_000_000_000 + i);
  const [last = 0] = many.slice(-1);
  process(63, many.slice(0, -1), '/');
  spent(63, 100, 1);
  for (const pid of many) {
    process(pid, [], '/');
    spent(pid, 10, 0);
  }
  const account = open(63);
  expect(account.read()?.ns).toBe(100 + 10 * 109);
  process(63, many, '/');
  spent(last, 7_000, 1);
  expect(account.read()?.ns).toBe(100 + 10 * 109 + 7_000);
  account.close();
});

it('does not count the earlier CPU time of a process that was overlooked', () => {
  process(47, [], '/');
  spent(47, 100, 1);
  const account = open(47);
  // It has run for a minute, and its parent thread is not the first.
  writeFileSync(join(root, 'proc/uptime'), '100.00 200.00\n');
  process(47, [48], '/');
  process(48, [], '/');
  spent(48, 9_000, 20, { ticks: 0, faults: 0 }, 4_000);
  expect(account.read()).toMatchObject({ ns: 100, ticksNs: 10_000_000 });
  spent(48, 9_400, 20);
  expect(account.read()).toMatchObject({ ns: 500 });
  rmSync(join(root, 'proc/uptime'));
  account.close();
});

it('is the account of the control group if that contains the whole tree', () => {
  process(50, [51], '/tollgate-1/process-50');
  process(51, [], '/tollgate-1/process-50');
  const folder = join(root, 'sys/fs/cgroup/tollgate-1/process-50');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'cpu.stat'), 'usage_usec 33\n');
  const account = open(50);
  expect([account.source, account.read()]).toEqual(['group', { ns: 33_000, ticksNs: null }]);
  account.close();
});
