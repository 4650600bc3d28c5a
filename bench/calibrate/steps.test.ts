import { expect, it } from 'vitest';
import type { CalibrationDriver } from './driver.ts';
import { constant } from './kinds/constant.ts';
import { stall } from './kinds/stall.ts';
import { Repeats, stepsOf } from './steps.ts';

const driver = (mode: 'open' | 'closed', judged: boolean): CalibrationDriver => ({
  name: mode,
  mode,
  judged,
  warmupRequests: () => 0,
  countSlack: () => 0,
  drive: () => Promise.reject(new Error('is not driven')),
});
const drivers = [driver('open', true), driver('closed', true), driver('closed', false)];

it('plans every round of a judged generator, one of a foreign one, and none of a closed loop that cannot see the truth', () => {
  expect(stepsOf({ kinds: [constant(1)], drivers, rounds: 3 })).toHaveLength(7);
  expect(stepsOf({ kinds: [stall], drivers, rounds: 3 })).toHaveLength(3);
});

it('repeats as often as allowed, within the budget', () => {
  let nowMs = 0;
  const repeats = new Repeats([3, 3], { repeats: 2, budgetSeconds: 10 }, () => nowMs);
  expect(repeats.next()).toBe('1 of 2, about 6 s left');
  nowMs = 3000;
  expect(repeats.allows(0, constant(1))).toBe(true); // 3 spent, 2.6 for this one, 3 planned
  expect(repeats.allows(2, constant(1))).toBe(false);
  nowMs = 4500;
  expect(repeats.allows(1, constant(1))).toBe(false);
  expect(repeats.next()).toBe('2 of 2, about 3 s left');
  expect(repeats.allows(0, constant(1))).toBe(true);
});
