import { expect, test } from 'vitest';
import { FLAGS } from '../../core/results/flags.ts';
import type { Run } from '../../core/results/schema.ts';
import { CHARTS } from '../charts/index.ts';
import { drawCharts } from '../charts/shapes/draw.ts';
import { escapeHtml } from '../html.ts';
import { drawnSample } from '../testing/drawn-sample.ts';
import { figure } from '../testing/figure.ts';
import { HOSTILE, sampleRun } from '../testing/sample-run.ts';
import { buildView } from '../view/view.ts';
import { scriptSource } from './interaction/bundle.ts';
import { page } from './page.ts';

async function render(run: Run): Promise<string> {
  const view = buildView(run);
  return page(view, await drawCharts(CHARTS, view));
}

async function renderSample(): Promise<string> {
  const { view, charts } = await drawnSample();
  return page(view, charts);
}

test('malicious strings are shown and not run', async () => {
  const run = sampleRun();
  const text = await render({
    ...run,
    runId: HOSTILE,
    notes: [HOSTILE],
    environment: { ...run.environment, cpuModel: HOSTILE, packages: { [HOSTILE]: HOSTILE } },
    experiments: run.experiments.map((experiment) => ({ ...experiment, question: HOSTILE, error: HOSTILE })),
    damagedLines: [{ line: 1, reason: HOSTILE }],
    figures: [...run.figures, figure(HOSTILE, 'cpu_us_per_request', 50, { factors: { [HOSTILE]: HOSTILE } })],
  });
  // The page's own scripts, which the policy lists by hash.
  const scripts = [...text.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script = '']) => script);
  expect(text.match(/<script/g)).toHaveLength(scripts.length);
  for (const script of scripts) expect(text).toContain(escapeHtml(scriptSource(script)));
  expect(text.split(escapeHtml(HOSTILE)).length).toBeGreaterThan(10);
});

test('nothing is fetched: the only addresses are names of XML namespaces', async () => {
  const text = await renderSample();
  expect(new Set(text.match(/https?:\/\/[^"'\s<]*/g))).toEqual(new Set(['http://www.w3.org/2000/svg']));
  expect(text).not.toMatch(/<(?:script \w|iframe|object|embed|img)\b/);
  expect(text).not.toMatch(/@import|url\((?!#)/);
  expect(text).toContain(`content="default-src &#39;none&#39;;`);
});

test('every id is unique and every link within the page has a target', async () => {
  const text = await renderSample();
  const ids = [...text.matchAll(/ id="?([\w-]+)/g)].map((match) => match[1]);
  expect(new Set(ids).size).toBe(ids.length);
  const targets = [...text.matchAll(/href="?#([\w-]+)/g)].map((match) => match[1]);
  expect(targets.length).toBeGreaterThan(20);
  expect(targets.filter((target) => !ids.includes(target))).toEqual([]);
});

test('a flag is marked next to its figures and explained once', async () => {
  const text = await renderSample();
  const explanation = escapeHtml(FLAGS['interval-wide'].advice);
  expect(text.split(explanation)).toHaveLength(2);
  expect(text.split('href="#flag-interval-wide"').length).toBeGreaterThan(3);
  expect(text).not.toContain('flag-redis-shared');
});

test('the details of latency say whether each load was offered and answered, with the flags', async () => {
  const text = await renderSample();
  const row =
    /<tr><th scope=row><code>jwt-hs256<\/code>(?:<\/th>)?<td>95\u202f%.*?(?=<tr>|<\/tbody>)/s.exec(text)?.[0] ?? '';
  const cells = row.split('<td>').slice(2);
  expect(cells.map((cell) => /<b>([^<]+)</.exec(cell)?.[1])).toEqual(['5,600\u202freq/s', '96.20\u202f%', '0\u202f%']);
  for (const cell of cells) expect(cell).toContain('href="#flag-rate-missed"');
});

test('a run without measurements gives a page that says so', async () => {
  const text = await render({ ...sampleRun(), figures: [], flags: [], experiments: [], arms: [], complete: false });
  expect(text).toContain('The run has no figures.');
  expect(text).toContain('The run is incomplete');
  expect(text).not.toContain('href="#charts"');
});

test('the same run makes the same page', async () => {
  expect(await render(sampleRun())).toBe(await renderSample());
});

test('the first screen has the verdict, when to choose what, and how certain that is, with a link to a chart for each reason', async () => {
  const text = await renderSample();
  const answer = /<section id="answer".*?<\/section>/s.exec(text)?.[0] ?? '';
  expect(answer).toMatch(/class="lead">.*session-redis.*takes 1\.89×.*After revocation/s);
  for (const words of ['Choose sessions if', 'Choose tokens if', 'How sure?', 'id="chart-toll-pairs"']) {
    expect(answer).toContain(words);
  }
  expect(answer).toContain('href="#chart-revocation"');
});

test('a run without the toll is answered by its other measurements', async () => {
  const run = sampleRun();
  const only = (experiment: string) => ({
    ...run,
    figures: run.figures.filter((one) => one.experiment === experiment),
  });
  for (const experiment of ['latency', 'payload', 'revocation', 'layers', 'store']) {
    const text = await render(only(experiment));
    const lead = /class="lead">(.*?)<\/p>/s.exec(text)?.[1] ?? '';
    expect(lead.length).toBeGreaterThan(60);
    expect(text).not.toContain('experiment toll, on which');
  }
});

test('a figure’s flag is next to the sentence that quotes it', async () => {
  const run = sampleRun();
  const figures = run.figures.map((one) =>
    one.metric === 'total_cpu_ratio_to_arm' ? { ...one, flags: ['interval-wide' as const] } : one,
  );
  const text = await render({ ...run, figures });
  expect(/class="lead">(.*?)<\/p>/s.exec(text)?.[1]).toContain('href="#flag-interval-wide"');
});
