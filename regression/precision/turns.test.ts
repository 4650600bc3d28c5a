import { expect, it } from 'vitest';
import { LENGTHS, shiftsOf } from './turns.ts';

/** Cost per request if a request costs `cold` after an idle phase and `busy` on a busy server. */
const turns = (baseline: boolean, busy: number, cold: number) => ({
  baseline,
  nanosPerRequest: LENGTHS.map((length) => busy + cold / length),
});

it('finds no shift of the slope for linear costs, and the known shift of a single length', () => {
  const { oneLengthPct, slopePct } = shiftsOf([turns(true, 14, 300), turns(false, 35, 300)]);
  expect(slopePct).toBeCloseTo(0, 9);
  // 41 / 20 = 2.05 in turns of 50; 35.3 / 14.3 in turns of 1,000.
  expect(oneLengthPct).toBeCloseTo(100 * (35.3 / 14.3 / 2.05 - 1), 9);
});

it('detects non-linear costs', () => {
  const bent = { baseline: false, nanosPerRequest: [40, 35, 36] };
  // Slopes by hand: (35·200 − 40·50) / 150 and (36·1000 − 35·200) / 800, each divided by 14.
  const { slopePct } = shiftsOf([turns(true, 14, 300), bent]);
  expect(slopePct).toBeCloseTo(100 * (36.25 / (100 / 3) - 1), 9);
});

it('does not let shifts up and down cancel', () => {
  const bent = (middle: number) => ({ baseline: false, nanosPerRequest: [40, middle, 36] });
  const up = shiftsOf([turns(true, 14, 300), bent(35)]).slopePct;
  const down = shiftsOf([turns(true, 14, 300), bent(38)]).slopePct;
  const both = shiftsOf([turns(true, 14, 300), bent(35), bent(38)]).slopePct;
  expect(both).toBeGreaterThanOrEqual(Math.min(up, down));
  expect(both).toBeLessThanOrEqual(Math.max(up, down));
  // Slopes by hand: 36.25 after 33.33, and 35.5 after 37.33.
  const size = (Math.log(36.25 / (100 / 3)) + Math.log(112 / 3 / 35.5)) / 2;
  expect(both).toBeCloseTo(100 * (Math.exp(size) - 1), 9);
});
