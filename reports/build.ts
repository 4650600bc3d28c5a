/** Builds the report of a run: the files of every exporter. */
import type { GateResult } from '../core/results/gate-schema.ts';
import { readReference } from '../core/results/reference/reference.ts';
import type { Run } from '../core/results/schema.ts';
import { CHARTS } from './charts/index.ts';
import { drawCharts } from './charts/shapes/draw.ts';
import { EXPORTERS } from './exporters/index.ts';
import { chartPath } from './exporters/svg.ts';
import { buildView } from './view/view.ts';
import { type Report, writeFiles } from './write.ts';

/**
 * Pure but for the time it takes.
 * @param signal ends it between two charts
 * @throws the signal's reason if it was aborted
 */
export async function renderReport(run: Run, gate: GateResult | null, signal?: AbortSignal): Promise<Report> {
  const view = buildView(run, gate, readReference());
  const charts = await drawCharts(CHARTS, view, signal);
  const files = EXPORTERS.flatMap((exporter) => exporter.render(view, charts));
  const written = new Set(files.map(({ path }) => path));
  return { files, stale: CHARTS.map(({ id }) => chartPath(id)).filter((path) => !written.has(path)) };
}

/**
 * Makes the report of a run and writes it, beside `run.json`.
 * @returns the files, the page first
 * @throws TollgateError if a file cannot be written
 */
export async function writeReport(runDir: string, run: Run, gate: GateResult | null): Promise<readonly string[]> {
  return writeFiles(runDir, await renderReport(run, gate));
}
