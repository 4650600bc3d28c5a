import { expect, it } from 'vitest';
import { createRandom } from '../../stats/random.ts';
import { entry } from '../testing/history.ts';
import { jointWorsenings } from './jointly.ts';
import { recentWorsenings } from './recent.ts';
import { seriesOf } from './series.ts';
import { isJudged } from './watched.ts';

/** A history of several figures. @param costOf of a figure in a run */
function historyOf(figures: number, runs: number, costOf: (figure: number, run: number) => number) {
  return seriesOf(
    Array.from({ length: runs }, (_, run) => ({
      ...entry(run, 1),
      figures: Array.from({ length: figures }, (__, figure) => {
        const value = costOf(figure, run);
        return {
          ...{ experiment: 'scale', arm: `arm-${figure}`, factors: {}, metric: 'cpu_us_per_request' as const },
          ...{ value, low: value, high: value, flags: [] },
        };
      }),
    })),
  );
}

it('finds nothing certain in four thousand series of noise, and half of it heavy-tailed', { timeout: 120_000 }, () => {
  const random = createRandom(21);
  const square = () => random.normal() ** 2;
  const all = historyOf(4000, 12, (figure) => {
    const tail = figure % 2 === 0 ? 1 : Math.sqrt((square() + square() + square()) / 3);
    return 20 * Math.exp((0.03 * random.normal()) / tail);
  });
  // Each alone, some of them would fail the check.
  expect(all.flatMap((series) => recentWorsenings(series, 10)).length).toBeGreaterThan(0);
  expect(jointWorsenings(all, 10).filter(({ isCertain }) => isCertain)).toEqual([]);
});

it('still finds one clear change among many series, three runs after it began', () => {
  const random = createRandom(22);
  const costOf = (figure: number, run: number) =>
    20 * (figure === 7 && run >= 57 ? 1.08 : 1) * Math.exp(0.01 * random.normal());
  const found = jointWorsenings(historyOf(100, 60, costOf), 10).filter(({ isCertain }) => isCertain);
  expect(found.map(({ series, change }) => [series.arm, change.index])).toEqual([['arm-7', 57]]);
});

it('judges no difference, no comparison of two arms and no second timing of the same requests', () => {
  const of = (metric: 'cpu_toll_us' | 'cpu_ratio_to_arm' | 'latency_us', factors = {}) => ({ metric, factors });
  expect(isJudged(of('latency_us', { timing: 'corrected' }))).toBe(true);
  expect(isJudged(of('latency_us', { timing: 'service' }))).toBe(false);
  expect(isJudged(of('cpu_toll_us'))).toBe(false);
  expect(isJudged(of('cpu_ratio_to_arm'))).toBe(false);
});
