import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { thenEnding } from '../core/errors.ts';
import { writeReport } from './build.ts';
import { CHARTS } from './charts/index.ts';
import { sampleRun } from './testing/sample-run.ts';

/** The folder of a report of the sample, written once. */
let folder: string;
let files: readonly string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tollgate-build-'));
  files = await writeReport(folder, sampleRun(), null);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a run becomes a page, a summary, a table and one file per chart, without temporary files', async () => {
  const written = files.map((file) => relative(folder, file));
  const charts = CHARTS.map(({ id }) => `charts/${id}.svg`);
  const directions = ['smaller', 'bigger'].map((better) => `${better}-is-better.json`);
  const trackers = [
    'bencher.json',
    ...directions.map((name) => `benchmark-${name}`),
    ...directions.map((name) => `benchmark-watch-${name}`),
  ];
  expect(written).toEqual(['report.html', 'summary.md', 'figures.csv', ...charts, ...trackers]);
  const found = (await readdir(folder, { recursive: true })).filter((name) => name !== 'charts').sort();
  expect(found).toEqual([...written].sort());
});

test.each([0, 1e308])('a run whose figures are all %d has a report without NaN', async (value) => {
  const extreme = await mkdtemp(join(tmpdir(), 'tollgate-extreme-'));
  await thenEnding(
    async () => {
      const run = sampleRun();
      const figures = run.figures.map((figure) => ({ ...figure, value, low: value, high: value }));
      expect(await writeReport(extreme, { ...run, figures }, null)).toContain(join(extreme, 'report.html'));
      for (const file of ['summary.md', 'figures.csv'])
        expect(await readFile(join(extreme, file), 'utf8')).not.toMatch(/NaN|undefined/);
    },
    () => rm(extreme, { recursive: true, force: true }),
  );
});

test('a rebuild writes the same bytes', async () => {
  const page = join(folder, 'report.html');
  const first = await readFile(page, 'utf8');
  await writeReport(folder, sampleRun(), null);
  expect(await readFile(page, 'utf8')).toBe(first);
});

test('a chart without figures is removed, but no file that is not one of our charts', async () => {
  const other = await mkdtemp(join(tmpdir(), 'tollgate-stale-'));
  await thenEnding(
    async () => {
      await cp(folder, other, { recursive: true });
      await writeFile(join(other, 'charts', 'my-own.svg'), '<svg/>');
      const run = sampleRun();
      const tollOnly = { ...run, figures: run.figures.filter(({ experiment }) => experiment === 'toll') };
      await writeReport(other, tollOnly, null);
      const kept = CHARTS.filter(({ experiment }) => experiment === 'toll').map(({ id }) => `${id}.svg`);
      expect((await readdir(join(other, 'charts'))).sort()).toEqual([...kept, 'my-own.svg'].sort());
    },
    () => rm(other, { recursive: true, force: true }),
  );
});
