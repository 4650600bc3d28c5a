import { expect, it } from 'vitest';
import { refusalOf } from '../../test/support/refusal.ts';
import { bench } from './bench.ts';
import { capacity } from './capacity.ts';
import { fuzzArms } from './fuzz.ts';
import { gate } from './gate.ts';
import { target } from './target.ts';

/** A fault that keeps the command from starting anything. */
const STOP = ['--nonsense'];

it.each([
  ['bench', bench, []],
  ['capacity', capacity, []],
  ['gate', gate, []],
  ['fuzz', fuzzArms, []],
  ['target', target, ['none.json']],
] as const)('%s takes --arms all, and names an unknown arm', async (_, command, words) => {
  expect(await refusalOf(command, ...words, '--arms', 'all', ...STOP)).toMatch(/^unknown option --nonsense.*$/);
  expect(await refusalOf(command, ...words, '--arms', 'nnoe', ...STOP)).toMatch(
    /\n--arms: "nnoe" is unknown: did you mean none\?$/,
  );
});
