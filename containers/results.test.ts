/** Results as lines of a log. */
import { expect, it } from 'vitest';
import { packResults, unpackResults } from './results.ts';

const files = {
  'journal.jsonl': Array.from({ length: 5_000 }, (_, i) => `{"line":${i},"x":${Math.sin(i)}}\n`).join(''),
};
const lines = packResults(files);

it('are restored completely, among other lines and with CRLF', () => {
  expect(lines.length).toBeGreaterThan(5);
  const log = ['waiting', ...lines.slice(0, 2), 'a line in between', ...lines.slice(2), 'done'];
  expect(unpackResults(log.join('\n'), 'shard 1')).toEqual(files);
  expect(unpackResults(log.join('\r\n'), 'shard 1')).toEqual(files);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(16 * 1024);
});

it.each([
  ['nothing', () => ['waiting'], /the log of shard 2 contains no results/],
  ['a beginning that is lost', () => lines.slice(1), /1 of \d+ parts are missing/],
  ['an end that is lost', () => lines.slice(0, -1), /incomplete/],
  ['a part that is altered', () => lines.map((line, i) => (i === 1 ? line.replace(/....$/, 'AAAA') : line)), /damaged/],
  ['files that nobody asked for', () => packResults({ '../evil': 'x' } as object), /damaged/],
])('are refused where the log holds %s', (_, log, expected) => {
  expect(() => unpackResults(log().join('\n'), 'shard 2')).toThrow(expected);
});
