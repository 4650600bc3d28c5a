/** Outcomes of guarded requests before, during and after a fault: one chart per fault. */
import { CLIENT_DEADLINE_MS } from '../../../core/results/outage.ts';
import type { Timeline } from '../../../core/results/recorded/timeline.ts';
import { counted, formatDuration, list } from '../../../core/text/format.ts';
import type { ArmFigure } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import { type AxisOptions, bottomAxis, labelRoom, leftAxis, RIGHT_ROOM } from '../shapes/axes.ts';
import type { Canvas, Chart } from '../shapes/chart.ts';
import { type Drawing, type Layer, plain } from '../shapes/drawing.ts';
import { drawGrid, ofKind, panelTitles } from '../shapes/panel-grid.ts';
import { LEGEND_LINE, layLegend, squareLegend } from '../shapes/stacked.ts';
import { INK } from '../shapes/theme.ts';
import { FAULTS, type NamedTimeline, outageFigures, timelines, variantName } from './figures.ts';

/** Groups of outcomes from the bottom up. Only one of the first two occurs at a time. */
const GROUPS = [
  { name: 'accepted', colour: '#2f9e8f', outcomes: ['accepted'] },
  { name: 'accepted, after 0.5 s or more', colour: '#4f93c8', outcomes: ['accepted'] },
  { name: 'refused (401, 403)', colour: '#a8902f', outcomes: ['refused', 'forbidden'] },
  { name: 'unavailable (503)', colour: '#cc6677', outcomes: ['unavailable'] },
  { name: 'no answer, no connection', colour: '#aa4499', outcomes: ['timedOut', 'error', 'other'] },
] as const;
const PROMPT = 0;
const SLOW = 1;
/** If half of a bin's requests waited this long, its accepted ones count as slow. */
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

/** Stacked shares over time, in seconds from the fault; equal neighbours are merged into one rectangle. Pure. */
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

/** Which arms continued, stopped, or did some of both; then which recovered last. */
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
  return `${when}, ${parts.join('; ')}.${returnOf(view, name, nameOf)}`;
}

/** The duration of the outage and the client for which the wait until the first answered request was measured. */
function returnOf(view: ReportView, fault: string, nameOf: (figure: ArmFigure) => string): string {
  const recoveries = outageFigures(view, 'recovery_ms', { fault }).toSorted((a, b) => b.value - a.value);
  const [last] = recoveries;
  if (last === undefined) return '';
  const away = outageFigures(view, 'outage_away_ms', { fault }).map(({ value }) => value);
  const after = away.length === 0 ? 'After the fault' : `Back after ${formatDuration(Math.max(...away))}`;
  const within = Math.max(...recoveries.map(({ high }) => high));
  if (last.value === 0) return ` ${after}, all arms served requests again at once (within ${formatDuration(within)}).`;
  const held = outageFigures(view, 'requests_held', { fault }).find((figure) => nameOf(figure) === nameOf(last));
  const settled = outageFigures(view, 'held_settled_ms', { fault }).find((figure) => nameOf(figure) === nameOf(last));
  const waiting =
    held === undefined || settled === undefined || held.value < 1
      ? ''
      : `; of ${counted(Math.round(held.value), 'request')} that waited for its return, the last was answered, or timed out after ${formatDuration(CLIENT_DEADLINE_MS)}, ${formatDuration(settled.value)} after it`;
  const client = last.factors.redis_client === 'defaults' ? ", with ioredis' default settings," : '';
  return ` ${after}, ${nameOf(last)}${client} was last to answer a request sent after the return: it took ${formatDuration(last.value)}${waiting}.`;
}

/** The bar that marks the fault is above the shares. */
const MARK = { from: 106, to: 114 } as const;

function draw(all: readonly NamedTimeline[], canvas: Canvas): Drawing {
  const narrow = canvas.name === 'narrow';
  const columns = Math.min(all.length, narrow ? 2 : 4);
  const gap = narrow ? 18 : 24;
  const height = narrow ? 84 : 100;
  const ticks = [0, 50, 100].map((at) => ({ at, label: `${at}` }));
  const amounts: AxisOptions = { scale: 'linear', domain: [0, 116], title: '% of requests', ticks };
  const left = labelRoom(amounts);
  const width = Math.min(420, Math.floor((canvas.width - left - RIGHT_ROOM - gap * (columns - 1)) / columns));
  const shares = all.map(({ timeline }) => rectangles(timeline));
  const [begin, end] = [
    Math.min(...shares.flat().map(({ from }) => from)),
    Math.max(...shares.flat().map(({ to }) => to)),
  ];
  const rows = all.flatMap(({ timeline: { faultFromMs, faultToMs } }, panel) => {
    const until = faultToMs === null ? end : (faultToMs - faultFromMs) / 1000;
    const fault = { from: 0, to: until, low: MARK.from, high: MARK.to, colour: INK };
    // Rectangles of one colour are consecutive, so that they become one path.
    const ofColour = Map.groupBy([...(shares[panel] ?? []), fault], ({ colour }) => colour);
    return [...ofColour.values()].flat().map((area) => ({ ...area, panel, kind: 'area' }));
  });
  const x = bottomAxis({
    scale: 'linear',
    domain: [begin, end],
    title: 's since the fault',
    count: narrow ? 4 : 5,
  });
  const layer = [
    {
      transform: ofKind('area'),
      // The stroke closes the seams between neighbours.
      mark: { type: 'rect', strokeWidth: 0.7, aria: false },
      encoding: {
        x: { field: 'from', ...x },
        x2: { field: 'to' },
        y: { field: 'low', ...leftAxis(amounts) },
        y2: { field: 'high' },
        fill: plain('colour'),
        stroke: plain('colour'),
      },
    },
  ] as Layer[];
  const legend = layLegend([...GROUPS, { name: 'the fault', colour: INK }], columns * width + gap * (columns - 1));
  return drawGrid({
    left,
    columns,
    gap,
    width,
    height,
    titles: panelTitles(
      all.map(({ name }) => name),
      width,
    ),
    arms: all.map(({ arm }) => arm),
    rows,
    layer,
    legend: { layer: squareLegend(legend), height: (legend.at(-1)?.y ?? 0) + LEGEND_LINE },
  });
}

export const outageCharts: readonly Chart[] = FAULTS.map((fault) => ({
  id: `outage-${fault.name}`,
  title: `Outage: ${fault.title}`,
  experiment: 'outage',
  note: `Outcome of authenticated requests with a valid credential, by the time each was due; from the first fresh start. “defaults”: ioredis with its default settings, which queue commands and reconnect after pauses that double from 50 ms to 5 s, instead of Tollgate's, which fail after 1 s and pause for at most 250 ms. Clients give up after ${CLIENT_DEADLINE_MS / 1000} s. “fail-open”: reads are accepted while the denylist does not answer.`,
  figures: (view: ReportView) => [
    ...outageFigures(view, 'outage_accepted_pct', { fault: fault.name, route: 'me' }),
    ...outageFigures(view, 'recovery_ms', { fault: fault.name }),
    ...outageFigures(view, 'outage_away_ms', { fault: fault.name }),
  ],
  sentence: (view: ReportView) => sentenceFor(view, fault),
  draw(view: ReportView, canvas: Canvas) {
    const all = timelines(view, fault.name);
    return all.length === 0 ? null : draw(all, canvas);
  },
}));
