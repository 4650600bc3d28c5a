import { expect, it } from 'vitest';
import { LENGTHS, shiftsOf } from './turns.ts';

/** Cost per request where coming back cold costs `cold` and a busy server `busy`. */
const turns = (baseline: boolean, busy: number, cold: number) => ({
  baseline,
  nanosPerRequest: LENGTHS.map((length) => busy + cold / length),
});

it('finds no shift of the slope where cost is a straight line, and that of one length by hand', () => {
  const { oneLengthPct, slopePct } = shiftsOf([turns(true, 14, 300), turns(false, 35, 300)]);
  expect(slopePct).toBeCloseTo(0, 9);
  // 41 / 20 = 2.05 in turns of 50; 35.3 / 14.3 in turns of 1,000.
  expect(oneLengthPct).toBeCloseTo(100 * (35.3 / 14.3 / 2.05 - 1), 9);
});

it('finds what is not a straight line', () => {
  const bent = { baseline: false, nanosPerRequest: [40, 35, 36] };
  // Slopes by hand: (35·200 − 40·50) / 150 and (36·1000 − 35·200) / 800, over 14 each.
  const { slopePct } = shiftsOf([turns(true, 14, 300), bent]);
  expect(slopePct).toBeCloseTo(100 * (36.25 / (100 / 3) - 1), 9);
});
