import { expect, test } from 'vitest';
import { armInfo } from '../testing/arm-info.ts';
import { type Check, pass } from './check.ts';
import { needsCookie } from './promises.ts';
import { appliesTo, combineResults, sidesOf } from './sides.ts';
import type { GateTarget } from './target.ts';

const check = (more: Partial<Check> = {}): Check => ({
  id: 23,
  name: 'logout',
  family: 'session',
  refs: [],
  quick: false,
  variant: 'standard',
  appliesTo: () => true,
  run: async () => pass('fine'),
  ...more,
});

const cookieArm = armInfo('cookies', { needsCsrfProtection: true });
const both = armInfo('both', { needsCsrfProtection: true, crossOrigin: true, tokenAlgorithm: 'HS256' });
/** Records which credential each login requested. */
function targetOf(arm: typeof both) {
  const asked: unknown[] = [];
  const login: GateTarget['login'] = async (_which, _user, options) => {
    asked.push(options?.credential);
    throw new Error('no server');
  };
  return { asked, target: { arm, login } as GateTarget };
}

test('an arm with one credential has one side, and its details have no label', () => {
  const { target } = targetOf(cookieArm);
  expect(sidesOf(check(), target)).toEqual([{ label: '', target }]);
});

test('an arm with both is checked as either client; the second requests a token and gets no cookie', async () => {
  const { target, asked } = targetOf(both);
  const sides = sidesOf(check(), target);
  expect(sides.map(({ label }) => label)).toEqual(['cookie: ', 'token: ']);
  const user = {} as Parameters<GateTarget['login']>[1];
  for (const side of sides) await side.target.login(0, user).catch(() => {});
  expect(asked).toEqual([undefined, 'token']);
  expect(sides.map((side) => side.target.arm.needsCsrfProtection)).toEqual([true, false]);
});

test('a check of cookies, tokens, refresh tokens or logins has one side', () => {
  const { target } = targetOf(both);
  expect(sidesOf(check({ appliesTo: needsCookie }), target).map(({ label }) => label)).toEqual(['cookie: ']);
  for (const family of ['token', 'refresh', 'login']) expect(sidesOf(check({ family }), target)).toHaveLength(1);
});

test('a check applies if it does to either side; otherwise the last reason is given', () => {
  const tokensOnly = check({ appliesTo: (arm) => !arm.needsCsrfProtection || 'a browser sends it' });
  expect(appliesTo(tokensOnly, both)).toBe(true);
  expect(appliesTo(tokensOnly, cookieArm)).toBe('a browser sends it');
});

test('the worst side gives the verdict, with the details of each', () => {
  expect(
    combineResults([
      { verdict: 'pass', detail: 'cookie: refused' },
      { verdict: 'fail', detail: 'token: still good' },
    ]),
  ).toEqual({ verdict: 'fail', detail: 'cookie: refused; token: still good' });
  expect(
    combineResults([
      { verdict: 'limit', detail: 'a' },
      { verdict: 'pass', detail: 'b' },
    ]).verdict,
  ).toBe('limit');
});
