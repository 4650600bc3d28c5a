import { expect, test } from 'vitest';
import { armInfo } from '../testing/arm-info.ts';
import { type Check, fail, limit, pass } from './check.ts';
import { judge, oneLine } from './judge.ts';

const check = (limitOf?: Check['limitOf']): Check => ({
  id: 23,
  name: 'logout',
  family: 'session',
  refs: [],
  quick: true,
  variant: 'standard',
  appliesTo: () => true,
  run: async () => pass(''),
  ...(limitOf === undefined ? {} : { limitOf }),
});
const arm = armInfo('some');
const whole = check();
const declared = check(() => 'it lives on until it expires');

test('passes a kept promise and fails a broken one, whatever is declared', () => {
  expect(judge(whole, arm, pass('gone'))).toEqual({ verdict: 'pass', detail: 'gone' });
  expect(judge(whole, arm, fail('alive'))).toEqual({ verdict: 'fail', detail: 'alive' });
  expect(judge(declared, arm, fail('alive after expiry'))).toMatchObject({ verdict: 'fail' });
});

test('accepts a limit only if it is declared', () => {
  expect(judge(declared, arm, limit('alive for 2 s'))).toEqual({
    verdict: 'limit',
    detail: 'it lives on until it expires: alive for 2 s',
  });
  expect(judge(whole, arm, limit('alive for 2 s'))).toMatchObject({ verdict: 'fail' });
});

test('fails a declared limit that is not observed: the description is wrong', () => {
  expect(judge(declared, arm, pass('gone'))).toMatchObject({ verdict: 'fail' });
});

test('gives a detail on one line, of limited length', () => {
  expect(oneLine(' a\n  b\t')).toBe('a b');
  expect(oneLine('x'.repeat(900))).toHaveLength(500);
});
