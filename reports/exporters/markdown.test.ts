import { expect, test } from 'vitest';
import type { Metric } from '../../core/results/metrics.ts';
import { escapeMarkdown } from '../../core/text/markdown.ts';
import { CHARTS } from '../charts/index.ts';
import { flagList } from '../page/flag-list.ts';
import { drawnSample } from '../testing/drawn-sample.ts';
import { figure } from '../testing/figure.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { buildView } from '../view/view.ts';
import { markdown } from './markdown.ts';

/** The text folded under a title. */
function sectionOf(text: string, title: string): string {
  const [, rest = ''] = text.split(`<details><summary>${title}`);
  return rest.split('</details>', 1).join('');
}

async function summary(): Promise<string> {
  const { view, charts } = await drawnSample();
  return markdown.render(view, charts)[0]?.content ?? '';
}

test('a flag of the whole run is said to be one, in the summary and on the page', () => {
  const run = sampleRun();
  const view = buildView({ ...run, flags: [...run.flags, 'calibration-missing'] });
  expect(view.flags.find(({ name }) => name === 'calibration-missing')?.figures).toBe(0);
  const texts = [markdown.render(view, [])[0]?.content ?? '', flagList.render(view, [])?.markup ?? ''];
  for (const text of texts) {
    expect(text).toContain('the whole run');
    expect(text).not.toContain('0 figures');
  }
});

test('every chart has its sentence and a link to its file', async () => {
  const text = await summary();
  for (const chart of CHARTS) {
    expect(text).toContain(`[${chart.title}](charts/${chart.id}.svg)`);
    expect(text).toContain(escapeMarkdown(chart.sentence(buildView(sampleRun()))));
  }
});

test('each claim has a row with its verdict, and its text creates no cell', async () => {
  const rows = sectionOf(await summary(), 'Claims of the debate')
    .split('\n')
    .filter((line) => /^\| \d/.test(line));
  expect(rows).toHaveLength(buildView(sampleRun()).claims.length);
  for (const row of rows) expect(row.split(/(?<!\\)\|/)).toHaveLength(6);
});

test('each row of the tables of arms has as many cells as its head: a few at first, and all of them folded', async () => {
  const text = await summary();
  const rowsOf = (part: string) => part.split('\n').filter((line) => line.startsWith('|'));
  const shown = rowsOf(text.slice(0, text.indexOf('<details>')));
  const whole = rowsOf(sectionOf(text, 'More of the answer'));
  for (const [rows, cells] of [
    [shown, 9],
    [whole, 13],
  ] as const) {
    expect(rows.length).toBe(2 + buildView(sampleRun()).decisions.length);
    for (const row of rows) expect(row.split(/(?<!\\)\|/)).toHaveLength(cells);
  }
});

test('a pull request shows the verdict, one table and the machine, with the rest folded', async () => {
  const text = await summary();
  const shown = text.slice(0, text.indexOf('<details>'));
  expect(shown.match(/^\| Arm \|/gm)).toHaveLength(1);
  expect(shown).toContain('On this machine');
  expect(shown).toMatch(/^- Choose (sessions|tokens|both) if \*\*/m);
  expect(shown.split('\n').length).toBeLessThan(30);
  expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
  // Without the blank line GitHub does not render what follows.
  expect(text).not.toMatch(/<\/summary>\n(?!\n)/);
  expect(text.length).toBeLessThan(65_536);
});

test('a flagged figure has the letter of its flag, and the letter is explained', async () => {
  const text = await summary();
  expect(text).toMatch(/`jwt-es256` \| [^|]* \| [^|]* †h /);
  expect(text).toContain('- **h: interval too wide** (4 figures).');
});

test('a malicious run file creates no markup, row or control character', () => {
  const run = sampleRun();
  const attack = 'x`\n\n# Title\n\n| a | <img src=x onerror=alert(1)> [y](javascript:z) @octocat \u001b[31m';
  const [first] = run.figures;
  if (first === undefined) throw new Error('the sample has figures');
  const figures = [...run.figures, { ...first, arm: attack, unit: attack }];
  const environment = { ...run.environment, cpuModel: attack };
  const view = buildView({ ...run, runId: attack, notes: [attack], figures, environment, commandLine: attack });
  const written = markdown.render(view, [])[0]?.content ?? '';
  const [text = ''] = written.split('<details><summary>How to reproduce');
  expect(text).not.toMatch(/<img|(?<!\\)\]\(|@octocat|^# Title/m);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(written).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  const rows = text.split('\n').filter((line) => line.includes('octocat') && line.startsWith('|'));
  expect(rows.map((row) => row.split(/(?<!\\)\|/).length)).toEqual([9, 13]);
});

test('warnings come before the answer', async () => {
  const run = { ...sampleRun(), interrupted: true, complete: false };
  const text = markdown.render(buildView(run), [])[0]?.content ?? '';
  const warning = text.indexOf('The run was interrupted');
  expect(warning).toBeGreaterThan(0);
  expect(warning).toBeLessThan(text.indexOf('On this machine'));
});

test('a search for capacity shows its answer first, and no list of what it did not measure', () => {
  const of = (metric: Metric, value: number, broke?: string) =>
    figure('jwt-hs256', metric, value, {
      experiment: 'capacity',
      factors: { replicas: 1, ...(broke ? { broke } : {}) },
    });
  const figures = [
    of('objective_met_pct', 100),
    of('peak_rps', 12_345),
    of('recommended_rps', 9_876),
    of('broke_first_pct', 100, 'cpu'),
  ];
  const text = markdown.render(buildView({ ...sampleRun(), figures }), [])[0]?.content ?? '';
  const shown = text.slice(0, text.indexOf('<details>'));
  expect(shown).toContain('| Arm | Replicas | Recommended | Peak |');
  expect(shown).toContain('12,300');
  expect(shown).toContain('the servers’ CPU, which was saturated');
  expect(text).toContain('This run judges none of them');
  expect(text).not.toContain('| not measured in this run |');
});
