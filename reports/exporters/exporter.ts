/** What every exporter is: one file in this folder and one line in the registry. */
import type { DrawnChart } from '../charts/shapes/draw.ts';
import type { ReportView } from '../view/view.ts';

export interface ReportFile {
  /** Within the run's folder, with forward slashes. */
  readonly path: string;
  readonly content: string;
}

export interface Exporter {
  readonly name: string;
  render(view: ReportView, charts: readonly DrawnChart[]): ReportFile[];
}
