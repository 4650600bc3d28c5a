/** Small multiples on a logarithmic axis: one panel per arm, several lines in each, the other arms as ghosts. */
import { type AxisOptions, bottomAxis, labelRoom, leftAxis, RIGHT_ROOM } from './axes.ts';
import type { Canvas, Scale } from './chart.ts';
import { DESCRIPTION, type Drawing, type Layer, plain, plainNumber, wordsOf } from './drawing.ts';
import { type LegendLine, type LineRole, lineLegend, STROKES } from './line-legend.ts';
import { drawGrid, ofKind, type PanelRow, panelTitles } from './panel-grid.ts';
import { ghostsOf, hasNumbers, type SeriesPoint } from './panels.ts';
import { FAINT, FONT_SIZE, figureWidth, GHOST, MUTED, SURFACE } from './theme.ts';
import { thinTicks } from './ticks.ts';

/** Text at the first or the last point of a line, directed away from the panel's edge. */
export interface PointLabel {
  readonly text: string;
  readonly end: 'first' | 'last';
  readonly side: 'above' | 'below';
}

export interface PanelLine {
  readonly role: LineRole;
  /** Points by increasing x, with positive values. */
  readonly points: readonly SeriesPoint[];
  readonly labels?: readonly PointLabel[];
}

export interface Panel {
  readonly name: string;
  readonly arm: string;
  readonly colour: string;
  /** The first one is also drawn as a ghost in the other panels. */
  readonly lines: readonly PanelLine[];
  /** A point of interest. */
  readonly ring?: { readonly x: number; readonly value: number };
}

export interface LogPanelOptions {
  readonly xTitle: string;
  readonly yTitle: string;
  readonly xScale: Scale;
  readonly xTicks: readonly { readonly at: number; readonly label: string }[];
  readonly legend: readonly LegendLine[];
}

/** Area of a dot, px². */
const DOT = 26;
const HOLLOW = 8;

function lineRows({ role, points }: PanelLine, line: string, own: string): PanelRowParts[] {
  const { thick, dash } = STROKES[role];
  const colour = role === 'machine' ? FAINT : own;
  const shade = role === 'main' ? 0.2 : 0.09;
  const banded = role === 'main' || role === 'beyond';
  return [
    ...(banded ? points.map(({ x, low, high }) => ({ kind: 'band', line, x, low, high, colour: own, shade })) : []),
    ...points.map(({ x, value }) => ({ kind: 'line', line, x, value, colour, thick, dash, words: '{}' })),
    ...points.flatMap(({ tip, flagged, ...at }) => {
      const words = wordsOf({ tip });
      // A point without a dot still has a description.
      if (role !== 'main') return tip === undefined ? [] : [{ ...at, kind: 'dot', colour, size: DOT, seen: 0, words }];
      const dot = { ...at, kind: 'dot', colour: own, size: DOT, seen: 1, words };
      const interval = { ...at, kind: 'interval', colour: own, words };
      return flagged ? [interval, dot, { ...dot, colour: SURFACE, size: HOLLOW }] : [interval, dot];
    }),
  ];
}

type PanelRowParts = Omit<PanelRow, 'panel'>;

interface Placed extends PointLabel {
  readonly x: number;
  readonly value: number;
}

function labelsOf({ points, labels = [] }: PanelLine): Placed[] {
  return labels.flatMap((label) => {
    const point = points.at(label.end === 'first' ? 0 : -1);
    return point === undefined ? [] : [{ ...label, x: point.x, value: point.value }];
  });
}

/** Labels with a background in the page's colour, so that no line shows through. */
function labelLayers(x: object, y: object): Layer[] {
  const at = { x: { field: 'x', ...x }, y: { field: 'value', ...y } };
  return (['first', 'last'] as const).flatMap((end) =>
    (['above', 'below'] as const).flatMap((side) => {
      const towards = side === 'above' ? -13 : 13;
      const shift = end === 'first' ? -4 : 6;
      const align = end === 'first' ? 'left' : 'right';
      const transform = ofKind(`label ${end} ${side}`);
      return [
        {
          transform,
          mark: {
            type: 'rule',
            strokeWidth: 12,
            color: SURFACE,
            opacity: 0.85,
            yOffset: towards,
            xOffset: shift,
            aria: false,
          },
          encoding: { ...at, x2: { field: 'to' } },
        },
        {
          transform,
          mark: {
            type: 'text',
            align,
            baseline: 'middle',
            dx: shift,
            dy: towards,
            fontSize: FONT_SIZE - 1,
            color: MUTED,
            aria: false,
          },
          encoding: { ...at, text: { field: 'text', type: 'nominal' } },
        },
      ];
    }),
  ) as Layer[];
}

