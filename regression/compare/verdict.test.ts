import { expect, it } from 'vitest';
import { createRandom } from '../../core/stats/random.ts';
import { type Design, designOf } from '../../core/stats/sequential.ts';
import { forksNeeded, judge, type Verdict } from './verdict.ts';

const design = designOf({ confidence: 0.99, firstLook: 4, mostForks: 10 });
/** Ten forks about a ratio, so close together that their interval is ±`halfPct` %. */
const forks = (ratio: number, spread: number) =>
  Array.from({ length: 10 }, (_, i) => Math.log(ratio) + (i % 2 === 0 ? spread : -spread));
const verdict = (ratio: number, spread: number, marginPct = 2) =>
  judge(forks(ratio, spread), design, { marginPct }).verdict;

it('is slower if the interval is wholly above 1 and the estimate exceeds the margin', () => {
  expect(verdict(1.05, 0.005)).toBe('slower');
  expect(verdict(1 / 1.05, 0.005)).toBe('faster');
});

it('stays within the margin for a certain but small difference', () => {
  expect(verdict(1.01, 0.002)).toBe('same');
  expect(verdict(1, 0.001)).toBe('same');
});

it('tests for sameness instead of assuming it', () => {
  expect(verdict(1, 0.05)).toBe('cannot-tell');
  expect(verdict(1.05, 0.06)).toBe('cannot-tell');
  // Certainly above 1, but neither certainly within the margin nor beyond it.
  expect(verdict(1.018, 0.005)).toBe('cannot-tell');
});

it('says nothing about a cost that was never measured', () => {
  expect(judge([], design, { marginPct: 2 }).verdict).toBe('cannot-tell');
  expect(judge([Number.NaN, 0.1, 0.1, 0.1], design, { marginPct: 2 }).verdict).toBe('cannot-tell');
});

it('gives no verdict before the first look', () => {
  const { verdict: said, ratio } = judge([0.5, 0.5, 0.5], design, { marginPct: 2 });
  expect(said).toBe('cannot-tell');
  expect(ratio.high).toBe(Number.POSITIVE_INFINITY);
});

it('predicts how many more forks a verdict takes, and that none would suffice at the margin', () => {
  const wide = forks(1, 0.02);
  expect(judge(wide, design, { marginPct: 2 }).verdict).toBe('cannot-tell');
  const needed = forksNeeded(wide, design, { marginPct: 2 });
  expect(needed).toBeGreaterThan(0);
  // With that many forks like these, there is a verdict.
  const total = 10 + (needed ?? 0);
  const more = Array.from({ length: total }, (_, i) => (i % 2 === 0 ? 0.019 : -0.019));
  const single = designOf({ confidence: 0.99, firstLook: total, mostForks: total });
  expect(judge(more, single, { marginPct: 2 }).verdict).toBe('same');
  expect(forksNeeded(forks(1.0199, 0.02), design, { marginPct: 2 })).toBeNull();
});

it('decides sooner if other comparisons inform the spread of forks', () => {
  const few = [0.01, -0.01, 0.009, -0.009];
  const margin = { marginPct: 5 };
  const prior = { deviation: 0.011, degrees: 20 };
  expect(judge(few, design, margin).verdict).toBe('cannot-tell');
  expect(judge(few, design, margin, prior).verdict).toBe('same');
  // That information also counts against a spread that is small by luck.
  const lucky = few.map((log) => log / 100);
  expect(judge(lucky, design, margin).ratio.high).toBeLessThan(judge(lucky, design, margin, prior).ratio.high);
  const wide = few.map((log) => 3 * log);
  const alone = forksNeeded(wide, design, { marginPct: 2 }) ?? Number.NaN;
  expect(forksNeeded(wide, design, { marginPct: 2 }, prior)).toBeLessThan(alone);
});

/** How often each verdict occurs if starts differ by 1.7 %, with a look after each fork as in `compare`. */
function simulate(
  ratio: number,
  marginPct: number,
  plan: Design,
  trials: number,
  seed: number,
): Record<Verdict, number> {
  const random = createRandom(seed);
  const counts = { slower: 0, faster: 0, same: 0, 'cannot-tell': 0 };
  for (let trial = 0; trial < trials; trial++) {
    const logs: number[] = [];
    let said: Verdict = 'cannot-tell';
    while (said === 'cannot-tell' && logs.length < plan.mostForks) {
      logs.push(Math.log(ratio) + 0.017 * random.normal());
      if (logs.length >= plan.firstLook) said = judge(logs, plan, { marginPct }).verdict;
    }
    counts[said] += 1 / trials;
  }
  return counts;
}

const TEN = designOf({ confidence: 0.99, firstLook: 4, mostForks: 10 });
const THIRTY = designOf({ confidence: 0.99, firstLook: 4, mostForks: 30 });

it('almost never calls identical things slower or faster', () => {
  for (const [marginPct, plan] of [[2, TEN] as const, [1, THIRTY] as const]) {
    const { slower, faster } = simulate(1, marginPct, plan, 50_000, 11);
    // 1 % is spent in all; three standard errors of 50,000 trials.
    expect(slower + faster).toBeLessThan(0.0113);
  }
});

it('almost never calls something the same that is slower by more than the margin', () => {
  expect(simulate(1.025, 2, THIRTY, 50_000, 12).same).toBeLessThan(0.0113);
});

it('finds 5 % in ten forks, and 2 % in thirty with a margin of 1 %', () => {
  expect(simulate(1.05, 2, TEN, 10_000, 13).slower).toBeGreaterThan(0.95);
  expect(simulate(1.02, 1, THIRTY, 10_000, 14).slower).toBeGreaterThan(0.8);
});
