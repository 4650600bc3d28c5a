import { expect, test } from 'vitest';
import { describeArms } from '../../bench/run/arms.ts';
import { armColours, DATA_COLOURS, TONES } from './palette.ts';

/** Relative luminance and contrast as WCAG 2 defines them. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}
function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

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
