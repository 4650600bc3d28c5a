/**
 * The page of trends, with a section for each class of machine: charts of watched figures, a table of other changes.
 */
import type { Series } from '../../core/results/history/series.ts';
import { movesOf } from '../../core/results/history/trend.ts';
import { isIndependentMetric, watched } from '../../core/results/history/watched.ts';
import { METRICS } from '../../core/results/metrics.ts';
import { changePlace, changeWords } from '../../core/text/changes.ts';
import { counted, formatFactors, formatSignificant } from '../../core/text/format.ts';
import { type Canvas, NARROW, WIDE } from '../charts/shapes/chart.ts';
import { renderChart, standalone } from '../charts/shapes/render.ts';
import { headOf, POLICY } from '../head.ts';
import { html, type SafeHtml, trusted } from '../html.ts';
import { STYLE } from '../page/style.ts';
import { drawTrend, sparkline, trendSentence, varies } from './chart.ts';

export function titleOf({ experiment, arm, factors, metric }: Series): string {
  const place = Object.keys(factors).length === 0 ? '' : ` (${formatFactors(factors)})`;
  return `${arm ?? experiment}: ${metric}${place}`;
}

/**
 * Series to show: of three runs or more, if there are any. Watched ones come first, then changed ones, without
 * repetition.
 */
export function seriesToShow(series: readonly Series[]): Series[] {
  const long = series.filter(({ points }) => points.length >= LEAST_RUNS);
  const all = (long.length > 0 ? long : [...series]).filter(({ metric }) => isIndependentMetric(metric));
  const chosen = new Set(watched(all));
  const weight = (one: Series) => (movesOf(one).length > 0 ? 0 : 1) + (chosen.has(one) ? 0 : 2);
  return all.toSorted((a, b) => weight(a) - weight(b));
}

/** With fewer runs there is no trend, and no chart. */
export const LEAST_RUNS = 3;
/** The largest number of charts on the page; each is drawn in two widths. */
const MOST_CHARTS = 40;
/** Rows with a sparkline each. */
const MOST_ROWS = 80;

async function figure(series: Series, id: string): Promise<SafeHtml> {
  const sentence = trendSentence(series);
  const drawn = async ({ width }: Canvas) => trusted(await renderChart(drawTrend(series, width), titleOf(series)));
  const [wide, narrow] = [await drawn(WIDE), await drawn(NARROW)];
  return html`<figure id="${id}"><h4>${titleOf(series)}</h4>
<figcaption>${sentence} <small>${METRICS[series.metric].meaning}</small></figcaption>
<div class="wide">${wide}</div><div class="narrow">${narrow}</div></figure>
`;
}

/** The charts and the table of one class of machine. */
interface Part {
  readonly machineClass: string;
  readonly charts: readonly Series[];
  readonly rows: readonly Series[];
}

/** Pure: classes share the page's limits on charts and rows. */
export function partsOf(all: readonly Series[]): Part[] {
  const classes = Map.groupBy(seriesToShow(all), ({ machineClass }) => machineClass);
  const charts = Math.max(1, Math.floor(MOST_CHARTS / Math.max(1, classes.size)));
  const rows = Math.max(1, Math.floor(MOST_ROWS / Math.max(1, classes.size)));
  return [...classes].map(([machineClass, series]) => {
    const chosen = new Set(watched(series));
    const telling = series.filter((one) => one.points.length >= LEAST_RUNS && chosen.has(one) && varies(one));
    const drawn = telling.slice(0, charts);
    const others = series.filter((one) => !drawn.includes(one));
    const listed = others.filter((one) => movesOf(one).length > 0 || chosen.has(one));
    return { machineClass, charts: drawn, rows: (listed.length > 0 ? listed : others).slice(0, rows) };
  });
}

function row(series: Series): SafeHtml {
  const last = series.points.at(-1);
  const change = movesOf(series).at(-1);
  const digits = (value: number) => formatSignificant(value, 4);
  const changed =
    change === undefined ? 'no change of level' : `${changeWords(change, series.metric)} ${changePlace(change)}`;
  const value = last === undefined ? '—' : `${digits(last.value)} ${METRICS[series.metric].unit}`;
  return html`<tr><th scope="row">${titleOf(series)}</th><td>${value}</td><td>${changed}</td><td>${sparkline(series)}</td></tr>
`;
}

function table(rows: readonly Series[], heading: string): SafeHtml {
  if (rows.length === 0) return html``;
  return html`<h3>${heading}</h3>
<div class="scroll" tabindex="0" role="region" aria-label="${heading}"><table><thead><tr><th>Series</th><th>Last run</th><th>Level</th><th>Course</th></tr></thead><tbody>
${rows.map(row)}</tbody></table></div>
`;
}

/** Charts grouped by experiment. */
async function grouped(charts: readonly Series[], id: (series: Series) => string): Promise<SafeHtml[]> {
  const groups: SafeHtml[] = [];
  for (const [experiment, own] of Map.groupBy(charts, (series) => series.experiment)) {
    const figures: SafeHtml[] = [];
    for (const one of own) figures.push(await figure(one, id(one)));
    groups.push(html`<h3>${experiment}</h3>
${figures}`);
  }
  return groups;
}

/** @param all every series of the history */
export async function historyPage(all: readonly Series[]): Promise<string> {
  const parts = partsOf(all);
  const numbers = new Map(parts.flatMap(({ charts }) => charts).map((series, i) => [series, i]));
  const sections: SafeHtml[] = [];
  for (const { machineClass, charts, rows } of parts) {
    const runs = Math.max(...all.filter((one) => one.machineClass === machineClass).map(({ points }) => points.length));
    const heading = charts.length > 0 ? 'Watched and constant, or not watched but changed' : 'Series';
    sections.push(html`<section><h2>${machineClass}</h2>
<p class="note">${counted(runs, 'run')}.${runs < LEAST_RUNS ? ` A trend needs ${LEAST_RUNS}.` : ''}</p>
${await grouped(charts, (series) => `trend-${numbers.get(series)}`)}
${table(rows, heading)}</section>
`);
  }
  const shown = parts.reduce((sum, { charts, rows }) => sum + charts.length + rows.length, 0);
  const rest = all.length - shown;
  const omitted =
    rest <= 0 ? '' : ` ${rest} of ${all.length} series are not on this page: see them with --metric and --json.`;
  return html`${headOf({ title: 'trends', style: STYLE, policy: POLICY })}
<body>
<header><p class="brand">Tollgate</p><h1>Trends</h1>
<p class="note">For each arm: CPU time relative to the baseline, bytes and Redis commands per request,
throughput with the most replicas, and p99 at half load. Each point is a run with its interval; many runs share a point, from
their lowest value to their highest. Dashed lines mark where a level changed or a trend bent. Machines of different classes are never mixed.${omitted}</p></header>
<main id="main">
${sections}</main>
</body>
</html>
`.markup;
}

/** The first series as a separate file. @throws RangeError if there is none */
export async function historySvg(all: readonly Series[]): Promise<string> {
  const [first] = seriesToShow(all);
  if (first === undefined) throw new RangeError('There is no series to draw.');
  const drawn = await renderChart(drawTrend(first, WIDE.width), titleOf(first));
  return `${standalone(drawn, `${titleOf(first)}. ${trendSentence(first)}`)}\n`;
}
