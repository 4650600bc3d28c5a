import { expect, it } from 'vitest';
import { coreFlags, cpuEnvironment, kindToUse, memoryFlags } from './cpu-environment.ts';

const alike = [{ name: '', cores: [0, 1] }];
const performance = { name: 'cpu_core', cores: [0, 1] };
const efficient = { name: 'cpu_atom', cores: [2, 3, 4] };

it('flags a run for limitations of its cores', () => {
  const flags = (count: number, quota: number | null, kinds = alike) =>
    coreFlags({ count, quota, usable: Math.min(count, quota ?? count), kinds });
  expect(flags(2, null)).toEqual([]);
  expect(flags(2, 2)).toEqual([]);
  expect(flags(2, 1.5)).toEqual(['cpu-quota']);
  expect(flags(1, null)).toEqual(['one-core']);
  expect(flags(5, null, [performance, efficient])).toEqual(['unequal-cores']);
});

it('flags a quota of one core or less, in which the load generator sleeps as on one core', () => {
  for (const quota of [0.5, 1]) {
    expect(coreFlags({ count: 8, quota, usable: quota, kinds: alike })).toEqual(['client-sleeps', 'cpu-quota']);
  }
});

it('flags a run whose memory is limited below the machine’s', () => {
  expect(memoryFlags(2 ** 29, 2 ** 34)).toEqual(['memory-limit']);
  expect(memoryFlags(2 ** 34, 2 ** 34)).toEqual([]);
  expect(memoryFlags(null, 2 ** 34)).toEqual([]);
});

it('uses the fastest kind that has a core for the load and one for the servers', () => {
  expect(kindToUse(alike)).toBeNull();
  expect(kindToUse([performance, efficient])).toBe(performance);
  expect(kindToUse([{ name: 'prime', cores: [7] }, efficient])).toBe(efficient);
  expect(
    kindToUse([
      { name: 'a', cores: [0] },
      { name: 'b', cores: [1] },
    ]),
  ).toBeNull();
});

it('records what a run can use, in the kernel’s own notation', () => {
  const cores = { count: 64, cores: [...Array(64).keys()], quota: 8, usable: 8 };
  const siblings = [
    [0, 32],
    [1, 33],
  ];
  const kinds = [{ name: '', cores: cores.cores }];
  expect(cpuEnvironment('control groups, version 2', { ...cores, kinds, siblings })).toMatchObject({
    usable: 8,
    quota: 8,
    kinds: [{ name: '', cores: '0-63' }],
    siblings: ['0,32', '1,33'],
    accounts: 'control groups, version 2',
    flags: ['cpu-quota'],
  });
});
