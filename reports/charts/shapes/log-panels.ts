/** Small multiples on a logarithmic amount: one panel per arm, several lines in each, the other arms as ghosts. */
import type { TopLevelSpec } from 'vega-lite';
import type { Canvas } from './chart.ts';
import { DASH, type LegendLine, type LineRole, lineLegend, THICK } from './line-legend.ts';
import { panelTitles, type SeriesPoint } from './panels.ts';
import { CHART_CONFIG, FAINT, FONT_SIZE, figureWidth, GHOST, MUTED, SURFACE } from './theme.ts';
import { logTicks, thinTicks } from './ticks.ts';

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
  readonly colour: string;
  /** The first one also stands as a ghost in the other panels. */
  readonly lines: readonly PanelLine[];
  /** A point that stands out. */
  readonly ring?: { readonly x: number; readonly value: number };
}

export interface LogPanelOptions {
  readonly xTitle: string;
  readonly yTitle: string;
  /** Of its labels, in D3's notation; plain numbers when left out. `~s` keeps thousands and millions short. */
  readonly yFormat?: string;
  readonly xScale: 'log' | 'linear';
  readonly xTicks: readonly { readonly at: number; readonly label: string }[];
  readonly legend: readonly LegendLine[];
}

/** Whole panels in each row, with room for a last tick's label at the right. */
function layPanels(count: number, canvas: Canvas) {
  const narrow = canvas.name === 'narrow';
  const columns = Math.min(count, narrow ? 2 : 4);
  const gap = narrow ? 28 : 32;
  const room = canvas.width - 74 - gap * (columns - 1);
  return { columns, gap, width: Math.min(Math.floor(room / columns), 420), height: narrow ? 130 : 165 };
}

