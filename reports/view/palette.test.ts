import { expect, test } from 'vitest';
import { describeArms } from '../../bench/run/arms.ts';
import { contrast } from '../testing/contrast.ts';
import { armColours, DATA_COLOURS, TONES } from './palette.ts';

test('the contrast of black on white is 21', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
});

test.each(['light', 'dark'] as const)('every data colour contrasts with the %s page', async (mode) => {
  const ofArms = (await describeArms()).flatMap(({ colour }) => colour ?? []);
  expect(ofArms.length).toBeGreaterThan(10);
  const faint = [...DATA_COLOURS, ...ofArms].filter((colour) => contrast(colour, TONES.surface[mode]) < 3);
  expect(faint).toEqual([]);
});

test.each(['light', 'dark'] as const)('text tones are readable on the %s page', (mode) => {
  expect(contrast(TONES.ink[mode], TONES.surface[mode])).toBeGreaterThan(7);
  expect(contrast(TONES.muted[mode], TONES.surface[mode])).toBeGreaterThan(4.5);
});

test('an arm has the same colour whatever other arms there are', () => {
  const arm = { name: 'one', colour: '#d55e00' };
  const others = ['none', 'new'].map((name) => ({ name, colour: null }));
  expect(armColours([arm]).get('one')).toBe('#d55e00');
  expect(armColours([...others, arm]).get('one')).toBe('#d55e00');
});

test('arms without a declared colour get different ones, even under the names of built-in properties', () => {
  const colours = armColours(['constructor', 'my-service', 'toString'].map((name) => ({ name, colour: null })));
  expect(new Set(colours.values()).size).toBe(3);
});
