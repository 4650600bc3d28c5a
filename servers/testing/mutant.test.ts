import { expect, it } from 'vitest';
import { mayAlsoFail } from './mutant.ts';

const mutant = { name: 'broken', arm: 'jwt-hs256', hole: 'it has a hole' };

it('adds the checks that look further than those which a mutant fails', () => {
  const fails = mayAlsoFail({ ...mutant, check: 24, alsoFails: { 92: 'a reason of its own' } });
  expect(Object.keys(fails).map(Number)).toEqual([73, 88, 89, 92]);
  expect(fails[92]).toBe('a reason of its own');
});

it('adds nothing to a mutant of another kind, and never its own check', () => {
  expect(mayAlsoFail({ ...mutant, check: 11 })).toEqual({});
  expect(Object.keys(mayAlsoFail({ ...mutant, check: 88, alsoFails: { 29: 'disabled users go on' } }))).toEqual(['29']);
});