/** @param panels one or more, each with a line that has a point */
export function logPanelsSpec(panels: readonly Panel[], canvas: Canvas, options: LogPanelOptions): TopLevelSpec {
  const { columns, gap, width, height } = layPanels(panels.length, canvas);
  const titles = panelTitles(
    panels.map((panel) => panel.name),
    width,
  );
  const points = panels.flatMap(({ lines }) => lines.flatMap((line) => line.points));
  const low = Math.min(...points.map((point) => point.low));
  const high = Math.max(...points.map((point) => point.high));
  // Room for the labels above and below the lines, which a logarithmic axis measures in factors.
  const labelled = panels.some(({ lines }) => lines.some(({ labels = [] }) => labels.length > 0));
  const stretch = labelled ? (high / low) ** 0.12 * 1.25 : 1.15;
  const yDomain = [low / stretch, high * stretch];
  const xs = [...points.map((point) => point.x), ...options.xTicks.map((tick) => tick.at)];
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  // One point alone stands in the middle.
  const xDomain: [number, number] = left < right ? [left, right] : [left * 0.9, right * 1.1];
  const padding = options.xScale === 'log' ? 0 : 8;
  const toUnits = (at: number) => (options.xScale === 'log' ? Math.log(at) : at);
  const fromUnits = (units: number) => (options.xScale === 'log' ? Math.exp(units) : units);
  const perUnit = (width - 2 * padding) / (toUnits(xDomain[1]) - toUnits(xDomain[0]));
  const textEnd = (at: number, { end, text }: PointLabel) =>
    fromUnits(toUnits(at) + ((end === 'first' ? 1 : -1) * figureWidth(text)) / perUnit);
  const rows = panels.flatMap((panel, index) => {
    const place = { panel: titles[index], colour: panel.colour };
    const ghosts = panels.filter((other) => other !== panel);
    return [
      ...ghosts.flatMap(({ name, lines }) =>
        (lines[0]?.points ?? []).map((point) => ({ ...point, ...place, role: 'ghost', line: `ghost ${name}` })),
      ),
      ...panel.lines.flatMap(({ role, points }, line) =>
        points.map((point) => ({ ...point, ...place, role, line: `${role} ${line}` })),
      ),
      ...panel.lines.flatMap(({ points, labels = [] }) =>
        labels.flatMap((label) => {
          const point = points.at(label.end === 'first' ? 0 : -1);
          return point === undefined
            ? []
            : [{ ...point, ...place, ...label, role: 'label', to: textEnd(point.x, label) }];
        }),
      ),
      ...(panel.ring === undefined ? [] : [{ ...panel.ring, ...place, role: 'ring', line: 'ring' }]),
    ];
  });
  const ticks = thinTicks(options.xTicks.map((tick) => ({ ...tick, px: toUnits(tick.at) * perUnit })));
  const tickLabels = ticks.map(({ at, label }) => `datum.value == ${at} ? '${label}' : `).join('');
  const only = (...roles: string[]) => ({ filter: { field: 'role', oneOf: roles } });
  const x = {
    field: 'x',
    type: 'quantitative' as const,
    scale:
      options.xScale === 'log'
        ? { type: 'log' as const, domain: xDomain, nice: false }
        : { domain: xDomain, nice: false, padding },
    axis: {
      title: options.xTitle,
      titleAnchor: 'start' as const,
      values: ticks.map(({ at }) => at),
      labelExpr: `${tickLabels}''`,
      labelFlush: false,
      labelOverlap: false,
      grid: false,
    },
  };
  const y = {
    field: 'value',
    type: 'quantitative' as const,
    scale: { type: 'log' as const, domain: yDomain, nice: false },
    axis: { title: options.yTitle, values: logTicks(low / stretch, high * stretch), format: options.yFormat ?? '~g' },
  };
  const colour = { field: 'colour', type: 'nominal' as const, scale: null };
  const detail = { field: 'line', type: 'nominal' as const };
  const corners = (['first', 'last'] as const).flatMap((end) =>
    (['above', 'below'] as const).map((side) => ({
      end,
      towards: side === 'above' ? -1 : 1,
      transform: [only('label'), { filter: `datum.end === '${end}' && datum.side === '${side}'` }],
    })),
  );
  // The page shows through behind the text, so that no ghost runs through it.
  const backs = corners.map(({ transform, towards }) => ({
    transform,
    mark: { type: 'rule' as const, strokeWidth: 12, color: SURFACE, opacity: 0.85, yOffset: towards * 13 },
    encoding: { x, x2: { field: 'to' }, y },
  }));
  const labels = corners.map(({ transform, towards, end }) => ({
    transform,
    mark: {
      type: 'text' as const,
      align: end === 'first' ? ('left' as const) : ('right' as const),
      baseline: towards < 0 ? ('bottom' as const) : ('top' as const),
      dx: end === 'first' ? -4 : 6,
      dy: towards * 8,
      fontSize: FONT_SIZE - 1,
      color: MUTED,
    },
    encoding: { x, y, text: { field: 'text', type: 'nominal' as const } },
  }));
  return {
    config: CHART_CONFIG,
    padding: 4,
    bounds: 'flush',
    spacing: 34,
    vconcat: [
      lineLegend(options.legend, columns * width + gap * (columns - 1)),
      {
        data: { values: rows },
        facet: { field: 'panel', type: 'nominal', sort: titles, header: {} },
        columns,
        bounds: 'flush',
        spacing: { row: 50, column: gap },
        spec: {
          width,
          height,
          layer: [
            {
              transform: [only('ghost')],
              mark: { type: 'line', strokeWidth: 1.1, color: GHOST },
              encoding: { x, y, detail },
            },
            {
              transform: [only('machine')],
              mark: { type: 'line', strokeWidth: THICK.machine, strokeDash: DASH.machine, color: FAINT },
              encoding: { x, y, detail },
            },
            {
              transform: [only('beyond')],
              mark: { type: 'area', opacity: 0.09 },
              encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color: colour, detail },
            },
            {
              transform: [only('beyond')],
              mark: { type: 'line', strokeWidth: THICK.beyond, strokeDash: DASH.beyond },
              encoding: { x, y, color: colour, detail },
            },
            ...backs,
            {
              transform: [only('main')],
              mark: { type: 'area', opacity: 0.2 },
              encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color: colour, detail },
            },
            {
              transform: [only('second')],
              mark: { type: 'line', strokeWidth: THICK.second, strokeDash: DASH.second },
              encoding: { x, y, color: colour, detail },
            },
            {
              transform: [only('main')],
              mark: { type: 'line', strokeWidth: THICK.main },
              encoding: { x, y, color: colour, detail },
            },
            {
              transform: [only('main')],
              mark: { type: 'rule', strokeWidth: 1.6 },
              encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color: colour },
            },
            {
              transform: [only('main')],
              mark: { type: 'point', filled: true, size: 26, opacity: 1 },
              encoding: { x, y, color: colour },
            },
            {
              transform: [only('main'), { filter: 'datum.flagged' }],
              mark: { type: 'point', filled: true, size: 8, opacity: 1, color: SURFACE },
              encoding: { x, y },
            },
            {
              transform: [only('ring')],
              mark: { type: 'point', filled: false, size: 130, strokeWidth: 1.6, opacity: 1 },
              encoding: { x, y, color: colour },
            },
            ...labels,
          ],
        },
      },
    ],
  };
}
