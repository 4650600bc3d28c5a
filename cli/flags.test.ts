import { expect, it } from 'vitest';
import { helpText, nearest, parseFlags } from './flags.ts';

const TABLE = {
  arms: { value: 'LIST', help: 'arms to compare' },
  seed: { value: 'N', help: 'a seed' },
  json: { help: 'as JSON' },
};

it('reads values, switches and words that are no flags', () => {
  const parsed = parseFlags(['--arms', 'a,b', '--json', 'results/x', '--seed=3'], TABLE);
  expect(parsed.values).toEqual({ arms: 'a,b', seed: '3' });
  expect([...parsed.switches]).toEqual(['json']);
  expect(parsed.positionals).toEqual(['results/x']);
  expect(parsed.faults).toEqual([]);
});

it('names every fault, not the first alone', () => {
  const { faults } = parseFlags(['--arsm', '--json=yes', '--seed', '--arms', 'a', '--arms', 'b'], TABLE);
  expect(faults.join('\n')).toMatch(/--arsm is no flag: did you mean --arms\?/);
  expect(faults.join('\n')).toMatch(/--json is a switch/);
  expect(faults.join('\n')).toMatch(/--seed needs a value: --seed N/);
});

it('says when a flag is given twice or without its value', () => {
  expect(parseFlags(['--arms', 'a', '--arms', 'b'], TABLE).faults).toEqual(['--arms is given twice']);
  expect(parseFlags(['--arms'], TABLE).faults).toEqual(['--arms needs a value: --arms LIST']);
});

it('takes the word after an unknown flag for its value, and no further one', () => {
  const { faults, positionals } = parseFlags(['--schemes', 'a,b', 'c', '--zebra', '--json', 'd'], TABLE);
  expect(faults).toHaveLength(2);
  expect(positionals).toEqual(['c', 'd']);
});

it('is not fooled by names that every object has', () => {
  expect(parseFlags(['--constructor', '--toString'], TABLE).faults).toHaveLength(2);
});

it('suggests what is near, and lists everything where nothing is', () => {
  expect(nearest('jwt-hs265', ['jwt-hs256', 'none'])).toBe('did you mean jwt-hs256?');
  expect(nearest('zebra', ['jwt-hs256', 'none'])).toBe('there are: jwt-hs256, none');
});

it('aligns the help of a command', () => {
  expect(helpText('npm run x', 'Does x.', TABLE, ['A note.'])).toBe(
    'npm run x\n\nDoes x.\n\n  --arms LIST  arms to compare\n  --seed N     a seed\n  --json       as JSON\n\nA note.\n',
  );
});
