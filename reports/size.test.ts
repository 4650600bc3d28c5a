/** The size of a report; the same run gives the same bytes. */
import { expect, it } from 'vitest';
import { readReference } from '../core/results/reference/reference.ts';
import { readRun } from '../core/results/run-file.ts';
import type { Run } from '../core/results/schema.ts';
import { renderReport } from './build.ts';

const MEGABYTE = 1_000_000;

async function bytesOfPage(run: Run): Promise<number> {
  const { files } = await renderReport(run, null);
  return Buffer.byteLength(files.find(({ path }) => path === 'report.html')?.content ?? '');
}

it('the page of a quick run takes at most 0.8 MB', async () => {
  const bytes = await bytesOfPage(readRun(new URL('./sample', import.meta.url).pathname));
  expect(bytes).toBeGreaterThan(0.1 * MEGABYTE);
  expect(bytes).toBeLessThanOrEqual(0.8 * MEGABYTE);
});

it('the page of a full run of every arm takes at most 1.5 MB', async () => {
  const run = readReference()?.run;
  expect(run?.arms.length).toBeGreaterThanOrEqual(35);
  const bytes = run === undefined ? 0 : await bytesOfPage(run);
  expect(bytes).toBeGreaterThan(0.1 * MEGABYTE);
  expect(bytes).toBeLessThanOrEqual(1.5 * MEGABYTE);
});
