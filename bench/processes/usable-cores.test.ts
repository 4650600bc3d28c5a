import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { makeTree } from '../testing/tree.ts';
import { hasIrqTimeAccounting, parseCpuMax, readUsableCores } from './usable-cores.ts';

const status = (list: string) => ({
  'proc/self/status': `Name:\tnode\nCpus_allowed:\tf\nCpus_allowed_list:\t${list}\n`,
});
const TWO = '41 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n';
const ONE = '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n';

describe('cores', () => {
  it.each([
    ['one', '3', 1],
    ['some of them, as by taskset', '0,2-3', 3],
    ['sixty-four', '0-63', 64],
    ['a list that leaves out whole sockets', '0-15,64-79', 32],
  ])('are counted as allowed: %s', (_what, list, count) => {
    expect(readUsableCores(makeTree(status(list)))).toMatchObject({ count, quota: null, usable: count, siblings: [] });
  });

  it('are those that Node reports if there is no /proc', () => {
    const here = readUsableCores(makeTree({}));
    expect(here).toMatchObject({
      count: availableParallelism(),
      cores: [],
      quota: null,
      kinds: [{ name: '', cores: [] }],
    });
  });
});

describe('a quota', () => {
  it.each([
    ['50000 100000\n', 0.5],
    ['250000 100000', 2.5],
    ['max 100000\n', null],
    ['max\n', null],
    ['', null],
  ])('of version 2 reads %j', (text, cores) => {
    expect(parseCpuMax(text)).toBe(cores);
  });

  it.each<[string, Record<string, string>, number | null]>([
    [
      'our own group, version 2',
      { 'proc/self/mountinfo': TWO, 'proc/self/cgroup': '0::/a\n', 'sys/fs/cgroup/a/cpu.max': '50000 100000\n' },
      0.5,
    ],
    [
      'the tightest of our parents',
      {
        'proc/self/mountinfo': TWO,
        'proc/self/cgroup': '0::/a/b/c\n',
        'sys/fs/cgroup/a/cpu.max': '75000 50000\n',
        'sys/fs/cgroup/a/b/cpu.max': 'max 100000\n',
        'sys/fs/cgroup/a/b/c/cpu.max': '190000 100000\n',
      },
      1.5,
    ],
    [
      'a container, whose own group is the root',
      { 'proc/self/mountinfo': TWO, 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': '20000 100000\n' },
      0.2,
    ],
    [
      'a container that sees the host’s name of its group',
      {
        'proc/self/mountinfo': TWO.replace('0:38 / ', '0:38 /docker/ab '),
        'proc/self/cgroup': '0::/docker/ab\n',
        'sys/fs/cgroup/cpu.max': '150000 100000\n',
      },
      1.5,
    ],
    [
      'version 1',
      {
        'proc/self/mountinfo': ONE,
        'proc/self/cgroup': '4:cpu,cpuacct:/kubepods/pod\n',
        'sys/fs/cgroup/cpu,cpuacct/kubepods/pod/cpu.cfs_quota_us': '50000\n',
        'sys/fs/cgroup/cpu,cpuacct/kubepods/pod/cpu.cfs_period_us': '100000\n',
        'sys/fs/cgroup/cpu,cpuacct/kubepods/cpu.cfs_quota_us': '-1\n',
        'sys/fs/cgroup/cpu,cpuacct/kubepods/cpu.cfs_period_us': '100000\n',
      },
      0.5,
    ],
    [
      'version 1 without a limit',
      {
        'proc/self/mountinfo': ONE,
        'proc/self/cgroup': '4:cpu,cpuacct:/\n',
        'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1\n',
        'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
      },
      null,
    ],
    ['no control groups', {}, null],
  ])('is found in %s', (_what, files, quota) => {
    const found = readUsableCores(makeTree({ ...status('0-1'), ...files }));
    expect(found).toMatchObject({ count: 2, quota, usable: Math.min(2, quota ?? 2) });
  });
});

describe('kinds of cores', () => {
  const each = (file: string, levels: readonly number[]) =>
    Object.fromEntries(levels.map((level, core) => [`sys/devices/system/cpu/cpu${core}/${file}`, `${level}\n`]));

  it.each<[string, Record<string, string>, readonly (readonly [string, readonly number[]])[]]>([
    [
      'Intel names them',
      { 'sys/devices/cpu_core/cpus': '0-3\n', 'sys/devices/cpu_atom/cpus': '4-5\n' },
      [
        ['cpu_core', [0, 1, 2, 3]],
        ['cpu_atom', [4, 5]],
      ],
    ],
    [
      'big.LITTLE, by capacity',
      each('cpu_capacity', [446, 446, 446, 446, 1024, 1024]),
      [
        ['capacity 1024', [4, 5]],
        ['capacity 446', [0, 1, 2, 3]],
      ],
    ],
    [
      'favoured cores are of one kind',
      each('cpu_capacity', [1024, 1009, 1024, 994, 980, 1024]),
      [['', [0, 1, 2, 3, 4, 5]]],
    ],
    [
      'by highest frequency where no capacity tells',
      {
        ...each('cpu_capacity', [1024, 1024, 1024, 1024, 1024, 1024]),
        ...each('cpufreq/cpuinfo_max_freq', [2_000_000, 2_000_000, 2_000_000, 2_000_000, 4_700_000, 4_600_000]),
      },
      [
        ['4700 MHz', [4, 5]],
        ['2000 MHz', [0, 1, 2, 3]],
      ],
    ],
    ['nothing tells', {}, [['', [0, 1, 2, 3, 4, 5]]]],
    ['one core tells nothing', each('cpu_capacity', [446, 446, 1024, 1024, 1024]), [['', [0, 1, 2, 3, 4, 5]]]],
  ])('%s', (_what, files, kinds) => {
    const found = readUsableCores(makeTree({ ...status('0-5'), ...files })).kinds;
    expect(found.map(({ name, cores }) => [name, cores])).toEqual(kinds);
  });

  it('are a single kind if the run is confined to it', () => {
    const files = { 'sys/devices/cpu_core/cpus': '0-3\n', 'sys/devices/cpu_atom/cpus': '4-5\n' };
    expect(readUsableCores(makeTree({ ...status('4-5'), ...files })).kinds).toEqual([
      { name: 'cpu_atom', cores: [4, 5] },
    ]);
  });
});

it('include which cores are threads of one core, among those that may be used', () => {
  const siblings = (core: number, list: string) => ({
    [`sys/devices/system/cpu/cpu${core}/topology/thread_siblings_list`]: `${list}\n`,
  });
  const files = { ...siblings(0, '0,2'), ...siblings(1, '1,3'), ...siblings(2, '0,2'), ...siblings(3, '1,3') };
  const of = (list: string) => readUsableCores(makeTree({ ...status(list), ...files })).siblings;
  expect(of('0-3')).toEqual([
    [0, 2],
    [1, 3],
  ]);
  expect(of('0-1')).toEqual([]);
});

describe('whether interrupts are accounted for apart', () => {
  it.each<[string, string, boolean | null]>([
    ['is known', 'CONFIG_HZ=250\nCONFIG_IRQ_TIME_ACCOUNTING=y\n', true],
    ['is known where they are not', 'CONFIG_HZ=250\n# CONFIG_IRQ_TIME_ACCOUNTING is not set\n', false],
  ])('%s', (_what, config, expected) => {
    expect(hasIrqTimeAccounting('6.1.0', makeTree({ 'boot/config-6.1.0': config }))).toBe(expected);
    const root = makeTree({ 'proc/version': '' });
    writeFileSync(join(root, 'proc/config.gz'), gzipSync(config));
    expect(hasIrqTimeAccounting('6.1.0', root)).toBe(expected);
  });

  it('is unknown if no configuration can be read', () => {
    expect(
      hasIrqTimeAccounting('6.1.0', makeTree({ 'boot/config-5.4.0': 'CONFIG_IRQ_TIME_ACCOUNTING=y\n' })),
    ).toBeNull();
    expect(hasIrqTimeAccounting('6.1.0', makeTree({ 'proc/config.gz': 'damaged' }))).toBeNull();
  });
});
