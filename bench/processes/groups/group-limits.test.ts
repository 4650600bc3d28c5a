import { expect, it } from 'vitest';
import { makeTree } from '../../testing/tree.ts';
import { readMemoryLimit, readThrottling, throttledBetween } from './group-limits.ts';

const TWO = { 'proc/self/mountinfo': '41 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n' };
const ONE = {
  'proc/self/mountinfo': [
    '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
    '33 31 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n',
  ].join('\n'),
};
const stat = (periods: number, throttled: number, time: string) =>
  `usage_usec 1\nnr_periods ${periods}\nnr_throttled ${throttled}\n${time}\n`;

it('reads the tightest memory limit of our group and those around it', () => {
  const inTwo = (own: string, parent: string) =>
    readMemoryLimit(
      makeTree({
        ...TWO,
        'proc/self/cgroup': '0::/a/b\n',
        'sys/fs/cgroup/a/b/memory.max': own,
        'sys/fs/cgroup/a/memory.max': parent,
      }),
    );
  expect(inTwo('max\n', '536870912\n')).toBe(536_870_912);
  expect(inTwo('268435456\n', '536870912\n')).toBe(268_435_456);
  expect(inTwo('max\n', 'max\n')).toBeNull();
  const inOne = (limit: string) =>
    readMemoryLimit(
      makeTree({ ...ONE, 'proc/self/cgroup': '5:memory:/c\n', 'sys/fs/cgroup/memory/c/memory.limit_in_bytes': limit }),
    );
  expect(inOne('1073741824\n')).toBe(1_073_741_824);
  expect(inOne('9223372036854771712\n')).toBeNull();
  expect(readMemoryLimit(makeTree({}))).toBeNull();
});

it('tells how often a quota stopped a run, in both versions', () => {
  const two = (periods: number, throttled: number, micros: number) =>
    readThrottling(
      makeTree({
        ...TWO,
        'proc/self/cgroup': '0::/a\n',
        'sys/fs/cgroup/a/cpu.stat': stat(periods, throttled, `throttled_usec ${micros}`),
      }),
    );
  const renamed = (counts: ReturnType<typeof two>) => new Map([...counts.values()].map((one, i) => [`${i}`, one]));
  expect(throttledBetween(renamed(two(100, 10, 5e5)), renamed(two(520, 416, 3e6)))).toEqual({
    periods: 420,
    throttledPeriods: 406,
    seconds: 2.5,
  });
  expect(throttledBetween(renamed(two(100, 10, 5e5)), renamed(two(520, 10, 5e5)))).toBeNull();
  const one = readThrottling(
    makeTree({
      ...ONE,
      'proc/self/cgroup': '4:cpu,cpuacct:/c\n',
      'sys/fs/cgroup/cpu,cpuacct/c/cpu.stat': stat(8, 3, 'throttled_time 1500000000'),
    }),
  );
  expect([...one.values()]).toEqual([{ periods: 8, throttledPeriods: 3, seconds: 1.5 }]);
  expect(throttledBetween(new Map(), one)).toEqual({ periods: 8, throttledPeriods: 3, seconds: 1.5 });
});

it('has no throttling if no group reports any', () => {
  expect(throttledBetween(readThrottling(makeTree({})), readThrottling(makeTree({})))).toBeNull();
});
