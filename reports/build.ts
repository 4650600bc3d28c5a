/** A run's folder → its report: every exporter's files, written beside `run.json`. */
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeAtomically } from '../core/atomic-file.ts';
import { makeFolders } from '../core/folders.ts';
import type { GateResult } from '../core/results/gate-schema.ts';
import { readReference } from '../core/results/reference/reference.ts';
import type { Run } from '../core/results/schema.ts';
import { CHARTS } from './charts/index.ts';
import { drawCharts } from './charts/shapes/draw.ts';
import { RenderWorker } from './charts/threads/render-worker.ts';
import type { ReportFile } from './exporters/exporter.ts';
import { EXPORTERS } from './exporters/index.ts';
import { chartPath } from './exporters/svg.ts';
import { buildView } from './view/view.ts';

/** All files of the report, not yet written. Pure but for the time it takes. */
async function renderReport(run: Run, gate: GateResult | null, signal?: AbortSignal): Promise<ReportFile[]> {
  const beside = RenderWorker.start();
  try {
    const view = buildView(run, gate, readReference());
    const charts = await drawCharts(CHARTS, view, signal, beside?.render.bind(beside));
    return EXPORTERS.flatMap((exporter) => exporter.render(view, charts));
  } finally {
    await beside?.stop();
  }
}

/**
 * Removes charts of an earlier build for which the run no longer has figures: readers would mistake them for results.
 */
async function removeStaleCharts(runDir: string, files: readonly ReportFile[]): Promise<void> {
  const written = new Set(files.map(({ path }) => path));
  const stale = CHARTS.map(({ id }) => chartPath(id)).filter((path) => !written.has(path));
  await Promise.all(stale.map((path) => rm(join(runDir, path), { force: true })));
}

/**
 * Writes the report beside `run.json`, and removes those of Tollgate's own charts that it no longer has.
 * @param signal ends it between two charts, before anything is written; each file is written whole or not at all
 * @throws TollgateError if a file cannot be written; the signal's reason if it was aborted
 */
export async function writeReport(
  runDir: string,
  run: Run,
  gate: GateResult | null,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const files = await renderReport(run, gate, signal);
  for (const { path, content } of files) {
    const target = join(runDir, path);
    makeFolders(dirname(target));
    writeAtomically(target, content);
  }
  await removeStaleCharts(runDir, files);
  return files.map(({ path }) => join(runDir, path));
}
