/** The page of trends: one section for each class of machine, the series that changed first. */
import type { Series } from '../../core/results/history/history.ts';
import { changesOf } from '../../core/results/history/trend.ts';
import { METRICS } from '../../core/results/metrics.ts';
import { formatFactors } from '../../core/text/format.ts';
import { NARROW, WIDE } from '../charts/shapes/chart.ts';
import { renderChart, standalone } from '../charts/shapes/render.ts';
import { html, type SafeHtml, trusted } from '../html.ts';
import { STYLE } from '../page/style.ts';
import { drawTrend, trendSentence } from './chart.ts';

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export function titleOf({ experiment, arm, factors, metric }: Series): string {
  const place = Object.keys(factors).length === 0 ? '' : ` (${formatFactors(factors)})`;
  return `${arm ?? experiment}: ${metric}${place}`;
}

/** Two runs make no trend; with none that long, all are shown. */
export function worthShowing(series: readonly Series[]): Series[] {
  const long = series.filter(({ points }) => points.length > 2);
  const weight = (one: Series) => (changesOf(one).length > 0 ? 0 : 1);
  return (long.length > 0 ? long : [...series]).toSorted((a, b) => weight(a) - weight(b));
}

/** More charts than this take minutes to draw and are not read; changed series come first. */
const MOST_CHARTS = 120;

async function figure(series: Series, id: string): Promise<SafeHtml> {
  const sentence = trendSentence(series);
  const [wide, narrow] = [WIDE, NARROW].map(({ width }) =>
    trusted(renderChart(drawTrend(series, width), titleOf(series))),
  );
  return html`<figure id="${id}"><h3>${titleOf(series)}</h3>
<figcaption>${sentence} <small>${METRICS[series.metric].meaning}</small></figcaption>
<div class="wide">${wide}</div><div class="narrow">${narrow}</div></figure>
`;
}

/** @param all every series of the history */
export async function historyPage(all: readonly Series[]): Promise<string> {
  const classes = Map.groupBy(worthShowing(all).slice(0, MOST_CHARTS), ({ machineClass }) => machineClass);
  const sections: SafeHtml[] = [];
  let count = 0;
  for (const [machineClass, series] of classes) {
    const figures: SafeHtml[] = [];
    for (const one of series) figures.push(await figure(one, `trend-${count++}`));
    sections.push(html`<section><h2>${machineClass}</h2>
${figures}</section>
`);
  }
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Tollgate: trends</title>
<link rel="icon" href="data:,">
<style>${trusted(STYLE)}</style>
</head>
<body>
<header><p class="brand">Tollgate</p><h1>Trends</h1>
<p class="note">Each point is a run with its interval. Dashed lines mark where a level changed. Machines of different
classes are never mixed. ${count} of ${all.length} series are shown, those that changed first.</p></header>
<main id="main">
${sections}</main>
</body>
</html>
`.markup;
}

/** The first series as a file of its own. @throws RangeError where there is none */
export async function historySvg(all: readonly Series[]): Promise<string> {
  const [first] = worthShowing(all);
  if (first === undefined) throw new RangeError('There is no series to draw.');
  const drawn = renderChart(drawTrend(first, WIDE.width), titleOf(first));
  return `${standalone(drawn, `${titleOf(first)}. ${trendSentence(first)}`)}\n`;
}
