/** Small multiples on a logarithmic amount: one panel per arm, several lines in each, the other arms as ghosts. */
import { html, type SafeHtml } from '../../html.ts';
import type { Canvas, Scale } from './chart.ts';
import { type LegendLine, type LineRole, lineLegend, stroked } from './line-legend.ts';
import { drawGrid, labelRoom, panelTitles, RIGHT_ROOM } from './panel-grid.ts';
import type { SeriesPoint } from './panels.ts';
import { axis } from './scales.ts';
import { band, type Drawing, dot, group, line, ofArm, ring, rule, text, told } from './svg.ts';
import { FAINT, FONT_SIZE, figureWidth, GHOST, MUTED, SURFACE } from './theme.ts';

/** Text at the first or the last point of a line, which then reads away from the panel's edge. */
export interface PointLabel {
  readonly text: string;
  readonly end: 'first' | 'last';
  readonly side: 'above' | 'below';
}

export interface PanelLine {
  readonly role: LineRole;
  /** By rising x; amounts are positive. */
  readonly points: readonly SeriesPoint[];
  readonly labels?: readonly PointLabel[];
}

export interface Panel {
  readonly name: string;
  readonly arm: string;
  readonly colour: string;
  /** The first one also stands as a ghost in the other panels. */
  readonly lines: readonly PanelLine[];
  /** A point that stands out. */
  readonly ring?: { readonly x: number; readonly value: number };
}

export interface LogPanelOptions {
  readonly xTitle: string;
  readonly yTitle: string;
  readonly xScale: Scale;
  readonly xTicks: readonly { readonly at: number; readonly label: string }[];
  readonly legend: readonly LegendLine[];
}

interface Places {
  x(at: number): number;
  y(amount: number): number;
}

const places = ({ points }: PanelLine, { x, y }: Places) =>
  points.map((point) => ({ x: x(point.x), y: y(point.value) }));

function bandOf({ points }: PanelLine, { x, y }: Places, opacity: number): SafeHtml {
  const edge = (end: 'low' | 'high') => points.map((point) => ({ x: x(point.x), y: y(point[end]) }));
  return group({ opacity }, band(edge('high'), edge('low')));
}

/** @param own the line, in the colour of its group */
function lineMarks(own: PanelLine, at: Places): SafeHtml {
  const { role, points } = own;
  const drawn = stroked(role, role === 'machine' ? FAINT : null, line(places(own, at)));
  if (role === 'beyond') return html`${bandOf(own, at, 0.09)}${drawn}`;
  if (role !== 'main')
    return html`${drawn}${points.map(({ x, value, tip }) => (tip === undefined ? null : told(tip, group({ opacity: 0 }, dot(at.x(x), at.y(value), 4)))))}`;
  const marks = points.map(({ x, value, low, high, flagged, tip }) =>
    told(
      tip,
      rule(at.x(x), at.y(low), at.x(x), at.y(high)),
      dot(at.x(x), at.y(value), 2.9),
      flagged ? group({ fill: SURFACE }, dot(at.x(x), at.y(value), 1.6)) : null,
    ),
  );
  return html`${bandOf(own, at, 0.2)}${drawn}${marks}`;
}

/** The page shows through behind the text, so that no ghost runs through it. */
function labelMarks({ points, labels = [] }: PanelLine, { x, y }: Places): SafeHtml[] {
  return labels.flatMap(({ text: words, end, side }) => {
    const point = points.at(end === 'first' ? 0 : -1);
    if (point === undefined) return [];
    const middle = y(point.value) + (side === 'above' ? -13 : 13);
    const [from, width] = [x(point.x) + (end === 'first' ? -4 : 6), figureWidth(words)];
    const left = end === 'first' ? from : from - width;
    return [
      html`<rect x="${Math.round(left)}" y="${Math.round(middle - 6)}" width="${width}" height="12" fill="${SURFACE}" opacity=".85"/>`,
      group(
        { fill: MUTED, 'font-size': FONT_SIZE - 1, 'text-anchor': end === 'first' ? null : 'end' },
        text(from, middle, words),
      ),
    ];
  });
}

/** @param panels one or more, each with a line that has a point */
export function drawLogPanels(panels: readonly Panel[], canvas: Canvas, options: LogPanelOptions): Drawing {
  const narrow = canvas.name === 'narrow';
  const height = narrow ? 130 : 165;
  const points = panels.flatMap(({ lines }) => lines.flatMap((own) => own.points));
  const [low, high] = [Math.min(...points.map((point) => point.low)), Math.max(...points.map((point) => point.high))];
  // Room for the labels above and below the lines, which a logarithmic axis measures in factors.
  const labelled = panels.some(({ lines }) => lines.some(({ labels = [] }) => labels.length > 0));
  const stretch = labelled ? (high / low) ** 0.12 * 1.25 : 1.15;
  const yAxis = axis({ scale: 'log', domain: [low / stretch, high * stretch], range: [height, 0], count: 4 });
  const left = labelRoom(yAxis, options.yTitle);
  const columns = Math.min(panels.length, narrow ? 2 : 4);
  const gap = narrow ? 28 : 32;
  const room = canvas.width - left - RIGHT_ROOM - gap * (columns - 1);
  // One panel alone would be too wide to read its slopes.
  const width = Math.min(Math.floor(room / columns), columns === 1 ? 760 : 420);
  const xs = [...points.map((point) => point.x), ...options.xTicks.map((tick) => tick.at)];
  const [first, last] = [Math.min(...xs), Math.max(...xs)];
  const padding = options.xScale === 'log' ? 0 : 8;
  const xAxis = axis({
    scale: options.xScale,
    // One point alone stands in the middle.
    domain: first < last ? [first, last] : [first * 0.9, last * 1.1],
    range: [padding, width - padding],
    count: 4,
  });
  const at: Places = { x: xAxis.at, y: yAxis.at };
  const titles = panelTitles(
    panels.map(({ name }) => name),
    width,
  );
  const drawn = panels.map((panel, index) => {
    const ghosts = panels.flatMap((other) => {
      const [main] = other.lines;
      return other === panel || main === undefined ? [] : [ofArm(other.arm, {}, line(places(main, at)))];
    });
    const mark = panel.ring === undefined ? null : ring(at.x(panel.ring.x), at.y(panel.ring.value), 5.7);
    return {
      title: titles[index] ?? panel.name,
      arm: panel.arm,
      body: html`${group({ fill: 'none', stroke: GHOST, 'stroke-width': 1.1 }, ghosts)}${group(
        { fill: panel.colour, stroke: panel.colour, 'stroke-width': 1.6 },
        panel.lines.map((own) => lineMarks(own, at)),
        mark,
      )}${panel.lines.map((own) => labelMarks(own, at))}`,
    };
  });
  const grid = {
    columns,
    gap,
    width,
    height,
    xTicks: options.xTicks.map((tick) => ({ px: at.x(tick.at), label: tick.label })),
    xTitle: options.xTitle,
    y: yAxis,
    yTitle: options.yTitle,
    legend: lineLegend(options.legend, columns * width + gap * (columns - 1)),
  };
  return drawGrid(drawn, grid, left);
}
