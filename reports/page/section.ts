/** One section of the page. */
import type { DrawnChart } from '../charts/shapes/draw.ts';
import type { SafeHtml } from '../html.ts';
import type { ReportView } from '../view/view.ts';

export interface Section {
  readonly id: string;
  readonly title: string;
  /** Null if the run has nothing for it; it is then omitted from the contents as well. */
  render(view: ReportView, charts: readonly DrawnChart[]): SafeHtml | null;
}
