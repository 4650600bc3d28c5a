/** What became of guarded requests before, while and after something was broken: one chart for each fault. */
import type { TopLevelSpec } from 'vega-lite';
import type { Timeline } from '../../../core/results/schema.ts';
import { formatDuration, list } from '../../../core/text/format.ts';
import type { ArmFigure } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import type { Canvas, Chart } from '../shapes/chart.ts';
import { panelTitles } from '../shapes/panels.ts';
import { layLegend } from '../shapes/stacked.ts';
import { CHART_CONFIG, INK, MUTED } from '../shapes/theme.ts';
import { FAULTS, type NamedTimeline, outageFigures, timelines, variantName } from './figures.ts';

/** From the bottom up. Only one of the first two occurs at a time. */
const GROUPS = [
  { name: 'accepted', colour: '#2f9e8f', outcomes: ['accepted'] },
  { name: 'accepted, after 0.5 s or more', colour: '#4f93c8', outcomes: ['accepted'] },
  { name: 'refused (401, 403)', colour: '#a8902f', outcomes: ['refused', 'forbidden'] },
  { name: 'unavailable (503)', colour: '#cc6677', outcomes: ['unavailable'] },
  { name: 'no answer, no connection', colour: '#aa4499', outcomes: ['timedOut', 'error', 'other'] },
] as const;
const PROMPT = 0;
const SLOW = 1;
/** Half of a bin's requests waiting for so long make what it accepted slow. */
const SLOW_MS = 500;

interface Rectangle {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
  readonly colour: string;
}

/** Shares in %, of each group, in one bin; null where no request was due. */
function sharesOf(timeline: Timeline, bin: number): number[] | null {
  const unused = (timeline.p50Ms[bin] ?? 0) >= SLOW_MS ? PROMPT : SLOW;
  const counts = GROUPS.map(({ outcomes }, group) =>
    group === unused ? 0 : outcomes.reduce((sum, name) => sum + (timeline[name][bin] ?? 0), 0),
  );
  const all = counts.reduce((sum, count) => sum + count, 0);
  return all === 0 ? null : counts.map((count) => (100 * count) / all);
}

/** Stacked shares over time, in seconds from the fault; neighbours that are alike are one rectangle. Pure. */
export function rectangles(timeline: Timeline): Rectangle[] {
  const seconds = (bin: number) => (bin * timeline.binMs - timeline.faultFromMs) / 1000;
  const found: Rectangle[] = [];
  let from = 0;
  for (let bin = 1; bin <= timeline.accepted.length; bin++) {
    const shares = sharesOf(timeline, from);
    const next = bin < timeline.accepted.length ? sharesOf(timeline, bin) : null;
    if (next !== null && shares?.every((share, i) => share === next[i])) continue;
    let low = 0;
    for (const [i, { colour }] of GROUPS.entries()) {
      const share = shares?.[i] ?? 0;
      if (share > 0) found.push({ from: seconds(from), to: seconds(bin), low, high: low + share, colour });
      low += share;
    }
    from = bin;
  }
  return found;
}

const percent = (share: number) => (share > 0 && share < 1 ? '< 1 %' : `${Math.round(share)} %`);

/** Who went on, who stopped, and who did some of both; then who came back last. */
function sentenceFor(view: ReportView, { name, when }: (typeof FAULTS)[number]): string {
  const shares = outageFigures(view, 'outage_accepted_pct', { fault: name, route: 'me' });
  if (shares.length === 0) return `${when}, nothing was measured.`;
  const nameOf = ({ arm, factors }: ArmFigure) =>
    `${variantName(arm, factors)}${arm === view.baseline?.name ? ' (the baseline)' : ''}`;
  const waits = outageFigures(view, 'outage_answer_ms', { fault: name, quantile: 'max' });
  const withWait = (figure: ArmFigure) => {
    const longest = waits.find((wait) => nameOf(wait) === nameOf(figure))?.value ?? 0;
    return longest < SLOW_MS ? nameOf(figure) : `${nameOf(figure)} (after up to ${formatDuration(longest)})`;
  };
  const all = shares.filter(({ value }) => value >= 99.95);
  const none = shares.filter(({ value }) => value < 0.05);
  const some = shares.filter((figure) => !all.includes(figure) && !none.includes(figure));
  const parts = [
    all.length === 0 ? null : `${list(all.map(withWait))} accepted every authenticated request`,
    none.length === 0 ? null : `${list(none.map(nameOf))} accepted no request (0 %)`,
    some.length === 0
      ? null
      : `${list(some.map((figure) => nameOf(figure)))} accepted some (${list(some.map(({ value }) => percent(value)))})`,
  ].filter((part) => part !== null);
  const recoveries = outageFigures(view, 'recovery_ms', { fault: name });
  const last = recoveries.toSorted((a, b) => b.value - a.value)[0];
  const back =
    last === undefined
      ? ''
      : last.value === 0
        ? ' After the fault, all arms served requests again at once (0 ms).'
        : ` After the fault, ${nameOf(last)} took longest to serve requests again: ${formatDuration(last.value)}.`;
  return `${when}, ${parts.join('; ')}.${back}`;
}

