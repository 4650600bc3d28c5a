import type { DrawnChart, Svgs } from '../charts/shapes/draw.ts';
import { leftOut, tollPairs } from '../charts/toll/pairs.ts';
import { html, type SafeHtml, trusted, unescaped } from '../html.ts';
import type { ReportView } from '../view/view.ts';
import { flagMarks } from './figure.ts';
import { figureTable } from './figure-table.ts';
import type { PackedCharts, PackedDrawings } from './interaction/drawings.ts';
import { packed } from './packed.ts';
import type { Section } from './section.ts';
import { prose } from './words/prose.ts';

const TIP = / data-tip="([^"]*)"/g;

/**
 * The drawing as a part of an HTML page, where a plain value needs no quotes. Descriptions of marks are stored with
 * the compressed drawings, since only scripts read them.
 */
const inlined = (svg: string) => trusted(svg.replace(TIP, ' data-tip').replace(/="([\w#.,:()%-]+)"(?=[ >])/g, '=$1'));

/** Both drawings have the same marks in the same order, so their descriptions are stored once. */
function packedDrawings({ wide, narrow }: Svgs): PackedDrawings {
  const words = [...wide.matchAll(TIP)].map(([, tip = '']) => unescaped(tip));
  return { words, wide: inlined(wide).markup, narrow: inlined(narrow).markup };
}

/** The desktop drawing. Scripts replace it by the one for phones, and those of the other scale. */
function plots({ svg, other }: DrawnChart): SafeHtml {
  const wide = html`<div class="wide">${inlined(svg.wide)}</div>`;
  if (other === null) return html`<div class="plot">${wide}</div>`;
  const first = other.scale === 'log' ? 'linear' : 'log';
  return html`<button type="button" class="scale" hidden>Show a ${other.scale === 'log' ? 'logarithmic' : 'linear'} scale</button>
<div class="plot" data-scale="${first}">${wide}</div><div class="plot" data-scale="${other.scale}" hidden></div>`;
}

/** The drawings of charts that `chartFigure` shows, in the order of their plots. */
export function packedCharts(charts: readonly DrawnChart[]): SafeHtml {
  const drawings = charts.map((chart) => {
    const { svg, other } = chart;
    const first = { ...packedDrawings(svg), wide: null };
    return [figureId(chart), other === null ? [first] : [first, packedDrawings(other.svg)]] as const;
  });
  return packed('drawings', Object.fromEntries(drawings) satisfies PackedCharts);
}

/** The figures that the chart shows. */
export function chartData(chart: DrawnChart, view: ReportView): SafeHtml {
  return html`<details class="data"><summary>Data of this chart</summary>${figureTable(chart.figures, view, `Data: ${chart.title}`)}</details>`;
}

export function chartFigure(chart: DrawnChart, view: ReportView): SafeHtml {
  return html`<figure id="${figureId(chart)}">
<h3>${chart.title}</h3>
<figcaption>${prose(chart.sentence)}${flagMarks(chart.flags)}</figcaption>
${plots(chart)}
${chart.note === null ? null : html`<p class="note">${chart.note}</p>`}
${chartData(chart, view)}
</figure>
`;
}

const figureId = (chart: DrawnChart) => `chart-${chart.id}${inAnswer(chart) ? '-all' : ''}`;

/** Whether the chart is in the answer: the pairs are, and are shown here again if not all fitted there. */
const inAnswer = ({ id }: DrawnChart) => id === tollPairs.id;

/** Charts with their own figure, by their place on the page. */
export function chartsIn(place: 'charts' | 'appendix', view: ReportView, charts: readonly DrawnChart[]): DrawnChart[] {
  if (place === 'appendix') return charts.filter((chart) => chart.appendix);
  return charts.filter((chart) => (inAnswer(chart) ? leftOut(view) > 0 : !chart.appendix));
}

export const chartSection: Section = {
  id: 'charts',
  title: 'Charts',
  render(view, charts) {
    const shown = chartsIn('charts', view, charts);
    return shown.length === 0 ? null : html`${shown.map((chart) => chartFigure(chart, view))}`;
  },
};

export const appendix: Section = {
  id: 'appendix',
  title: 'Appendix',
  render(view, charts) {
    const shown = chartsIn('appendix', view, charts);
    if (shown.length === 0) return null;
    return html`<p>Charts for checking the models, and charts with few figures.</p>${shown.map((chart) => chartFigure(chart, view))}`;
  },
};
