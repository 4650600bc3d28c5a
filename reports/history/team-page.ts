/**
 * A team's page: each arm's toll over commits with its levels, acceptances, and links to runs. One file with a
 * built-in search.
 */
import { createHash } from 'node:crypto';
import type { Acceptance } from '../../core/results/history/acceptance.ts';
import { acceptedBy } from '../../core/results/history/accepted-by.ts';
import type { HistoryRun } from '../../core/results/history/entry.ts';
import type { History } from '../../core/results/history/history.ts';
import type { Series } from '../../core/results/history/series.ts';
import { type Change, movesOf, trendOf } from '../../core/results/history/trend.ts';
import { watched } from '../../core/results/history/watched.ts';
import { METRICS } from '../../core/results/metrics.ts';
import { changeLabel, changeWords } from '../../core/text/changes.ts';
import { counted } from '../../core/text/format.ts';
import { ofKind } from '../../core/text/kinds.ts';
import { NARROW, WIDE } from '../charts/shapes/chart.ts';
import { renderChart } from '../charts/shapes/render.ts';
import { headOf, POLICY } from '../head.ts';
import { html, type SafeHtml, trusted } from '../html.ts';
import { STYLE } from '../page/style.ts';
import { drawTrend, trendSentence, varies } from './chart.ts';
import { LEAST_RUNS, titleOf } from './page.ts';

/** Hides what holds not every word that was typed. It reads texts of the page and writes none. */
const SCRIPT = `(()=>{'use strict';
const box=document.getElementById('find'),none=document.getElementById('none');
const items=[...document.querySelectorAll('[data-find]')],groups=[...document.querySelectorAll('main section')],lists=[...document.querySelectorAll('details')];
box.closest('label').hidden=false;
const find=()=>{const words=box.value.toLowerCase().split(/\\s+/).filter(Boolean);
for(const item of items)item.hidden=!words.every((word)=>item.dataset.find.includes(word));
for(const list of lists)list.open=words.length>0&&[...list.querySelectorAll('[data-find]')].some((item)=>!item.hidden);
for(const group of groups)group.hidden=![...group.querySelectorAll('[data-find]')].some((item)=>!item.hidden);
none.hidden=items.some((item)=>!item.hidden)};
box.addEventListener('input',find);find()})();`;
const SCRIPT_SOURCE = `'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`;

const OWN_STYLE = `.find{display:block;margin:1rem 0}.find input{font:inherit;color:inherit;background:var(--page);border:1px solid var(--muted);border-radius:.25rem;padding:.4rem .6rem;width:min(30rem,100%);display:block;margin-top:.2rem}
.find[hidden],[data-find][hidden],section[hidden],#none[hidden]{display:none}
figure[data-find]{margin:0 0 2rem}.changes{margin:.25rem 0;padding-left:1.2rem}.changes li{margin:.25rem 0;overflow-wrap:anywhere}
.worse{color:var(--bad);font-weight:600}.better{color:var(--good);font-weight:600}.accepted{color:var(--muted)}
`;

/** The latest runs, listed with their links. */
const MOST_CHARTS = 60;
/** Runs that are listed with their links, the last ones. */
const MOST_RUNS = 100;

/** The series drawn for each arm of each class of machine: its toll, or else any series that is watched. */
export function tollsOf(all: readonly Series[]): Series[] {
  return [...Map.groupBy(all, ({ machineClass }) => machineClass).values()].flatMap(tollsOfClass);
}

function tollsOfClass(all: readonly Series[]): Series[] {
  const chosen = watched(all);
  const tolls = chosen.filter(({ experiment, metric }) => experiment === 'toll' && METRICS[metric].unit === '×');
  return tolls.length > 0 ? tolls : chosen.length > 0 ? chosen : [...all];
}

interface Context {
  readonly history: History;
  readonly entries: ReadonlyMap<string, HistoryRun>;
}

const keyOf = ({ runId, at }: { readonly runId: string; readonly at: string }) => `${at} ${runId}`;

function commitOf(
  context: Context,
  point: { readonly runId: string; readonly at: string; readonly commit: string | null },
) {
  if (point.commit === null) return html`no commit`;
  const link = context.entries.get(keyOf(point))?.links?.commit;
  const short = point.commit.slice(0, 12);
  return link === undefined ? html`<code>${short}</code>` : html`<a href="${link}"><code>${short}</code></a>`;
}

function runOf(context: Context, point: { readonly runId: string; readonly at: string }): SafeHtml {
  const link = context.entries.get(keyOf(point))?.links?.run;
  return link === undefined ? html`${point.runId}` : html`<a href="${link}">${point.runId}</a>`;
}

