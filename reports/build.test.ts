import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildReport } from './build.ts';
import { CHARTS } from './charts/index.ts';
import { sampleRun } from './testing/sample-run.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tollgate-build-'));
  await writeFile(join(folder, 'run.json'), JSON.stringify(sampleRun()));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a run becomes a page, a summary, a table and one file per chart, and leaves nothing half-written', async () => {
  const built = await buildReport(folder);
  const written = built.files.map((file) => relative(folder, file));
  const charts = CHARTS.map(({ id }) => `charts/${id}.svg`);
  const trackers = ['bencher.json', 'benchmark-smaller-is-better.json', 'benchmark-bigger-is-better.json'];
  expect(written).toEqual(['report.html', 'summary.md', 'figures.csv', ...charts, ...trackers]);
  const found = (await readdir(folder, { recursive: true })).filter((name) => name !== 'charts').sort();
  expect(found).toEqual([...written, 'run.json'].sort());
});

test('building again writes the same bytes', async () => {
  const page = join(folder, 'report.html');
  await buildReport(folder);
  const first = await readFile(page, 'utf8');
  await buildReport(folder);
  expect(await readFile(page, 'utf8')).toBe(first);
});

test('a chart that the run has no figures for any more is removed, and nothing that is not a chart of ours', async () => {
  const other = await mkdtemp(join(tmpdir(), 'tollgate-stale-'));
  try {
    await writeFile(join(other, 'run.json'), JSON.stringify(sampleRun()));
    await buildReport(other);
    await writeFile(join(other, 'charts', 'my-own.svg'), '<svg/>');
    const run = sampleRun();
    const tollOnly = { ...run, figures: run.figures.filter(({ experiment }) => experiment === 'toll') };
    await writeFile(join(other, 'run.json'), JSON.stringify(tollOnly));
    await buildReport(other);
    const kept = CHARTS.filter(({ experiment }) => experiment === 'toll').map(({ id }) => `${id}.svg`);
    expect((await readdir(join(other, 'charts'))).sort()).toEqual([...kept, 'my-own.svg'].sort());
  } finally {
    await rm(other, { recursive: true, force: true });
  }
});
