import { expect, it } from 'vitest';
import { makeTree } from '../../testing/tree.ts';
import { groupIn, ProcessTrees, parseGroupMounts } from './cgroups.ts';

it('finds a group by its controller, or the group of version 2', () => {
  const text = '5:cpuset:/\n2:cpu,cpuacct:/docker/abc\n1:name=systemd:/x\n0::/user.slice/me\n';
  expect(groupIn(text, 'cpu')).toBe('/docker/abc');
  expect(groupIn(text, 'cpuacct')).toBe('/docker/abc');
  expect(groupIn(text, 2)).toBe('/user.slice/me');
  expect(groupIn('2:cpuacct:/\n1:cpuset:/\n', 'cpu')).toBeNull();
  expect(groupIn('', 2)).toBeNull();
});

it('reads the mounts of control groups and ignores all others', () => {
  const text = [
    '22 1 8:1 / / rw - ext4 /dev/root rw',
    '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct',
    '41 31 0:38 /docker/a\\040b /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate',
    'damaged',
    '',
  ].join('\n');
  expect(parseGroupMounts(text)).toEqual([
    { version: 1, controllers: ['rw', 'cpu', 'cpuacct'], root: '/', path: '/sys/fs/cgroup/cpu,cpuacct' },
    { version: 2, controllers: [], root: '/docker/a b', path: '/sys/fs/cgroup/unified' },
  ]);
});

it.each([
  ['the whole tree', '/', '0::/user.slice/me', 'sys/fs/cgroup/user.slice/me'],
  ['a part of it, as in a container', '/docker/abc', '0::/docker/abc/inner', 'sys/fs/cgroup/inner'],
  ['its own part of it', '/docker/abc', '0::/docker/abc', 'sys/fs/cgroup'],
  ['a part under the host’s name', '/', '0::/docker/abc', 'sys/fs/cgroup'],
  ['a namespace of groups', '/', '0::/', 'sys/fs/cgroup'],
])('finds the group where %s is mounted', (_what, mounted, membership, expected) => {
  const root = makeTree({
    'proc/self/mountinfo': `41 31 0:38 ${mounted} /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n`,
    'proc/7/cgroup': `${membership}\n`,
    'sys/fs/cgroup/user.slice/me/cpu.stat': '',
    'sys/fs/cgroup/inner/cpu.stat': '',
  });
  const trees = new ProcessTrees(7, root);
  expect(trees.version2()?.path.slice(root.length + 1)).toBe(expected);
  expect(trees.version1('cpu')).toBeNull();
});

it('finds none where there is no /proc', () => {
  const trees = new ProcessTrees('self', makeTree({}));
  expect([trees.version1('cpu'), trees.version2()]).toEqual([null, null]);
});
