import { expect, test } from 'vitest';
import { escapeMarkdown } from '../../core/text/markdown.ts';
import { CHARTS } from '../charts/index.ts';
import { drawnSample } from '../testing/drawn-sample.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { buildView } from '../view/view.ts';
import { markdown } from './markdown.ts';

async function summary(): Promise<string> {
  const { view, charts } = await drawnSample();
  return markdown.render(view, charts)[0]?.content ?? '';
}

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
  for (const row of rows) expect(row.split(/(?<!\\)\|/)).toHaveLength(13);
});

test('a flagged figure carries the letter of its flag, and the letter is explained', async () => {
  const text = await summary();
  expect(text).toMatch(/`jwt-es256` \| [^|]* \| [^|]* †c /);
  expect(text).toContain('- **c: interval too wide** (4 figures).');
});

test('a hostile run file makes no markup, no row and no control character', () => {
  const run = sampleRun();
  const attack = 'x`\n\n# Title\n\n| a | <img src=x onerror=alert(1)> [y](javascript:z) @octocat \u001b[31m';
  const [first] = run.figures;
  if (first === undefined) throw new Error('the sample has figures');
  const figures = [...run.figures, { ...first, arm: attack, unit: attack }];
  const environment = { ...run.environment, cpuModel: attack };
  const view = buildView({ ...run, runId: attack, notes: [attack], figures, environment, commandLine: attack });
  const written = markdown.render(view, [])[0]?.content ?? '';
  const [text = ''] = written.split('## How to reproduce');
  expect(text).not.toMatch(/<img|(?<!\\)\]\(|@octocat|^# Title/m);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(written).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  const rows = text.split('\n').filter((line) => line.includes('octocat') && line.startsWith('|'));
  expect(rows).toHaveLength(1);
  for (const row of rows) expect(row.split(/(?<!\\)\|/)).toHaveLength(13);
});

test('warnings come before the answer', async () => {
  const run = { ...sampleRun(), interrupted: true, complete: false };
  const text = markdown.render(buildView(run), [])[0]?.content ?? '';
  const warning = text.indexOf('The run was interrupted');
  expect(warning).toBeGreaterThan(0);
  expect(warning).toBeLessThan(text.indexOf('On this machine'));
});
