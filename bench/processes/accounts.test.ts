import { existsSync, rmdirSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { makeTree } from '../testing/tree.ts';
import { accountOf, CpuAccounts, parseAccount } from './accounts.ts';

const groups: string[] = [];
afterAll(() => {
  for (const path of groups.toReversed()) if (existsSync(path)) rmdirSync(path);
});
const janitor = { watchGroup: (path: string) => void groups.push(path) };

it.each([
  [1, '416711334\n', 416_711_334],
  [1, '', null],
  [1, 'user 5\nsystem 6\n', null],
  // Linux 5.4, 6.1 and 6.12.
  [2, 'usage_usec 1234\nuser_usec 1000\nsystem_usec 234\n', 1_234_000],
  [
    2,
    'usage_usec 20068293647\nuser_usec 16267093192\nsystem_usec 3801200455\nnice_usec 65941542\n',
    20_068_293_647_000,
  ],
  [2, 'usage_usec 9\nuser_usec 8\nsystem_usec 1\ncore_sched.force_idle_usec 0\nnr_periods 3\nnr_throttled 1\n', 9_000],
  [2, 'user_usec 8\n', null],
] as const)('reads an account of version %i: %j', (version, text, ns) => {
  expect(parseAccount(version, text)).toBe(ns);
});

const TWO = {
  'proc/self/mountinfo': '41 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
  'proc/self/cgroup': '0::/run.scope\n',
  'sys/fs/cgroup/run.scope/cgroup.procs': '',
  'sys/fs/cgroup/run.scope/tollgate-1/process-77/cpu.stat': 'usage_usec 5\n',
};

it('finds the account of a process that is alone in its group, and of no other process', () => {
  const root = makeTree({
    ...TWO,
    'proc/77/cgroup': '0::/run.scope/tollgate-1/process-77\n',
    // A child of 77, or an unrelated process: it does not have that account to itself.
    'proc/78/cgroup': '0::/run.scope/tollgate-1/process-77\n',
    'proc/79/cgroup': '0::/run.scope\n',
    'proc/80/cgroup': '0::/run.scope/other/process-80\n',
  });
  const path = `${root}/sys/fs/cgroup/run.scope/tollgate-1/process-77/cpu.stat`;
  expect(accountOf(77, root)).toEqual({ version: 2, path });
  for (const pid of [78, 79, 80, 81]) expect(accountOf(pid, root)).toBeNull();
});

it('prefers the account of version 1 where both are mounted', () => {
  const root = makeTree({
    'proc/self/mountinfo':
      '33 31 0:30 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 c rw\n',
    'proc/9/cgroup': '2:cpuacct:/tollgate-1/process-9\n0::/tollgate-1/process-9\n',
    'sys/fs/cgroup/cpuacct/tollgate-1/process-9/cpuacct.usage': '1\n',
    'sys/fs/cgroup/unified/tollgate-1/process-9/cpu.stat': 'usage_usec 1\n',
  });
  expect(accountOf(9, root)?.path).toMatch(/cpuacct\.usage$/);
});

it.each([
  ['no control groups', {}, 'no control group that accounts for CPU time is mounted'],
  [
    'a group that accounts for nothing',
    TWO,
    /^no accounting control group can be made below .*run\.scope \(ENOENT.*cgroup\.procs/,
  ],
])('says why there are none, with %s', (_what, files, reason) => {
  expect(CpuAccounts.open(janitor, makeTree(files))).toMatch(reason);
});

it('leaves no group behind for a process that does not exist', () => {
  const accounts = CpuAccounts.open(janitor);
  if (typeof accounts === 'string') {
    expect(accounts).toMatch(/^no .*control group/);
    return;
  }
  expect(accounts.add(2 ** 22 + 1)).toBe(false);
  accounts.sweep();
  expect(
    groups.filter((path) => path.startsWith('/sys') && existsSync(path)).map((path) => path.split('/').at(-1)),
  ).toEqual([`tollgate-${process.pid}`]);
});
