import { expect, it } from 'vitest';
import type { Change } from '../results/history/trend.ts';
import { changeLabel, changePhrase, changePlace, changeWords } from './changes.ts';

const point = { at: '', commit: null, runId: 'run', value: 1, low: 1, high: 1, flags: [] };
const change = (after: number, slope: Change['slope']): Change => ({
  evidence: null,
  known: { before: point, after: point },
  ...{ at: point, last: point, index: 5, before: 20, after, ratio: after / 20, better: 'neither', kind: null, slope },
});

it('says how a level changed, and how a trend goes on', () => {
  const metric = 'cpu_us_per_request';
  expect(changeWords(change(22, null), metric)).toBe('20 → 22 µs (+10.0 %)');
  expect(changeLabel(change(22, null))).toBe('+10.0 %');
  const grows = change(22, { course: 'grows', until: 9, expected: 20 });
  expect(changeWords(grows, metric)).toBe('grows from 20 to 22 µs (+10.0 %)');
  expect(changeLabel(grows)).toBe('grows +10.0 %');
  const level = change(20.1, { course: 'levels off', until: 9, expected: 30 });
  expect(changeWords(level, metric)).toBe('levels off at 20.1 µs');
  expect(changeLabel(level)).toBe('levels off');
});

it('says the values alone, and the run, for a sentence about several changes', () => {
  const metric = 'cpu_us_per_request';
  const step = { ...change(22, null), better: 'worse' as const };
  expect(`${changePhrase(step, metric)} ${changePlace(step)}`).toBe('from 20 to 22 µs at run 6, for the worse');
  const grows = change(22, { course: 'grows', until: 9, expected: 20 });
  expect(`${changePhrase(grows, metric)} ${changePlace(grows)}`).toBe('grows from 20 to 22 µs since run 6');
  const level = change(20.1, { course: 'levels off', until: 9, expected: 30 });
  expect(`${changePhrase(level, metric)} ${changePlace(level)}`).toBe('levels off at 20.1 µs since run 6');
});
