/** The charts of the sample, drawn once for all tests that only look at them: the same figures give the same charts. */
import { CHARTS } from '../charts/index.ts';
import { type DrawnChart, drawCharts } from '../charts/shapes/draw.ts';
import { buildView, type ReportView } from '../view/view.ts';
import { sampleRun } from './sample-run.ts';

export interface DrawnSample {
  readonly view: ReportView;
  readonly charts: readonly DrawnChart[];
}

let drawn: Promise<DrawnSample> | undefined;

export function drawnSample(): Promise<DrawnSample> {
  drawn ??= draw();
  return drawn;
}

async function draw(): Promise<DrawnSample> {
  const view = buildView(sampleRun());
  return { view, charts: await drawCharts(CHARTS, view) };
}