const LEGEND_LINE = 20;
/** The bar that marks the fault stands above the shares. */
const MARK = { from: 106, to: 114 } as const;

function panels(all: readonly NamedTimeline[], canvas: Canvas): TopLevelSpec {
  const narrow = canvas.name === 'narrow';
  const columns = Math.min(all.length, narrow ? 2 : 4);
  const gap = narrow ? 18 : 24;
  const width = Math.min(420, Math.floor((canvas.width - 62 - gap * (columns - 1)) / columns));
  const titles = panelTitles(
    all.map(({ name }) => name),
    width,
  );
  const values = all.flatMap(({ timeline }, i) => rectangles(timeline).map((one) => ({ ...one, panel: titles[i] })));
  const ends = values.map(({ to }) => to);
  const begins = values.map(({ from }) => from);
  const domain = [Math.min(...begins), Math.max(...ends)];
  const marks = all.map(({ timeline: { faultFromMs, faultToMs } }, i) => ({
    panel: titles[i],
    from: 0,
    to: faultToMs === null ? domain[1] : (faultToMs - faultFromMs) / 1000,
    low: MARK.from,
    high: MARK.to,
    colour: INK,
  }));
  const axis = { titleAnchor: 'start' as const, grid: false };
  const x = {
    field: 'from',
    type: 'quantitative' as const,
    scale: { domain, nice: false },
    axis: { ...axis, title: 's since the fault', tickCount: narrow ? 4 : 5, format: '~g' },
  };
  const y = {
    field: 'low',
    type: 'quantitative' as const,
    scale: { domain: [0, 116], nice: false },
    axis: { ...axis, title: '% of requests', values: [0, 50, 100] },
  };
  const legendWidth = columns * width + gap * (columns - 1);
  return {
    config: CHART_CONFIG,
    padding: 4,
    bounds: 'flush',
    spacing: 30,
    vconcat: [
      legend(legendWidth),
      {
        data: { values: [...values, ...marks] },
        facet: { field: 'panel', type: 'nominal', sort: titles, header: {} },
        columns,
        bounds: 'flush',
        spacing: { row: 48, column: gap },
        spec: {
          width,
          height: narrow ? 84 : 100,
          // The stroke closes the seams between neighbours.
          mark: { type: 'rect', strokeWidth: 0.7 },
          encoding: {
            x,
            x2: { field: 'to' },
            y,
            y2: { field: 'high' },
            color: { field: 'colour', type: 'nominal', scale: null },
            stroke: { field: 'colour', type: 'nominal', scale: null },
          },
        },
      },
    ],
  };
}

function legend(width: number) {
  const entries = layLegend([...GROUPS, { name: 'the fault', colour: INK }], width).map((entry) => ({
    ...entry,
    x: entry.x + 5,
    y: entry.y + LEGEND_LINE / 2,
  }));
  const pixels = { type: 'quantitative' as const, scale: null, axis: null };
  const place = { x: { field: 'x', ...pixels }, y: { field: 'y', ...pixels } };
  return {
    data: { values: entries },
    width,
    height: Math.max(...entries.map(({ y }) => y)) + LEGEND_LINE / 2,
    layer: [
      {
        mark: { type: 'point' as const, shape: 'square', filled: true, size: 90, opacity: 1 },
        encoding: { ...place, color: { field: 'colour', type: 'nominal' as const, scale: null } },
      },
      {
        mark: { type: 'text' as const, align: 'left' as const, baseline: 'middle' as const, dx: 10, color: MUTED },
        encoding: { ...place, text: { field: 'name', type: 'nominal' as const } },
      },
    ],
  };
}

export const outageCharts: readonly Chart[] = FAULTS.map((fault) => ({
  id: `outage-${fault.name}`,
  title: `Outage: ${fault.title}`,
  experiment: 'outage',
  note: 'Outcome of authenticated requests with a valid credential, by the time each was due; from the first fresh start. “defaults”: ioredis with its default settings instead of tuned ones. “fail-open”: reads are accepted while the denylist does not answer.',
  figures: (view: ReportView) => [
    ...outageFigures(view, 'outage_accepted_pct', { fault: fault.name, route: 'me' }),
    ...outageFigures(view, 'recovery_ms', { fault: fault.name }),
  ],
  sentence: (view: ReportView) => sentenceFor(view, fault),
  spec(view: ReportView, canvas: Canvas) {
    const all = timelines(view, fault.name);
    return all.length === 0 ? null : panels(all, canvas);
  },
}));
