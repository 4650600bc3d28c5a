import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { figure } from '../testing/figure.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { buildView } from '../view/view.ts';
import { renderTerminal } from './terminal.ts';

const text = (width: number, run = sampleRun(), colour = false) =>
  renderTerminal(buildView(run), { colour, width, directory: 'results/latest' });

test.each([60, 80, 100])('no line is longer than %i columns', (width) => {
  const lines = text(width).split('\n');
  expect(lines.filter((line) => line.length > width)).toEqual([]);
});

test('a wider terminal makes no line longer than a reader can follow', () => {
  expect(
    Math.max(
      ...text(400)
        .split('\n')
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(100);
});

test('colour changes no letter, and without it there is no control character', () => {
  expect(stripVTControlCharacters(text(80, sampleRun(), true))).toBe(text(80));
  expect(text(80, sampleRun(), true)).not.toBe(text(80));
});

test('terms come before the figures, the answer after them, and the files last', () => {
  const shown = text(80);
  const at = [
    'How to read this',
    'Cost of one authenticated request',
    'Latency in ms',
    '\nCaveats',
    '\nAnswer',
    '\nReport:',
  ].map((title) => shown.indexOf(title));
  expect(at).not.toContain(-1);
  expect(at).toEqual(at.toSorted((a, b) => a - b));
});

test('requests and responses are named as such, and no column says in or out', () => {
  const figures = [
    figure('none', 'cpu_us_per_request', 30),
    figure('none', 'request_bytes', 43, { spread: 0 }),
    figure('none', 'response_bytes', 261, { spread: 0 }),
    figure('jwt-hs256', 'cpu_us_per_request', 50),
    figure('jwt-hs256', 'request_bytes', 435, { spread: 0 }),
    figure('jwt-hs256', 'response_bytes', 262, { spread: 0 }),
  ];
  const shown = text(100, { ...sampleRun(), figures });
  expect(shown.replaceAll(/\s+/g, ' ')).toContain('CPU per Request Response Arm request, µs bytes bytes');
  expect(shown).toMatch(/jwt-hs256 +50\.0 \[49\.5–50\.5\] +435 +262/);
});

test('responses of one size are told in a sentence instead of a column', () => {
  const figures = [
    figure('none', 'cpu_us_per_request', 30),
    figure('none', 'response_bytes', 261, { spread: 0 }),
    figure('jwt-hs256', 'cpu_us_per_request', 50),
    figure('jwt-hs256', 'response_bytes', 261, { spread: 0 }),
  ];
  expect(text(80, { ...sampleRun(), figures })).toContain('Every response is 261 B long.');
});

test('what went wrong is said before the answer', () => {
  const shown = text(80, { ...sampleRun(), interrupted: true, complete: false });
  expect(shown.indexOf('The run was interrupted')).toBeGreaterThan(0);
  expect(shown.indexOf('The run was interrupted')).toBeLessThan(shown.indexOf('\nAnswer'));
});

test('a run without figures still names its files', () => {
  expect(text(80, { ...sampleRun(), figures: [], experiments: [] })).toContain('results/latest/report.html');
});
