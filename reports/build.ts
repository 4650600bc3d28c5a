/** A run's folder → its report: every exporter's files, written beside `run.json`. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { GateResult } from '../core/results/gate-schema.ts';
import type { Run } from '../core/results/schema.ts';
import { CHARTS } from './charts/index.ts';
import { drawCharts } from './charts/shapes/draw.ts';
import type { ReportFile } from './exporters/exporter.ts';
import { EXPORTERS } from './exporters/index.ts';
import { chartPath } from './exporters/svg.ts';
import { readGateOf, readRun } from './view/read.ts';
import { buildView } from './view/view.ts';

export interface BuiltReport {
  readonly runId: string;
  /** Paths of what was written, the page first. */
  readonly files: readonly string[];
}

/** All files of the report, not yet written. Pure but for the time it takes. */
export async function renderReport(run: Run, gate: GateResult | null = null): Promise<ReportFile[]> {
  const view = buildView(run, gate);
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

/** Charts of an earlier build that the run no longer has figures for: they would be taken for results. */
async function removeStaleCharts(runDir: string, files: readonly ReportFile[]): Promise<void> {
  const written = new Set(files.map(({ path }) => path));
  const stale = CHARTS.map(({ id }) => chartPath(id)).filter((path) => !written.has(path));
  await Promise.all(stale.map((path) => rm(join(runDir, path), { force: true })));
}

/**
 * Writes the report beside `run.json`, and removes Tollgate's own charts that it no longer has.
 * @throws UnreadableRun where `run.json` is missing or damaged, or `gate.json` is damaged; the file system's error where writing fails.
 */
export async function buildReport(runDir: string): Promise<BuiltReport> {
  const run = await readRun(runDir);
  const files = await renderReport(run, readGateOf(runDir));
  for (const { path, content } of files) await writeWhole(join(runDir, path), content);
  await removeStaleCharts(runDir, files);
  return { runId: run.runId, files: files.map(({ path }) => join(runDir, path)) };
}
