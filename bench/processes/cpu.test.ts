import { expect, it } from 'vitest';
import { canReadCpu, cpuNanos } from './cpu.ts';

it('reads at least the CPU time that a busy loop of ours has taken, by the process’s own account', () => {
  if (!canReadCpu()) {
    expect(cpuNanos(process.pid)).toBeNull();
    return;
  }
  const before = cpuNanos(process.pid) ?? Number.NaN;
  const own = process.cpuUsage();
  while (process.cpuUsage(own).user < 50_000) Math.sqrt(Math.random());
  const { user, system } = process.cpuUsage(own);
  const outside = (cpuNanos(process.pid) ?? Number.NaN) - before;
  // The kernel settles a running thread's account at its next tick: one tick of 4 ms either way.
  expect(Math.abs(outside - (user + system) * 1000)).toBeLessThan(10e6);
});

it('has no figure for a process that there is not', () => {
  expect(cpuNanos(2 ** 22 + 1)).toBeNull();
});
