/** Lag against cost, one point per arm, with intervals in both directions. */
import type { TopLevelSpec } from 'vega-lite';
import { shorten } from '../../../core/text/shorten.ts';
import { heightOf, spread } from '../shapes/arm-lines.ts';
import { bottomAxis, leftAxis } from '../shapes/axes.ts';
import type { Canvas } from '../shapes/chart.ts';
import { DESCRIPTION, type Drawing, pixels, plain, plainNumber, wordsOf } from '../shapes/drawing.ts';
import { CHART_CONFIG, FAINT, figureWidth, INK, textWidth } from '../shapes/theme.ts';
import { tipOf } from '../shapes/tip.ts';
import { DURATION_TICKS } from './durations.ts';
import { type Level, unbeaten } from './frontier-points.ts';

/** A logarithmic axis has no zero: shorter lags are drawn at its start. */
const FLOOR_MS = 1;

/** @returns null if there are fewer than two arms to compare */
export function drawFrontier(level: Level, canvas: Canvas): Drawing | null {
  const { points: all, against } = level;
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
  // One unbounded interval would compress all others, so it is cut at the edge.
  const largest = 2 * Math.max(...all.map(({ cost }) => cost.value));
  const costs = all.flatMap(({ cost }) => [Math.max(0, cost.low), Math.min(largest, cost.high)]);
  const costDomain = [Math.min(1, ...costs), Math.max(...costs) * 1.02] as const;
  const best = new Set(unbeaten(level).map(({ lag }) => lag.arm));
  const heights = all.map(({ lag }) => heightOf(shown(lag.max.value), lagDomain, 'log', height));
  const labels = spread(heights, 6, height);
  const values = all.map(({ lag, cost, figure }, i) => ({
    lag: shown(lag.max.value),
    soonest: shown(lag.max.low),
    latest: shown(lag.max.high),
    cost: cost.value,
    least: Math.max(0, cost.low),
    most: Math.min(largest, cost.high),
    colour: lag.colour,
    size: best.has(lag.arm) ? 95 : 32,
    words: wordsOf({
      arm: lag.arm,
      tip: tipOf(`${lag.arm}, longest lag and cost`, lag.max, ...(figure === null ? [] : [figure])),
    }),
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
    title: narrow ? `CPU time over that of ${against}` : `CPU time per request, as a multiple of that of ${against}`,
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