function layersOf(x: object, y: object): Layer[] {
  const at = { x: { field: 'x', ...x }, y: { field: 'value', ...y } };
  const interval = { x: at.x, y: { field: 'low', ...y }, y2: { field: 'high' } };
  const detail = { field: 'line', type: 'nominal' };
  return [
    {
      transform: ofKind('ghost'),
      mark: { type: 'line', strokeWidth: 1.1, color: GHOST },
      encoding: { ...at, detail, description: DESCRIPTION },
    },
    {
      transform: ofKind('band'),
      mark: { type: 'area', aria: false },
      encoding: { ...interval, color: plain('colour'), opacity: plainNumber('shade'), detail },
    },
    {
      transform: ofKind('line'),
      mark: { type: 'line', aria: false },
      encoding: {
        ...at,
        color: plain('colour'),
        strokeWidth: plainNumber('thick'),
        strokeDash: plain('dash'),
        detail,
      },
    },
    {
      transform: ofKind('interval'),
      mark: { type: 'rule', strokeWidth: 1.6 },
      encoding: { ...interval, color: plain('colour'), description: DESCRIPTION },
    },
    {
      transform: ofKind('dot'),
      mark: { type: 'point', filled: true },
      encoding: {
        ...at,
        color: plain('colour'),
        size: plainNumber('size'),
        opacity: plainNumber('seen'),
        description: DESCRIPTION,
      },
    },
    {
      transform: ofKind('ring'),
      mark: { type: 'point', filled: false, size: 102, strokeWidth: 1.6, opacity: 1, aria: false },
      encoding: { ...at, color: plain('colour') },
    },
  ] as Layer[];
}

/** An amount on a logarithmic axis, which has neither zero nor infinity: damaged files may lead to both. */
const shownAmount = (amount: number) => Math.min(Number.MAX_VALUE, Math.max(1e-12, amount));

/** @param panels one or more, each with a line that has a point */
export function drawLogPanels(panels: readonly Panel[], canvas: Canvas, options: LogPanelOptions): Drawing {
  const narrow = canvas.name === 'narrow';
  const height = narrow ? 130 : 165;
  const points = panels.flatMap(({ lines }) => lines.flatMap((own) => own.points));
  const low = shownAmount(Math.min(...points.map((point) => point.low)));
  const high = shownAmount(Math.max(...points.map((point) => point.high)));
  // Space for the labels above and below the lines, which is a factor on a logarithmic axis.
  const labelled = panels.some(({ lines }) => lines.some(({ labels = [] }) => labels.length > 0));
  const stretch = labelled ? (high / low) ** 0.12 * 1.25 : 1.15;
  const range = [shownAmount(low / stretch), shownAmount(high * stretch)] as const;
  const amounts: AxisOptions = { scale: 'log', domain: range, title: options.yTitle };
  const left = labelRoom(amounts);
  const gap = narrow ? 28 : 32;
  const names = panels.map(({ name }) => name);
  const roomFor = (columns: number) => Math.floor((canvas.width - left - RIGHT_ROOM - gap * (columns - 1)) / columns);
  const most = Math.min(panels.length, narrow ? 2 : 4);
  // Names that two columns would cut to the same title get the full width.
  const columns = narrow && hasNumbers(names, panelTitles(names, roomFor(most))) ? 1 : most;
  // A single full-width panel would make slopes hard to read.
  const width = Math.min(roomFor(columns), columns === 1 ? 760 : 420);
  const xs = [...points.map((point) => point.x), ...options.xTicks.map((tick) => tick.at)];
  const [first, last] = [Math.min(...xs), Math.max(...xs)];
  // A single point is placed in the middle.
  const domain = first < last ? ([first, last] as const) : ([first * 0.9, last * 1.1] as const);
  const padding = options.xScale === 'log' ? 0 : 8;
  const units = (at: number) => (options.xScale === 'log' ? Math.log(at) : at);
  const amountAt = (unit: number) => (options.xScale === 'log' ? Math.exp(unit) : unit);
  const perUnit = (width - 2 * padding) / (units(domain[1]) - units(domain[0]));
  const ticks = thinTicks(options.xTicks.map((tick) => ({ ...tick, px: units(tick.at) * perUnit })));
  const x = bottomAxis({ scale: options.xScale, domain, padding, title: options.xTitle, ticks });
  const y = leftAxis(amounts);
  const rows = panels.flatMap((panel, index) => {
    const ghosts = ghostsOf(panels).flatMap((other, line) =>
      (other.lines[0]?.points ?? []).map(({ x: at, value }) => ({
        kind: 'ghost',
        line: `ghost ${line}`,
        x: at,
        value,
        words: wordsOf({ arm: other.arm }),
      })),
    );
    const labels = panel.lines.flatMap(labelsOf).map(({ text, end, side, x: at, value }) => ({
      kind: `label ${end} ${side}`,
      text,
      x: at,
      value,
      to: amountAt(units(at) + ((end === 'first' ? 1 : -1) * figureWidth(text)) / perUnit),
    }));
    const rings = panel.ring === undefined ? [] : [{ ...panel.ring, kind: 'ring', colour: panel.colour }];
    const lines = panel.lines.flatMap((own, line) => lineRows(own, `${line}`, panel.colour));
    return [...ghosts, ...lines, ...rings, ...labels].map((row) => ({ ...row, panel: index }));
  });
  return drawGrid({
    left,
    columns,
    gap,
    width,
    height,
    titles: panelTitles(names, width),
    arms: panels.map(({ arm }) => arm),
    rows,
    layer: [...layersOf(x, y), ...(labelled ? labelLayers(x, y) : [])],
    legend: lineLegend(options.legend, columns * width + gap * (columns - 1)),
  });
}
