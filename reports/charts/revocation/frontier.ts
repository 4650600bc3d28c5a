/** Which arms no other beats both in cost and in how soon a credential ends. */
import type { Figure } from '../../../core/results/schema.ts';
import { formatDuration, formatValue, list } from '../../../core/text/format.ts';
import { html } from '../../html.ts';
import { tollFigures } from '../../view/figures.ts';
import { costOf } from '../../view/ranking.ts';
import type { ReportView } from '../../view/view.ts';
import { spread } from '../shapes/arm-lines.ts';
import type { Canvas, Chart } from '../shapes/chart.ts';
import { DURATION_TICKS } from '../shapes/durations.ts';
import { axis } from '../shapes/scales.ts';
import {
  bottomAxis,
  type Drawing,
  dot,
  group,
  leftAxis,
  leftLabels,
  move,
  ofArm,
  rule,
  text,
  told,
} from '../shapes/svg.ts';
import { FAINT, FONT_SIZE, figureWidth, INK, shorten, textWidth } from '../shapes/theme.ts';
import { tipOf } from '../shapes/tip.ts';
import { type ArmLag, armLags } from './figures.ts';

/** A logarithmic axis has no zero: what ends sooner stands at its begin. */
const FLOOR_MS = 1;

interface Point {
  readonly lag: ArmLag;
  /** CPU time as a multiple of the baseline's, Redis included where that was measured. */
  readonly cost: Figure;
}

function pointsOf(view: ReportView): Point[] {
  const whole = tollFigures(view.run, 'total_cpu_ratio_to_baseline');
  const costs = whole.length > 0 ? whole : tollFigures(view.run, 'cpu_ratio_to_baseline');
  return armLags(view).flatMap((lag) => {
    const cost = costs.find(({ arm }) => arm === lag.arm);
    return cost === undefined ? [] : [{ lag, cost }];
  });
}

/** Neither ends later, as far as their intervals tell. */
const noLater = (a: ArmLag, b: ArmLag) => a.max.value === b.max.value || a.max.high < b.max.low;

/** Shown to cost less, in the same blocks, and to end no later. */
function beats(a: Point, b: Point, { ranking }: ReportView): boolean {
  const pair = ranking?.costs.between(a.lag.arm, b.lag.arm) ?? null;
  return pair?.outcome === 'less' && noLater(a.lag, b.lag);
}

/** Those that no other is known to beat, the cheapest first. */
export function unbeaten(view: ReportView): Point[] {
  const all = pointsOf(view);
  const left = all.filter((one) => !all.some((other) => beats(other, one, view)));
  return left.sort((a, b) => a.cost.value - b.cost.value);
}

const ends = ({ max }: ArmLag) =>
  max.value === 0 ? 'ends at once' : `lives on for up to ${formatDuration(max.value)}`;

function sentence(view: ReportView): string {
  const all = pointsOf(view);
  if (all.length < 2 || view.ranking === null) return 'No two arms have both a lag and a cost that were compared.';
  const best = unbeaten(view);
  const others = all.map(({ lag }) => lag.arm).filter((arm) => !best.some(({ lag }) => lag.arm === arm));
  const each = best.map(({ lag, cost }) => `${lag.arm} (${formatValue(cost)}, ${ends(lag)})`);
  const rest =
    others.length === 0 ? '' : ` For each of the others, ${list(others)}, one of these costs less and ends no later.`;
  return `No other arm is known to beat these both in ${costOf(view.ranking)} and in lag: ${list(each)}.${rest}`;
}

function draw(view: ReportView, canvas: Canvas): Drawing | null {
  const all = pointsOf(view);
  if (all.length < 2) return null;
  const narrow = canvas.name === 'narrow';
  const names = all.map(({ lag }) => shorten(lag.arm, narrow ? 18 : 30));
  const height = Math.max(narrow ? 240 : 280, all.length * 16);
  const most = Math.max(10, ...all.map(({ lag }) => lag.max.high)) * 1.5;
  const yAxis = axis({ scale: 'log', domain: [FLOOR_MS, most], range: [height, 0], count: 4 });
  const y = (ms: number) => yAxis.at(Math.max(FLOOR_MS, ms));
  const ticks = DURATION_TICKS.filter(({ at }) => at <= most).map(({ at, label }) => ({
    px: y(at),
    label: at === FLOOR_MS ? '≤ 1 ms' : label,
  }));
  const left = Math.max(...ticks.map(({ label }) => figureWidth(label))) + 18;
  const right = Math.max(...names.map((name) => textWidth(name))) + 24;
  const width = canvas.width - left - right;
  // One interval without bounds would press all others flat: it is cut at the edge.
  const largest = 2 * Math.max(...all.map(({ cost }) => cost.value));
  const costs = all.flatMap(({ cost }) => [Math.max(0, cost.low), Math.min(largest, cost.high)]);
  const x = axis({
    scale: 'linear',
    domain: [Math.min(1, ...costs), Math.max(...costs) * 1.02],
    range: [6, width - 6],
    count: narrow ? 4 : 8,
  });
  const best = new Set(unbeaten(view).map(({ lag }) => lag.arm));
  const labels = spread(
    all.map(({ lag }) => y(lag.max.value)),
    6,
    height,
  );
  const marks = all.map(({ lag, cost }, i) => {
    const [cx, cy, labelY] = [x.at(cost.value), y(lag.max.value), labels[i] ?? 0];
    return ofArm(
      lag.arm,
      {},
      group({ stroke: FAINT, 'stroke-dasharray': '1,3' }, rule(cx + 6, cy, width + 8, labelY)),
      told(
        tipOf(`${lag.arm}, longest lag and cost`, lag.max, cost),
        group(
          { fill: lag.colour, stroke: lag.colour, 'stroke-width': 1.6 },
          rule(x.at(Math.max(0, cost.low)), cy, x.at(Math.min(largest, cost.high)), cy),
          rule(cx, y(lag.max.low), cx, y(lag.max.high)),
          dot(cx, cy, best.has(lag.arm) ? 5.5 : 3.2),
        ),
      ),
      group({ fill: INK, 'font-weight': best.has(lag.arm) ? 600 : null }, text(width + 12, labelY, names[i] ?? '')),
    );
  });
  const body = html`${group(
    { transform: move(left, 22) },
    leftAxis(ticks, width),
    leftLabels(ticks, '', 0),
    group({ 'font-size': FONT_SIZE - 1, fill: INK }, text(-left + 4, -13, 'longest lag after revocation')),
    bottomAxis({
      ticks: x.ticks.map(({ px, label }) => ({ px, label: `${label}×` })),
      title: narrow ? 'CPU time, multiple of the baseline' : 'CPU time per request, as a multiple of the baseline',
      height,
      grid: true,
    }),
    marks,
  )}`;
  return { width: canvas.width, height: height + 22 + 40, body };
}

export const frontier: Chart = {
  id: 'frontier',
  title: 'What ending a credential soon costs',
  experiment: 'revocation',
  note: 'Left is cheaper, lower ends sooner. Lines: intervals of cost, and of the time until the first refusal. Large dots: no other arm is known to cost less and to end no later. Costs are compared in the same blocks.',
  figures: (view) => (pointsOf(view).length < 2 ? [] : pointsOf(view).flatMap(({ lag, cost }) => [lag.max, cost])),
  sentence,
  draw,
};
