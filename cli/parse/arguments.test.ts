import { expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';

const TABLE = {
  arms: { value: 'LIST', help: 'arms to compare' },
  seed: { value: 'N', help: 'a seed' },
  json: { help: 'as JSON' },
};
const DIR = { name: '[DIR]', help: 'a folder' };
const parse = (words: readonly string[], most = 1) =>
  parseArguments(words, { flags: TABLE, positionals: Array.from({ length: most }, () => DIR) });

it('reads values, switches and positional arguments', () => {
  const parsed = parse(['--arms', 'a,b', '--json', 'results/x', '--seed=3']);
  expect(parsed.values).toEqual({ arms: 'a,b', seed: '3' });
  expect([...parsed.switches]).toEqual(['json']);
  expect(parsed.positionals).toEqual(['results/x']);
  expect(parsed.faults).toEqual([]);
});

it('reports every fault, not just the first', () => {
  const { faults } = parse(['--arsm', '--json=yes', '--seed', '--arms', 'a', '--arms', 'b']);
  expect(faults.join('\n')).toMatch(/unknown option --arsm: did you mean --arms\?/);
  expect(faults.join('\n')).toMatch(/--json takes no value/);
  expect(faults.join('\n')).toMatch(/--seed needs a value: --seed N/);
});

it('reports a flag that is given twice or without its value', () => {
  expect(parse(['--arms', 'a', '--arms', 'b']).faults).toEqual(['--arms was given twice']);
  expect(parse(['--arms']).faults).toEqual(['--arms needs a value: --arms LIST']);
});

it('treats the word after an unknown flag as its value, but no further one', () => {
  const { faults, positionals } = parse(['--schemes', 'a,b', 'c', '--zebra', '--json', 'd'], 2);
  expect(faults).toHaveLength(2);
  expect(positionals).toEqual(['c', 'd']);
});

it('is not fooled by names of inherited properties', () => {
  expect(parse(['--constructor', '--toString']).faults).toHaveLength(2);
});

it('refuses arguments that the command does not take', () => {
  expect(parse(['a', 'b', 'c']).faults).toEqual(['unexpected argument "b"', 'unexpected argument "c"']);
  expect(parse(['a'], 0).faults).toEqual(['unexpected argument "a"']);
});

it('names the flag for the folder of a run to a command that has one', () => {
  const flags = { run: { value: 'DIR', help: 'The run.' } };
  expect(parseArguments(['results/a'], { flags }).faults).toEqual([
    'unexpected argument "results/a"; name a run with --run DIR',
  ]);
});

it('accepts any number of arguments if one may be repeated', () => {
  const { faults, positionals } = parseArguments(['a', 'b', 'c'], {
    flags: TABLE,
    positionals: [{ ...DIR, repeats: true }],
  });
  expect({ faults, positionals }).toEqual({ faults: [], positionals: ['a', 'b', 'c'] });
});

it.each(['--help', '-h'])('%s asks for help, whatever else is wrong', (word) => {
  expect(parse(['--nonsense', word]).wantsHelp).toBe(true);
});

it('reads flags with two values, any number of times, and reports one with a single value', () => {
  const flags = { ...TABLE, node: { value: 'A B', pair: true as const, help: 'two versions' } };
  const read = (...words: string[]) => parseArguments(words, { flags });
  const { pairs, faults, values } = read('--node', '1', '2', '--arms', 'a', '--node=3', '4');
  expect({ pairs, faults, values }).toEqual({
    pairs: {
      node: [
        ['1', '2'],
        ['3', '4'],
      ],
    },
    faults: [],
    values: { arms: 'a' },
  });
  for (const words of [
    ['--node', '1'],
    ['--node', '1', '--json'],
  ]) {
    expect(read(...words).faults).toEqual(['--node needs two values: --node A B']);
  }
  expect(read('--node', '1', '2', '3').faults).toEqual(['unexpected argument "3"']);
});
