import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTree } from '../testing/tree.ts';
import { canReadCpu, complete, cpuBetween, cpuNanos, openCpuAccount, parseTotal } from './cpu.ts';

it('reads at least the CPU time of a busy loop according to the process’s own account', () => {
  if (!canReadCpu()) {
    expect(cpuNanos(process.pid)).toBeNull();
    return;
  }
  const before = cpuNanos(process.pid) ?? Number.NaN;
  const own = process.cpuUsage();
  while (process.cpuUsage(own).user < 50_000) Math.sqrt(Math.random());
  const { user, system } = process.cpuUsage(own);
  const outside = (cpuNanos(process.pid) ?? Number.NaN) - before;
  // The kernel updates a running thread's account at its next tick: up to 4 ms of error either way.
  expect(Math.abs(outside - (user + system) * 1000)).toBeLessThan(10e6);
});

it('has no figure for a process that does not exist', () => {
  expect(cpuNanos(2 ** 22 + 1)).toBeNull();
});

describe('a process', () => {
  const STAT = '7 (a) b) (c) S 1 7 7 0 -1 4194304 1 0 0 0 50 12 900 900 20 0 3 0 1 1 1\n';
  const write = (root: string, thread: number, ns: number) =>
    writeFileSync(join(root, `proc/7/task/${thread}/schedstat`), `${ns} 1 2\n`);

  it('is read even if a thread ends between the listing and the reading of its account', () => {
    const root = makeTree({
      'proc/7/task/7/schedstat': '500 1 2\n',
      'proc/7/task/8/comm': 'gone',
      'proc/7/stat': STAT,
    });
    expect(cpuNanos(7, root)).toBe(500);
  });

  it('keeps the last reading of threads that have ended', () => {
    const root = makeTree({
      'proc/7/task/7/schedstat': '500 1 2\n',
      'proc/7/task/8/schedstat': '300 1 2\n',
      'proc/7/stat': STAT,
    });
    const account = openCpuAccount(7, root);
    expect(account?.read()).toEqual({ ns: 800, ticksNs: 620_000_000 });
    rmSync(join(root, 'proc/7/task/8'), { recursive: true });
    write(root, 7, 600);
    expect(account?.read()).toEqual({ ns: 900, ticksNs: 620_000_000 });
    account?.close();
  });

  it.each([
    ['there is no /proc', {}],
    ['it is hidden, as by hidepid', { 'proc/stat': '' }],
    ['the kernel keeps no account of threads', { 'proc/7/task/7/comm': 'a', 'proc/7/stat': STAT }],
    ['the kernel counts nothing', { 'proc/7/task/7/schedstat': '0 0 0\n', 'proc/7/stat': STAT }],
  ])('has no figure where %s', (_what, files) => {
    expect(cpuNanos(7, makeTree(files))).toBeNull();
  });

  it('is read from its control group if it has one', () => {
    const root = makeTree({
      'proc/self/mountinfo': '41 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
      'proc/7/cgroup': '0::/tollgate-1/process-7\n',
      'sys/fs/cgroup/tollgate-1/process-7/cpu.stat': 'usage_usec 33\nuser_usec 30\nsystem_usec 3\n',
      'proc/7/task/7/schedstat': '500 1 2\n',
    });
    expect(cpuNanos(7, root)).toBe(33_000);
  });
});

it('uses clock ticks only for CPU time that the threads do not explain', () => {
  expect(complete(100e6, null)).toEqual({ ns: 100e6, complete: true });
  expect(complete(100e6, 120e6)).toEqual({ ns: 100e6, complete: true });
  expect(complete(100e6, 70e6)).toEqual({ ns: 100e6, complete: true });
  expect(complete(100e6, 140e6)).toEqual({ ns: 140e6, complete: false });
  // The rounding of several processes adds up, but not in proportion to their number.
  expect(complete(100e6, 140e6, 20)).toEqual({ ns: 100e6, complete: true });
  expect(complete(100e6, 240e6, 20)).toEqual({ ns: 240e6, complete: false });
  const before = { ns: 5e6, ticksNs: 10e6 };
  expect(cpuBetween(before, { ns: 105e6, ticksNs: 150e6 })).toEqual({ ns: 140e6, complete: false });
  // Ticks that are missing from one of the two readings prove nothing.
  expect(cpuBetween({ ...before, ticksNs: null }, { ns: 105e6, ticksNs: 150e6 })).toEqual({
    ns: 100e6,
    complete: true,
  });
  expect(cpuBetween(before, { ns: 105e6, ticksNs: null })).toEqual({ ns: 100e6, complete: true });
});

it('reads user and system time, its own and its children’s, whatever the name of the process contains', () => {
  expect(parseTotal('7 (a) b) (c) S 1 7 7 0 -1 4194304 1 31 2 4 50 12 900 40 20 0 3')).toEqual({
    ownNs: 620_000_000,
    childrenNs: 9_400_000_000,
    childFaults: 35,
  });
  expect(parseTotal('')).toBeNull();
  expect(parseTotal('7 (a) S 1 7 7 0 -1 4194304 1 31 2 4 50 12')).toBeNull();
});

it('includes ended children in its clock ticks only if that is requested', () => {
  const root = makeTree({
    'proc/7/task/7/schedstat': '500 1 2\n',
    'proc/7/stat': '7 (a) S 1 7 7 0 -1 0 1 31 0 0 50 12 900 40 20 0 3 0 1 1 1\n',
  });
  const [own, whole] = [false, true].map((withChildren) => openCpuAccount(7, root, { withChildren }));
  expect(own?.read()).toEqual({ ns: 500, ticksNs: 620_000_000 });
  expect(whole?.read()).toEqual({ ns: 500, ticksNs: 10_020_000_000, reaped: 31 });
  for (const account of [own, whole]) account?.close();
});
