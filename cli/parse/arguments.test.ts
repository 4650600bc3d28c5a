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

it('reads values, switches and words that are no flags', () => {
  const parsed = parse(['--arms', 'a,b', '--json', 'results/x', '--seed=3']);
  expect(parsed.values).toEqual({ arms: 'a,b', seed: '3' });
  expect([...parsed.switches]).toEqual(['json']);
  expect(parsed.positionals).toEqual(['results/x']);
  expect(parsed.faults).toEqual([]);
});

it('names every fault, not the first alone', () => {
  const { faults } = parse(['--arsm', '--json=yes', '--seed', '--arms', 'a', '--arms', 'b']);
  expect(faults.join('\n')).toMatch(/unknown option --arsm: did you mean --arms\?/);
  expect(faults.join('\n')).toMatch(/--json takes no value/);
  expect(faults.join('\n')).toMatch(/--seed needs a value: --seed N/);
});

it('says when a flag is given twice or without its value', () => {
  expect(parse(['--arms', 'a', '--arms', 'b']).faults).toEqual(['--arms was given twice']);
  expect(parse(['--arms']).faults).toEqual(['--arms needs a value: --arms LIST']);
});

it('takes the word after an unknown flag for its value, and no further one', () => {
  const { faults, positionals } = parse(['--schemes', 'a,b', 'c', '--zebra', '--json', 'd'], 2);
  expect(faults).toHaveLength(2);
  expect(positionals).toEqual(['c', 'd']);
});

it('is not fooled by names that every object has', () => {
  expect(parse(['--constructor', '--toString']).faults).toHaveLength(2);
});

it('refuses arguments that the command has no place for', () => {
  expect(parse(['a', 'b', 'c']).faults).toEqual(['unexpected argument "b"', 'unexpected argument "c"']);
  expect(parse(['a'], 0).faults).toEqual(['unexpected argument "a"']);
});

it('takes any number of arguments where one may be repeated', () => {
  const { faults, positionals } = parseArguments(['a', 'b', 'c'], {
    flags: TABLE,
    positionals: [{ ...DIR, repeats: true }],
  });
  expect({ faults, positionals }).toEqual({ faults: [], positionals: ['a', 'b', 'c'] });
});

it.each(['--help', '-h'])('%s asks for help whatever else is wrong', (word) => {
  expect(parse(['--nonsense', word]).wantsHelp).toBe(true);
});
