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
