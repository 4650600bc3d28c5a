/** The size of a report; the same run gives the same bytes. */
import { expect, it } from 'vitest';
import type { GateResult } from '../core/results/gate-schema.ts';
import { readRun } from '../core/results/run-file.ts';
import type { Run } from '../core/results/schema.ts';
import { renderReport } from './build.ts';
import { wholeRun } from './testing/whole-run.ts';

const MEGABYTE = 1_000_000;
/** A table that scripts put into its place. */
const TABLE = /<div data-table=/g;

async function pageOf(run: Run, gate: GateResult | null): Promise<string> {
  const { files } = await renderReport(run, gate);
  return files.find(({ path }) => path === 'report.html')?.content ?? '';
}

it('the page of a quick run takes at most 0.8 MB, and has all of its tables without scripts', async () => {
  const page = await pageOf(readRun(new URL('./sample', import.meta.url).pathname), null);
  expect(Buffer.byteLength(page)).toBeGreaterThan(0.1 * MEGABYTE);
  expect(Buffer.byteLength(page)).toBeLessThanOrEqual(0.8 * MEGABYTE);
  expect(page).not.toMatch(TABLE);
});

it('the page of a full run of every arm, with its gate and its outages, takes at most 1.5 MB', async () => {
  const { run, gate } = wholeRun();
  expect(run.arms.length).toBeGreaterThanOrEqual(35);
  const page = await pageOf(run, gate);
  expect(page.match(/<figure id="chart-outage-/g)?.length).toBeGreaterThanOrEqual(6);
  expect(page).toContain('<section id="gate"');
  expect(page.match(TABLE)?.length).toBeGreaterThan(5);
  expect(Buffer.byteLength(page)).toBeGreaterThan(MEGABYTE);
  expect(Buffer.byteLength(page)).toBeLessThanOrEqual(1.5 * MEGABYTE);
});
