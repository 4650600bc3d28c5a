import { expect, it } from 'vitest';
import { shorten, shortenValues } from './shorten.ts';

it('cuts a text to its limit, with the ellipsis', () => {
  expect(shorten('abcdef', 6)).toBe('abcdef');
  expect(shorten('abcdefg', 6)).toBe('abcde…');
});

it('cuts long values in a line and keeps what is said about them', () => {
  const long = 'x y'.repeat(70_000);
  const line = shortenValues(
    `thresholds.none.0: ${JSON.stringify(long)}: there is no metric ${'m'.repeat(500)}; did you mean b?`,
  );
  expect(line).toMatch(/^thresholds\.none\.0: "x yx y[xy ]*…": there is no metric m{119}…; did you mean b\?$/);
  expect(line.length).toBeLessThan(400);
});

it('keeps ordinary values, escaped quotes and paths, and bounds the line', () => {
  const line = `"a \\" b": ${'/long/path'.repeat(20)} not found, choose from ${'name, '.repeat(50)}`;
  expect(shortenValues(line)).toBe(line);
  expect(shortenValues('word '.repeat(50_000))).toHaveLength(4_000);
  expect(shortenValues(`"${'open '.repeat(50_000)}`)).toHaveLength(4_000);
});
