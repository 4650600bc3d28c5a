import { expect, it } from 'vitest';
import { createRandom } from '../../core/stats/random.ts';
import { type AaFork, forksIn, meets, type Rule, rateOf, secondsFor, secondsOfPair, unratedOf } from './rates.ts';

/** Forks with ratios that vary by 1.7 % from start to start, as measured. */
function forks(count: number, seed: number): AaFork[] {
  const random = createRandom(seed);
  const log = (pct: number) => Math.log1p(pct / 100) + 0.017 * random.normal();
  return Array.from({ length: count }, () => ({
    ...{ arm: 'x', machineClass: 'm', version: '1', at: '2026-01-01T00:00:00Z' },
    seconds: 12,
    referenceUs: 50,
    logRatios: { '0': log(0), '5': log(5), '2': log(2) },
    gcLogRatios: {},
  }));
}

const rule = (slowdownPct: number, seconds: number, marginPct: number | null): Rule => ({
  slowdownPct,
  seconds,
  marginPct,
  target: slowdownPct === 0 ? 0.02 : 0.95,
});

it('derives the time of two sides from that of four that share a reference', () => {
  expect(forks(1, 1).map(secondsOfPair)).toEqual([6]);
  expect(forksIn(60, forks(1, 1))).toBe(11);
});

it('tells before the first fork how long it will take: for four sides, twice 180 s and a tenth each', () => {
  const rules = [rule(0, 60, 2), rule(5, 60, 2), rule(2, 180, 1)];
  const hours = secondsFor(20, rules, 3, []) / 3600;
  expect(hours).toBeGreaterThan(2);
  expect(hours).toBeLessThan(2.3);
  // 33 forks of 12 s each; and those that exist already are not repeated.
  expect(secondsFor(20, rules, 3, forks(1, 1))).toBe((20 * 33 - 1) * 12);
  expect(secondsFor(20, rules, 3, forks(700, 1))).toBe(0);
  // Fresh starts with other slowdowns say nothing about this one.
  expect(secondsFor(1, [{ ...rules[0], slowdownPct: 7 } as Rule], 1, forks(700, 1))).toBeGreaterThan(0);
});

it('says how many forks the first comparison of a kind needs', () => {
  expect(unratedOf(rule(5, 60, 2), forks(10, 1))).toMatchObject({ slowdownPct: 5, forks: 10, needed: 11 });
  expect(unratedOf(rule(5, 60, 2), forks(11, 1))).toBeNull();
  expect(unratedOf(rule(7, 60, 2), forks(11, 1))).toMatchObject({ forks: 0, needed: 4 });
});

it('needs enough forks for one comparison', () => {
  expect(rateOf(rule(5, 60, 2), forks(10, 1))).toBeNull();
  expect(rateOf(rule(5, 60, 2), forks(11, 1))?.trials).toBe(1);
});

it('counts any difference between identical servers, and the verdict slower for slowed ones', () => {
  const all = forks(11 * 200, 2);
  const same = rateOf(rule(0, 60, 2), all);
  const slowed = rateOf(rule(5, 60, 2), all);
  expect(same?.trials).toBe(200);
  // 1 % is spent over all looks, both sides; 5 of 200 would come by chance once in thirty times, 8 hardly ever.
  expect(same?.hits).toBeLessThan(8);
  expect(same && meets(same)).toBe(same !== null && same.hits <= 4);
  expect(slowed?.rate.value).toBeGreaterThan(0.95);
});

it('counts a comparison that garbage collection alone makes red, as compare does', () => {
  // The whole cost stays inconclusive: it varies by 6 % from start to start. Collections add 4 % with certainty.
  const random = createRandom(4);
  const some = forks(22, 5).map((fork) => ({ ...fork, logRatios: { '0': 0.06 * random.normal() } }));
  const collecting = some.map((fork, i) => ({ ...fork, gcLogRatios: { '0': 0.04 + 0.001 * (i % 2) } }));
  const pairs = { trials: rateOf(rule(0, 60, 2), some)?.trials, hits: rateOf(rule(0, 60, 2), some)?.hits };
  expect(pairs.hits).toBe(0);
  expect(rateOf(rule(0, 60, 2), collecting)).toMatchObject({ trials: pairs.trials, hits: pairs.trials });
  // Without a margin, only the interval of the whole cost counts; and one fork without the term separates nothing.
  expect(rateOf(rule(0, 60, null), collecting)?.hits).toBe(0);
  const partly = collecting.map((fork, i) => (i % 5 === 3 ? { ...fork, gcLogRatios: {} } : fork));
  expect(rateOf(rule(0, 60, 2), partly)?.hits).toBe(0);
});

it('looks only at the end if there is no margin', () => {
  const rate = rateOf(rule(2, 180, null), forks(33 * 20, 3));
  expect(rate?.trials).toBe(20);
  expect(rate?.forksUsed).toBe(33);
});
