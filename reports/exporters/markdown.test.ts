import { expect, test } from 'vitest';
import { CHARTS } from '../charts/index.ts';
import { drawnSample } from '../testing/drawn-sample.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { buildView } from '../view/view.ts';
import { codeBlock, escapeMarkdown, markdown } from './markdown.ts';

async function summary(): Promise<string> {
  const { view, charts } = await drawnSample();
  return markdown.render(view, charts)[0]?.content ?? '';
}

test('text cannot make markup, a table cell or a new line', () => {
  expect(escapeMarkdown('a|b\n# <b> [x](y) `z` *')).toBe('a\\|b \\# &lt;b&gt; \\[x\\](y) \\`z\\` \\*');
});

test('a fence is longer than any run of backticks within', () => {
  expect(codeBlock('a ```` b').split('\n')[0]).toBe('`````sh');
  expect(codeBlock('a').split('\n')[0]).toBe('```sh');
});

test('every chart has its sentence and a link to its file', async () => {
  const text = await summary();
  for (const chart of CHARTS) {
    expect(text).toContain(`[${chart.title}](charts/${chart.id}.svg)`);
    expect(text).toContain(escapeMarkdown(chart.sentence(buildView(sampleRun()))));
  }
});

test('each claim stands in a row with its verdict, and what it says makes no cell', async () => {
  const [, claims = ''] = (await summary()).split('\n## Claims\n');
  const rows = claims
    .split('\n## ', 1)
    .join('')
    .split('\n')
    .filter((line) => /^\| \d/.test(line));
  expect(rows).toHaveLength(buildView(sampleRun()).claims.length);
  for (const row of rows) expect(row.split(/(?<!\\)\|/)).toHaveLength(6);
});

test('each row of the table of arms has as many cells as its head', async () => {
  const [, arms = ''] = (await summary()).split('\n## The arms\n');
  const rows = arms
    .split('\n## ', 1)
    .join('')
    .split('\n')
    .filter((line) => line.startsWith('|'));
  expect(rows.length).toBe(2 + buildView(sampleRun()).decisions.length);
  for (const row of rows) expect(row.split(/(?<!\\)\|/)).toHaveLength(11);
});

test('a flagged figure carries the letter of its flag, and the letter is explained', async () => {
  const text = await summary();
  expect(text).toMatch(/`jwt-es256` \| [^|]* †c /);
  expect(text).toContain('- **c: interval too wide** (3 figures).');
});

test('warnings come before the answer', async () => {
  const run = { ...sampleRun(), interrupted: true, complete: false };
  const text = markdown.render(buildView(run), [])[0]?.content ?? '';
  const warning = text.indexOf('The run was interrupted');
  expect(warning).toBeGreaterThan(0);
  expect(warning).toBeLessThan(text.indexOf('The cheapest way'));
});
