import { expect, it } from 'vitest';
import { entry } from '../testing/history.ts';
import { historyLine } from './entry.ts';
import { type HistoryOrder, readHistory as readLines } from './history.ts';
import { recentWorsenings } from './recent.ts';

const linesFrom = (text: string, from: number) =>
  Buffer.from(text)
    .subarray(from)
    .toString()
    .split('\n')
    .map((line) => Buffer.from(line));
const readHistory = (text: string, order?: HistoryOrder, last = 1000) =>
  readLines((from) => linesFrom(text, from), last, order);

it('reads back what it wrote, in insertion or time order, and sets damaged lines aside', async () => {
  const text = `${historyLine(entry(2, 5))}{"version":1\n${historyLine(entry(1, 4))}{"version":9}\n`;
  const { entries, damaged } = await readHistory(text);
  expect(entries.map(({ runId }) => runId)).toEqual(['run-2', 'run-1']);
  expect((await readHistory(text, 'time')).entries.map(({ runId }) => runId)).toEqual(['run-1', 'run-2']);
  expect(damaged).toEqual([
    { line: 2, reason: 'not JSON: cut off or overwritten' },
    { line: 4, reason: 'it has version 9, and this version of Tollgate reads 1' },
  ]);
});

it('finds a recent change although earlier runs were timed by a clock that was years ahead', async () => {
  const ahead = (i: number) => ({ ...entry(i, 4), at: `2031-01-0${i}T00:00:00.000Z` });
  const text = [ahead(1), ahead(2), ahead(3), ...[4, 5, 6].map((i) => entry(i, 6))].map(historyLine).join('');
  const { series: found, outOfTime } = await readHistory(text);
  expect(outOfTime).toBe(3);
  const [one] = found;
  expect(one && recentWorsenings(one, 3)[0]).toMatchObject({ index: 3, better: 'worse' });
  const inTime = await readHistory([1, 2].map((i) => historyLine(entry(i, 4))).join(''));
  expect(inTime.outOfTime).toBe(0);
});

it('keeps the last runs of each class, and counts them all', async () => {
  const text = [entry(1, 1), entry(2, 2, 'large'), entry(3, 3), entry(4, 4)].map(historyLine).join('');
  const { entries, runs } = await readHistory(text, 'added', 2);
  expect(entries.map(({ runId }) => runId)).toEqual(['run-2', 'run-3', 'run-4']);
  expect(runs).toBe(4);
  const shuffled = [4, 1, 3, 2].map((i) => historyLine(entry(i, i))).join('');
  const byTime = await readHistory(shuffled, 'time', 2);
  expect(byTime.entries.map(({ runId }) => runId)).toEqual(['run-3', 'run-4']);
  const many = Array.from({ length: 300 }, (_, i) => historyLine(entry((i * 7) % 300, 1))).join('');
  expect((await readHistory(many, 'time', 3)).entries.map(({ runId }) => runId)).toEqual([
    'run-297',
    'run-298',
    'run-299',
  ]);
  expect((await readHistory(many, 'added', 3)).entries.map(({ runId }) => runId)).toEqual([
    'run-279',
    'run-286',
    'run-293',
  ]);
});

it('detects whether old lines are complete, and reads lines written by other programs', async () => {
  const whole = historyLine(entry(1, 4));
  const spaced = `${JSON.stringify(entry(2, 5), null, 1).replaceAll('\n', ' ')}\n`;
  const text = `${whole.slice(0, -5)}\n${spaced}${whole}${historyLine(entry(3, 6))}`;
  const { entries, runs, damaged } = await readHistory(text, 'added', 1);
  expect(entries.map(({ runId }) => runId)).toEqual(['run-3']);
  expect(runs).toBe(3);
  expect(damaged.map(({ line }) => line)).toEqual([1]);
});

it('reads whole lines from the first of the last runs on, and no figure before it', async () => {
  const text = [1, 2, 3, 4].map((i) => historyLine(entry(i, i))).join('');
  const asked: number[] = [];
  const lines = (from: number) => {
    asked.push(from);
    return linesFrom(text, from);
  };
  const { series: found } = await readLines(lines, 2);
  expect(asked).toEqual([0, 2 * historyLine(entry(1, 1)).length]);
  expect(found[0]?.points.map(({ value }) => value)).toEqual([3, 4]);
});

it('refuses to write an entry that it would not read', () => {
  expect(() => historyLine({ ...entry(1, 4), at: 'yesterday' })).toThrow(/at/);
});

it('escapes names, so that they can neither move a cursor nor set a colour', async () => {
  const line = JSON.stringify(entry(1, 5)).replaceAll('jwt-hs256', '\\u001b[31mred');
  const [kept] = (await readHistory(line)).series;
  expect(kept?.arm).toBe('␛[31mred');
});
