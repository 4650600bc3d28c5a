import { isLoneSample } from '../../../core/results/sampled.ts';
import { breakEvenSentence } from '../../../core/text/break-even.ts';
import { counted, formatEstimate, formatValue, list } from '../../../core/text/format.ts';
import { type CheckedChain, checkedChains, edgeComparisons, figuresOfChain, hopsOf } from '../../view/chain.ts';
import type { ArmFigure } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import { drawArmLines, type PlaceOnLine } from '../shapes/arm-lines.ts';
import type { Canvas, Chart } from '../shapes/chart.ts';
import type { Drawing } from '../shapes/drawing.ts';
import { drawLogPanels } from '../shapes/log-panels.ts';
import { drawPanels, type Series, type SeriesPoint } from '../shapes/panels.ts';
import { tipOf } from '../shapes/tip.ts';

/** Short names for the end of a line, where there is little room. */
const SHORT = { edge: 'edge', 'every-hop': 'each hop', 'auth-service': 'service' } as const;
const Y_TITLE = 'CPU, µs per request';
const TICKS = [1, 2, 3, 5, 10].map((at) => ({ at, label: `${at}` }));

const pointOf = (name: string, figure: ArmFigure): SeriesPoint => ({
  x: hopsOf(figure),
  value: figure.value,
  low: figure.low,
  high: figure.high,
  flagged: figure.flags.length > 0,
  tip: tipOf(`${name}, ${counted(hopsOf(figure), 'hop')}`, figure),
});

const tolls = (view: ReportView, chain: CheckedChain) => figuresOfChain(view, chain, 'chain_toll_us');

interface Line extends Series {
  /** The model's points beyond the measured ones. */
  readonly beyond: readonly SeriesPoint[];
  /** The break-even points of an edge with the arms it is compared with. */
  readonly places: readonly PlaceOnLine[];
}

/** The value of a line between its points; null outside. */
function amountAt(points: readonly SeriesPoint[], x: number): number | null {
  const after = points.findIndex((point) => point.x >= x);
  const [from, to] = [points[Math.max(0, after - 1)], points[after]];
  if (from === undefined || to === undefined) return null;
  return to.x === from.x ? to.value : from.value + ((to.value - from.value) * (x - from.x)) / (to.x - from.x);
}

/** @param points of the chain with the edge, including the model's */
function placesOn(view: ReportView, edge: CheckedChain, points: readonly SeriesPoint[]): PlaceOnLine[] {
  return edgeComparisons(view).flatMap(({ edge: arm, against, found }) => {
    if (found === null || arm !== edge.arm) return [];
    const value = amountAt(points, found.value);
    if (value === null) return [];
    const { value: x, low, high } = found;
    const tip = tipOf(`${arm}, break-even with ${against} at every hop`, found);
    return [{ x, low, high, value, tip, text: `break-even ${formatValue({ ...found, unit: '' })}` }];
  });
}

function linesOf(view: ReportView): Line[] {
  return checkedChains(view).map((chain) => {
    const { arm, colour, checks, name } = chain;
    const points = tolls(view, chain).map((figure) => pointOf(name, figure));
    const measured = points.at(-1)?.x ?? 0;
    const beyond = figuresOfChain(view, chain, 'model_chain_toll_us')
      .filter((figure) => hopsOf(figure) > measured)
      .map((figure) => pointOf(`${name}, model`, figure));
    const places = placesOn(view, chain, [...points, ...beyond]);
    return { name: `${arm}, ${SHORT[checks]}`, arm, colour, points, beyond, places };
  });
}

/** The cost of each further hop, and from how many services an edge pays off. */
function sentence(view: ReportView): string {
  const comparisons = edgeComparisons(view).filter(({ differences }) => !differences.some(isLoneSample));
  return [growthSentence(view), ...comparisons.map(breakEvenSentence)].join(' ');
}