function changeItem(series: Series, change: Change, context: Context): SafeHtml {
  const accepted = acceptedBy(series, change, context.history.acceptances);
  const by = accepted === null ? null : acceptance(accepted);
  return html`<li><span class="${change.better}">${changeWords(change, series.metric)}</span>
since ${change.at.at.slice(0, 10)}, commit ${commitOf(context, change.at)}, run ${runOf(context, change.at)}${ofKind(change)}${by}</li>
`;
}

function acceptance({ owner, reason, at }: Acceptance): SafeHtml {
  return html`<br><span class="accepted">Accepted by ${owner} on ${at.slice(0, 10)}: ${reason}</span>`;
}

/** What the search looks at: names, commits, runs, owners and reasons. */
function wordsOf(series: Series, { history }: Context): string {
  const changes = movesOf(series);
  const accepted = changes.flatMap((change) => acceptedBy(series, change, history.acceptances) ?? []);
  const words = [
    titleOf(series),
    series.machineClass,
    ...changes.flatMap(({ at, better }) => [better, at.commit ?? '', at.runId, at.at]),
    ...accepted.flatMap(({ owner, reason }) => ['accepted', owner, reason]),
  ];
  return words.join(' ').toLowerCase();
}

async function arm(series: Series, context: Context, isDrawn: boolean): Promise<SafeHtml> {
  const changes = movesOf(series);
  const label = (change: Change) => {
    const accepted = acceptedBy(series, change, context.history.acceptances) !== null;
    return `${changeLabel(change)}${accepted ? ' ✓' : ''}`;
  };
  const drawn = async (width: number) => trusted(await renderChart(drawTrend(series, width, label), titleOf(series)));
  const plots = isDrawn
    ? html`<div class="wide">${await drawn(WIDE.width)}</div><div class="narrow">${await drawn(NARROW.width)}</div>`
    : null;
  const aside = trendOf(series).aside.length;
  return html`<figure data-find="${wordsOf(series, context)}"><h3>${titleOf(series)}</h3>
<figcaption>${trendSentence(series)}${aside === 0 ? '' : ` ${counted(aside, 'run')} set aside.`}</figcaption>${plots}
${changes.length === 0 ? null : html`<ul class="changes">${changes.toReversed().map((change) => changeItem(series, change, context))}</ul>`}</figure>
`;
}

function runsTable(machineClass: string, context: Context): SafeHtml {
  const own = context.history.entries.filter((entry) => entry.machineClass === machineClass);
  const listed = own.slice(-MOST_RUNS).toReversed();
  return html`<details><summary>${listed.length === own.length ? 'Runs' : `The last ${counted(listed.length, 'run')} of ${own.length}`}</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Runs"><table><thead><tr><th>Began</th><th>Commit</th><th>Run</th></tr></thead><tbody>
${listed.map((entry) => html`<tr data-find="${`${machineClass} ${entry.at} ${entry.commit ?? ''} ${entry.runId}`.toLowerCase()}"><td>${entry.at.slice(0, 16).replace('T', ' ')}</td><td>${commitOf(context, entry)}${entry.dirty ? ' with edits' : ''}</td><td>${runOf(context, entry)}</td></tr>\n`)}</tbody></table></div></details>
`;
}

/** @param all every series of the history */
export async function teamPage(history: History, all: readonly Series[]): Promise<string> {
  const context = { history, entries: new Map(history.entries.map((entry) => [keyOf(entry), entry])) };
  const classes = [...Map.groupBy(tollsOf(all), ({ machineClass }) => machineClass)];
  let left = MOST_CHARTS;
  const sections: SafeHtml[] = [];
  for (const [machineClass, series] of classes) {
    const figures: SafeHtml[] = [];
    const changed = (one: Series) => movesOf(one).length;
    for (const one of series.toSorted((a, b) => changed(b) - changed(a))) {
      const isDrawn = one.points.length >= LEAST_RUNS && varies(one) && left > 0;
      if (isDrawn) left--;
      figures.push(await arm(one, context, isDrawn));
    }
    sections.push(html`<section><h2>${machineClass}</h2>
${figures}
${runsTable(machineClass, context)}</section>
`);
  }
  return html`${headOf({
    title: 'the toll of each arm over commits',
    style: STYLE + OWN_STYLE,
    policy: `${POLICY}; script-src ${SCRIPT_SOURCE}`,
  })}
<body>
<header><p class="brand">Tollgate</p><h1>The toll of each arm over commits</h1>
<p class="note">Each point is a run with its interval; grey lines are levels, dashed lines mark where a level changed, and ✓ one that was
accepted. Machines of different classes are never mixed. ${counted(history.runs, 'run')} in all.</p>
<label class="find" hidden>Search arms, commits, runs, owners<input id="find" type="search" autocomplete="off" spellcheck="false"></label>
<p id="none" hidden>Nothing matches all of these words.</p></header>
<main id="main">
${sections}</main>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`.markup;
}
