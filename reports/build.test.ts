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
  expect(written).toEqual(['report.html', 'summary.md', 'figures.csv', ...charts]);
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
