/** Which arms no other beats both in cost and in how soon a credential ends. */
import type { TopLevelSpec } from 'vega-lite';
import type { Figure } from '../../../core/results/schema.ts';
import { formatDuration, formatValue, list } from '../../../core/text/format.ts';
import { tollFigures } from '../../view/figures.ts';
import { costOf } from '../../view/ranking.ts';
import type { ReportView } from '../../view/view.ts';
import { heightOf, spread } from '../shapes/arm-lines.ts';
import { bottomAxis, leftAxis } from '../shapes/axes.ts';
import type { Canvas, Chart } from '../shapes/chart.ts';
import { DESCRIPTION, type Drawing, pixels, plain, plainNumber, wordsOf } from '../shapes/drawing.ts';
import { CHART_CONFIG, FAINT, figureWidth, INK, shorten, textWidth } from '../shapes/theme.ts';
import { tipOf } from '../shapes/tip.ts';
import { DURATION_TICKS } from './durations.ts';
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
  const lagDomain = [FLOOR_MS, most] as const;
  const shown = (ms: number) => Math.max(FLOOR_MS, ms);
  const ticks = DURATION_TICKS.filter(({ at }) => at <= most).map(({ at, label }) => ({
    at,
    label: at === FLOOR_MS ? '≤ 1 ms' : label,
  }));
  const left = Math.max(...ticks.map(({ label }) => figureWidth(label))) + 18;
  const right = Math.max(...names.map((name) => textWidth(name))) + 24;
  const width = canvas.width - left - right;
  // One interval without bounds would press all others flat: it is cut at the edge.
  const largest = 2 * Math.max(...all.map(({ cost }) => cost.value));
  const costs = all.flatMap(({ cost }) => [Math.max(0, cost.low), Math.min(largest, cost.high)]);
  const costDomain = [Math.min(1, ...costs), Math.max(...costs) * 1.02] as const;
  const best = new Set(unbeaten(view).map(({ lag }) => lag.arm));
  const heights = all.map(({ lag }) => heightOf(shown(lag.max.value), lagDomain, 'log', height));
  const labels = spread(heights, 6, height);
  const values = all.map(({ lag, cost }, i) => ({
    lag: shown(lag.max.value),
    soonest: shown(lag.max.low),
    latest: shown(lag.max.high),
    cost: cost.value,
    least: Math.max(0, cost.low),
    most: Math.min(largest, cost.high),
    colour: lag.colour,
    size: best.has(lag.arm) ? 95 : 32,
    words: wordsOf({ arm: lag.arm, tip: tipOf(`${lag.arm}, longest lag and cost`, lag.max, cost) }),
    own: wordsOf({ arm: lag.arm }),
    name: names[i],
    weight: best.has(lag.arm) ? 600 : 400,
    dotX: 12 + ((width - 12) * (cost.value - costDomain[0])) / (costDomain[1] - costDomain[0]),
    dotY: heights[i],
    labelX: width + 8,
    labelY: labels[i],
  }));
  const x = bottomAxis({
    scale: 'linear',
    domain: costDomain,
    padding: 6,
    title: narrow ? 'CPU time, multiple of the baseline' : 'CPU time per request, as a multiple of the baseline',
    grid: true,
    count: narrow ? 4 : 8,
    unit: '×',
  });
  const amounts = leftAxis({ scale: 'log', domain: lagDomain, title: 'longest lag after revocation', ticks });
  const y = {
    ...amounts,
    axis: { ...amounts.axis, titleAlign: 'left', titleX: 4 - left, titleY: -13, titleColor: INK },
  };
  const own = { field: 'own', type: 'nominal' };
  const mark = { color: plain('colour'), description: DESCRIPTION };
  const layer = [
    {
      mark: { type: 'rule', strokeDash: [1, 3], color: FAINT },
      encoding: {
        x: pixels('dotX'),
        x2: { field: 'labelX' },
        y: pixels('dotY'),
        y2: { field: 'labelY' },
        description: own,
      },
    },
    {
      mark: { type: 'rule', strokeWidth: 1.6 },
      encoding: { x: { field: 'least', ...x }, x2: { field: 'most' }, y: { field: 'lag', ...y }, ...mark },
    },
    {
      mark: { type: 'rule', strokeWidth: 1.6 },
      encoding: { x: { field: 'cost', ...x }, y: { field: 'soonest', ...y }, y2: { field: 'latest' }, ...mark },
    },
    {
      mark: { type: 'point', filled: true, opacity: 1 },
      encoding: { x: { field: 'cost', ...x }, y: { field: 'lag', ...y }, size: plainNumber('size'), ...mark },
    },
    {
      mark: { type: 'text', align: 'left', baseline: 'middle', color: INK, fontWeight: { expr: 'datum.weight' } },
      encoding: {
        x: { value: width + 12 },
        y: pixels('labelY'),
        text: { field: 'name', type: 'nominal' },
        description: own,
      },
    },
  ];
  return {
    width: canvas.width,
    height: height + 22 + 40,
    left,
    top: 22,
    spec: { width, height, config: CHART_CONFIG, data: { values }, layer } as TopLevelSpec,
  };
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