function growthSentence(view: ReportView): string {
  const chains = checkedChains(view);
  const slopes = chains.flatMap((chain) => {
    const [slope] = figuresOfChain(view, chain, 'chain_toll_per_hop_us');
    return slope === undefined ? [] : [{ slope, name: chain.name }];
  });
  const grown = slopes
    .filter(({ slope }) => !isLoneSample(slope))
    .map(({ slope, name }) => `${formatEstimate(slope)} (${name})`);
  if (grown.length > 0) return `Each further hop adds, in CPU time of all processes: ${list(grown)}.`;
  if (slopes.length > 0) return 'Each number of hops was measured only once, so the cost of a further hop is unknown.';
  const first = chains.flatMap((chain) =>
    tolls(view, chain).map((figure) => `${chain.name} ${formatEstimate(figure)}`),
  );
  return first.length === 0
    ? 'Only the baseline was measured.'
    : `Cost of the checks, measured at one number of hops: ${list(first)}.`;
}

/** A logarithmic axis has no 0, which a toll or its interval may reach. */
const positive = (points: readonly SeriesPoint[]) =>
  points
    .filter(({ value }) => value > 0)
    .map((point) => ({
      ...point,
      low: Math.max(point.low, point.value / 10),
      high: Math.min(point.high, point.value * 10),
    }));

const untold = ({ tip: _tip, ...point }: SeriesPoint): SeriesPoint => point;

/**
 * On a phone, names at the ends of lines would leave no room for them. If noise makes a toll negative, the axis is
 * linear and shows only the measurements.
 */
function drawNarrow(lines: readonly Line[], canvas: Canvas): Drawing | null {
  if (lines.some(({ points }) => points.some(({ value }) => value <= 0))) {
    return drawPanels(lines, canvas, { xTitle: 'hops', yTitle: Y_TITLE });
  }
  const panels = lines.flatMap(({ name, arm, colour, points, beyond, places: [place] }) => {
    const main = positive(points);
    // Only the end of the model has a description, as in the wide drawing.
    const further = positive(
      [...points.slice(-1), ...beyond].map((point, i) => (i < beyond.length ? untold(point) : point)),
    );
    if (main.length === 0) return [];
    const dashed = further.length > 1 ? [{ role: 'beyond' as const, points: further }] : [];
    const ring = place === undefined || place.value <= 0 ? {} : { ring: { x: place.x, value: place.value } };
    return [{ name, arm, colour, lines: [{ role: 'main' as const, points: main }, ...dashed], ...ring }];
  });
  if (panels.length === 0) return null;
  return drawLogPanels(panels, canvas, {
    xTitle: 'hops',
    yTitle: Y_TITLE,
    xScale: 'linear',
    xTicks: TICKS,
    legend: [
      { name: 'measured', role: 'main' },
      { name: 'the model', role: 'beyond' },
    ],
  });
}

/** The cost of checks in a chain of services, by the number of services that a request passes. */
export const chainChart: Chart = {
  id: 'chain',
  title: 'Checks in a chain of services',
  experiment: 'chain',
  note: 'CPU time of all processes (services, store, auth service) for one request of a user, beyond the same chain without authentication; a hop is a service that it passes. “Edge”: checked there alone; the identity is passed on signed (HMAC-SHA-256) and verified at each inner service. “Each hop”: the credential is checked at every service. “Service”: every service asks an auth service. Dashed: the model, a line through the measured hops, with its interval. Hollow: flagged. If an arm has its own edge, it is in front of the first service and its CPU time is included. Ring: the break-even, the number of services from which that edge costs less than asking the authorization server at each of them.',
  figures: (view) => [
    ...checkedChains(view).flatMap((chain) => [
      ...tolls(view, chain),
      ...figuresOfChain(view, chain, 'chain_toll_per_hop_us'),
      ...figuresOfChain(view, chain, 'model_chain_toll_us'),
    ]),
    ...edgeComparisons(view).flatMap(({ differences, found }) => [...differences, ...(found === null ? [] : [found])]),
  ],
  sentence,
  draw(view, canvas) {
    const lines = linesOf(view);
    if (lines.length === 0) return null;
    if (canvas.name === 'narrow') return drawNarrow(lines, canvas);
    const own = new Map<Series, Line>(lines.map((line) => [line, line]));
    return drawArmLines(lines, canvas, {
      xTitle: 'hops: services that a request passes',
      yTitle: Y_TITLE,
      scale: 'linear',
      beyond: (line) => own.get(line)?.beyond ?? [],
      places: (line) => own.get(line)?.places ?? [],
    });
  },
};
