/** The figures so far as a section of the live page: the table of arms and the charts of the report. */
import type { DrawnChart } from '../charts/shapes/draw.ts';
import { html, type SafeHtml } from '../html.ts';
import { chartFigure, packedCharts } from '../page/charts.ts';
import { decisionTable } from '../page/decision.ts';
import { flagList } from '../page/flag-list.ts';
import type { ReportView } from '../view/view.ts';

/** @param charts those with enough figures */
export function figuresSoFar(view: ReportView, charts: readonly DrawnChart[]): SafeHtml {
  if (view.run.figures.length === 0) return html`<p>No figures yet: each needs one or two fresh starts.</p>`;
  const shown = charts.filter(({ appendix }) => !appendix);
  const table = decisionTable.render(view, charts);
  return html`${table === null ? null : html`<div id="${decisionTable.id}"><h3>${decisionTable.title}</h3>${table}</div>`}
${shown.map((chart) => chartFigure(chart, view))}${packedCharts(shown)}
<h3>${flagList.title}</h3>${flagList.render(view, charts)}`;
}
