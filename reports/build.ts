/** A run's folder → its report: every exporter's files, written beside `run.json`. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Run } from '../bench/results/schema.ts';
import { drawCharts } from './charts/draw.ts';
import { CHARTS } from './charts/index.ts';
import type { ReportFile } from './exporters/exporter.ts';
import { EXPORTERS } from './exporters/index.ts';
import { readRun } from './read.ts';
import { buildView } from './view.ts';

export interface BuiltReport {
  readonly runId: string;
  /** Paths of what was written, the page first. */
  readonly files: readonly string[];
}

/** All files of the report, not yet written. Pure but for the time it takes. */
export async function renderReport(run: Run): Promise<ReportFile[]> {
  const view = buildView(run);
  const charts = await drawCharts(CHARTS, view);
  return EXPORTERS.flatMap((exporter) => exporter.render(view, charts));
}

/** Written under another name and renamed, so that nobody ever reads half a report. */
async function writeWhole(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** @throws UnreadableRun where `run.json` is missing or damaged; the file system's error where writing fails. */
export async function buildReport(runDir: string): Promise<BuiltReport> {
  const run = await readRun(runDir);
  const files = await renderReport(run);
  for (const { path, content } of files) await writeWhole(join(runDir, path), content);
  return { runId: run.runId, files: files.map(({ path }) => join(runDir, path)) };
}
