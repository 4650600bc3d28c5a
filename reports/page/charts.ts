import type { DrawnChart, Svgs } from '../charts/shapes/draw.ts';
import { leftOut, tollPairs } from '../charts/toll/pairs.ts';
import { html, type SafeHtml, trusted } from '../html.ts';
import type { ReportView } from '../view/view.ts';
import { flagMarks } from './figure.ts';
import { figureTable } from './figure-table.ts';
import type { Section } from './section.ts';
import { prose } from './words/prose.ts';

/** Both drawings have the same marks in the same order, so only one of them holds the words of each mark. */
const drawings = ({ wide, narrow }: Svgs) =>
  html`<div class="wide">${trusted(wide)}</div><div class="narrow">${trusted(narrow.replace(/ data-tip="[^"]*"/g, ' data-tip=""'))}</div>`;

/** The chart on its scale, and on the other one where it has two: the script's button shows that. */
export function plots({ svg, other }: DrawnChart): SafeHtml {
  if (other === null) return html`<div class="plot">${drawings(svg)}</div>`;
  const first = other.scale === 'log' ? 'linear' : 'log';
  return html`<button type="button" class="scale" hidden>Show a ${other.scale === 'log' ? 'logarithmic' : 'linear'} scale</button>
<div class="plot" data-scale="${first}">${drawings(svg)}</div><div class="plot" data-scale="${other.scale}" hidden>${drawings(other.svg)}</div>`;
}

/** The figures that the chart shows. */
export function chartData(chart: DrawnChart, view: ReportView): SafeHtml {
  return html`<details class="data"><summary>Data of this chart</summary>${figureTable(chart.figures, view, `Data: ${chart.title}`)}</details>`;
}

export function chartFigure(chart: DrawnChart, view: ReportView): SafeHtml {
  return html`<figure id="chart-${chart.id}${inAnswer(chart) ? '-all' : ''}">
<h3>${chart.title}</h3>
<figcaption>${prose(chart.sentence)}${flagMarks(chart.flags)}</figcaption>
${plots(chart)}
${chart.note === null ? null : html`<p class="note">${chart.note}</p>`}
${chartData(chart, view)}
</figure>
`;
}

/** Whether the chart is in the answer: the pairs are, and are shown here again if the answer had no room for all. */
const inAnswer = ({ id }: DrawnChart) => id === tollPairs.id;

export const chartSection: Section = {
  id: 'charts',
  title: 'Charts',
  render(view, charts) {
    const shown = charts.filter((chart) => (inAnswer(chart) ? leftOut(view) > 0 : !chart.appendix));
    return shown.length === 0 ? null : html`${shown.map((chart) => chartFigure(chart, view))}`;
  },
};

export const appendix: Section = {
  id: 'appendix',
  title: 'Appendix',
  render(view, charts) {
    const shown = charts.filter((chart) => chart.appendix);
    if (shown.length === 0) return null;
    return html`<p>Charts for checking the models, and charts with few figures.</p>${shown.map((chart) => chartFigure(chart, view))}`;
  },
};
