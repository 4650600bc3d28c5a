/** The interface of an exporter: one file in this folder and one line in the registry. */
import type { DrawnChart } from '../charts/shapes/draw.ts';
import type { ReportView } from '../view/view.ts';
import type { ReportFile } from '../write.ts';

export interface Exporter {
  readonly name: string;
  render(view: ReportView, charts: readonly DrawnChart[]): ReportFile[];
}
