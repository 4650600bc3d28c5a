import { expect, it } from 'vitest';
import { readCores } from './cores.ts';

function read(text: string | undefined, allowed: readonly number[] = [0, 1, 2, 3, 6]) {
  const faults: string[] = [];
  return { cores: readCores(text, allowed, faults), faults };
}

it('reads a list of cores in the kernel’s format, each once', () => {
  expect(read('0-2,6')).toEqual({ cores: [0, 1, 2, 6], faults: [] });
  expect(read('3,0-1,1')).toEqual({ cores: [0, 1, 3], faults: [] });
  expect(read(undefined)).toEqual({ cores: null, faults: [] });
});

it.each([
  ['x', 'must be a list'],
  ['1,', 'must be a list'],
  ['-1', 'must be a list'],
  ['2-1', 'names no core'],
  ['4', 'may not use: choose from 0,1,2,3,6'],
  ['3-6', 'may not use'],
  ['0-4000000000', 'may not use'],
])('refuses %s', (text, fault) => {
  const { cores, faults } = read(text);
  expect(cores).toBeNull();
  expect(faults.join()).toContain(fault);
});

it('cannot be used if the system does not list its cores', () => {
  expect(read('0', []).faults.join()).toContain('does not say');
});
