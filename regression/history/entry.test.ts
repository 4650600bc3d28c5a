import { expect, it } from 'vitest';
import { testHeader } from '../../bench/testing/slices.ts';
import { machineClassOf } from '../../core/results/history/machine-class.ts';

it('separates runs in a container from those with the whole machine', () => {
  const machine = { ...testHeader.environment, memoryBytes: 2 ** 34 };
  const whole = machineClassOf(machine);
  expect(machineClassOf({ ...machine, memoryLimitBytes: null })).toBe(whole);
  expect(machineClassOf({ ...machine, memoryLimitBytes: 2 ** 34 })).toBe(whole);
  expect(machineClassOf({ ...machine, memoryLimitBytes: 2 ** 29 })).toContain('0.5 of 16 GiB');
  expect(machineClassOf({ ...machine, cores: 1 })).not.toBe(whole);
});

it('separates runs with different layouts over hosts', () => {
  const machine = testHeader.environment;
  const host = (...roles: string[]) => ({ roles, cpuModel: 'Some CPU', cores: 4 });
  const hosts = [host('generators'), host('replicas'), host('replicas')];
  const direct = machineClassOf({ ...machine, hosts });
  expect(direct).not.toBe(machineClassOf(machine));
  expect(machineClassOf({ ...machine, hosts: hosts.toReversed() })).toBe(direct);
  expect(machineClassOf({ ...machine, hosts: [...hosts, host('replicas')] })).not.toBe(direct);
  const balanced = { ...machine, hosts: [...hosts, host('balancer')] };
  const of = (choice: string, processes: number) => machineClassOf({ ...balanced, balancer: { choice, processes } });
  expect(of('round-robin', 2)).toContain('balancer round-robin of 2 processes');
  expect(new Set([direct, of('round-robin', 2), of('round-robin', 4), of('least-connections', 2)]).size).toBe(4);
});
