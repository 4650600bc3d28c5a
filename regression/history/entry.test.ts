import { expect, it } from 'vitest';
import { testHeader } from '../../bench/testing/slices.ts';
import { machineClassOf } from '../../core/results/history/machine-class.ts';

it('keeps runs in a container apart from those that had all of the machine', () => {
  const machine = { ...testHeader.environment, memoryBytes: 2 ** 34 };
  const whole = machineClassOf(machine);
  expect(machineClassOf({ ...machine, memoryLimitBytes: null })).toBe(whole);
  expect(machineClassOf({ ...machine, memoryLimitBytes: 2 ** 34 })).toBe(whole);
  expect(machineClassOf({ ...machine, memoryLimitBytes: 2 ** 29 })).toContain('0.5 of 16 GiB');
  expect(machineClassOf({ ...machine, cores: 1 })).not.toBe(whole);
});
