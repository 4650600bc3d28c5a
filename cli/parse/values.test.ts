import { expect, it } from 'vitest';
import { readArms, readChoice, readCounts, readInteger, readNames, readSeconds } from './values.ts';

function read<T>(reader: (faults: string[]) => T): { value: T; faults: string[] } {
  const faults: string[] = [];
  return { value: reader(faults), faults };
}

it('reads lists of names, each once, and reports each unknown one', () => {
  expect(read((f) => readNames('arms', 'none, a,none', ['none', 'a'], f))).toEqual({
    value: ['none', 'a'],
    faults: [],
  });
  expect(read((f) => readNames('arms', 'nnoe,b', ['none', 'a'], f)).faults).toHaveLength(2);
  expect(read((f) => readNames('arms', ' , ', ['none', 'a'], f)).faults[0]).toContain('is empty');
});

it('reads arms by name, or all of them', () => {
  const known = ['none', 'a'];
  expect(read((f) => readArms('a', known, f))).toEqual({ value: ['a'], faults: [] });
  expect(read((f) => readArms(' all ', known, f))).toEqual({ value: known, faults: [] });
  expect(read((f) => readArms('all', known, f, ['a']))).toEqual({ value: ['a'], faults: [] });
  expect(read((f) => readArms('all,none', known, f)).faults[0]).toContain('--arms: "all" is unknown');
});

it('reads numbers of replicas in ascending order and refuses anything else', () => {
  expect(read((f) => readCounts('replicas', '4,1,2,2', 64, f))).toEqual({ value: [1, 2, 4], faults: [] });
  for (const bad of ['0', 'x', '-1', '1.5', '65', '', '1,']) {
    expect(read((f) => readCounts('replicas', bad, 64, f)).faults.length).toBeGreaterThan(0);
  }
});

it.each([
  ['90', 90],
  ['90s', 90],
  ['10m', 600],
  ['1.5h', 5400],
  ['500ms', 0.5],
  ['2min', 120],
  ['0.5d', 43_200],
])('reads %s as %d seconds', (text, seconds) => {
  expect(read((f) => readSeconds('budget', text, f))).toEqual({ value: seconds, faults: [] });
});

it('refuses times that are invalid, zero or too long', () => {
  for (const bad of ['', '0', '-5s', 'ten', '5d', '25h', '1e3']) {
    expect(read((f) => readSeconds('budget', bad, f))).toMatchObject({
      value: null,
      faults: [expect.stringContaining('--budget')],
    });
  }
});

it('reads integers within bounds and choices by name', () => {
  expect(read((f) => readInteger('seed', '7', 0, 10, f)).value).toBe(7);
  expect(read((f) => readInteger('seed', '11', 0, 10, f)).faults[0]).toContain('from 0 to 10');
  expect(read((f) => readChoice('profile', 'full', ['quick', 'full'], f)).value).toBe('full');
  expect(read((f) => readChoice('profile', 'fast', ['quick', 'full'], f)).faults[0]).toContain('quick or full');
});
