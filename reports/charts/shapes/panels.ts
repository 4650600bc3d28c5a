/** Small multiples: one panel per series on shared axes, the other series as ghosts behind it. */

import type { TopLevelSpec } from 'vega-lite';
import type { Interval } from '../../../core/stats/interval.ts';
import type { Canvas } from './chart.ts';
import { CHART_CONFIG, FAINT, GHOST, SURFACE, shorten } from './theme.ts';

export interface SeriesPoint extends Interval {
  readonly x: number;
  /** Drawn hollow. */
  readonly flagged: boolean;
}

export interface Series {
  readonly name: string;
  readonly colour: string;
  /** By rising x. */
  readonly points: readonly SeriesPoint[];
}

export interface PanelOptions {
  readonly xTitle: string;
  readonly yTitle: string;
  /** A dashed line per panel from what the series itself would be at its best: `N × one replica`. */
  readonly ideal?: (series: Series) => readonly { readonly x: number; readonly value: number }[];
  /** A dashed level across all panels. */
  readonly level?: number;
}

/** A character of a title, px: as wide as in the widest of the usual fonts, since the reader's is not known. */
const TITLE_CHARACTER = 8;

/**
 * Panels are told apart by their titles, so two names that were cut to the same one get a number.
 * @param width of a panel, px
 */
export function panelTitles(names: readonly string[], width: number): string[] {
  const longest = Math.floor(width / TITLE_CHARACTER);
  const cut = names.map((name) => shorten(name, longest));
  return cut.map((title, index) => {
    if (cut.indexOf(title) === index) return title;
    const number = ` (${index + 1})`;
    return `${shorten(names[index] ?? title, Math.max(1, longest - number.length))}${number}`;
  });
}

/** Whether a title is no beginning of its name: it was cut to the same as another one, and numbered. */
function hasNumbers(names: readonly string[], titles: readonly string[]): boolean {
  return titles.some((title, index) => title !== names[index] && !title.endsWith('…'));
}

type Role = 'own' | 'ghost' | 'ideal';

export function panelsSpec(all: readonly Series[], canvas: Canvas, options: PanelOptions): TopLevelSpec {
  const narrow = canvas.name === 'narrow';
  const names = all.map((series) => series.name);
  const gap = narrow ? 16 : 24;
  const widthIn = (columns: number) => Math.floor((canvas.width - 64 - gap * (columns - 1)) / columns);
  const most = Math.min(all.length, narrow ? 2 : 4);
  // Names that two columns would cut to the same get the whole width.
  const columns = narrow && hasNumbers(names, panelTitles(names, widthIn(most))) ? 1 : most;
  const panelWidth = widthIn(columns);
  const titles = panelTitles(names, panelWidth);
  const title = (series: Series) => titles[all.indexOf(series)] ?? series.name;
  const row = (panel: Series, role: Role, series: string, colour: string) => (point: object) => ({
    ...point,
    panel: title(panel),
    role,
    series,
    colour,
  });
  const values = all.flatMap((panel) => [
    ...all
      .filter((other) => other !== panel)
      .flatMap((other) => other.points.map(row(panel, 'ghost', other.name, GHOST))),
    ...(options.ideal?.(panel) ?? []).map(row(panel, 'ideal', 'ideal', FAINT)),
    ...panel.points.map(row(panel, 'own', panel.name, panel.colour)),
  ]);
  const xs = [...new Set(all.flatMap((series) => series.points.map((point) => point.x)))].sort((a, b) => a - b);
  const only = (role: Role) => [{ filter: `datum.role === '${role}'` }];
  const x = {
    field: 'x',
    type: 'quantitative' as const,
    scale: { domain: [Math.min(...xs), Math.max(...xs)], nice: false, padding: 8 },
    axis: { title: options.xTitle, values: xs, format: 'd', grid: false, titleAnchor: 'start' as const },
  };
  const y = {
    field: 'value',
    type: 'quantitative' as const,
    scale: { zero: true },
    axis: { title: options.yTitle, tickCount: 4, labelExpr: "datum.value === 0 ? '0' : format(datum.value, '~s')" },
  };
  const colour = { field: 'colour', type: 'nominal' as const, scale: null };
  const level =
    options.level === undefined
      ? []
      : [
          {
            mark: { type: 'rule' as const, strokeDash: [3, 3], color: FAINT },
            encoding: { y: { datum: options.level, type: 'quantitative' as const } },
          },
        ];
  return {
    config: CHART_CONFIG,
    padding: 4,
    data: { values },
    facet: { field: 'panel', type: 'nominal', sort: titles, header: {} },
    columns,
    // By the panels' own sizes: the names above them would be taken for wider than they are, and push panels apart.
    bounds: 'flush',
    spacing: { row: 44, column: gap },
    spec: {
      width: panelWidth,
      height: narrow ? 120 : 140,
      layer: [
        {
          transform: only('ghost'),
          mark: { type: 'line', strokeWidth: 1.2, color: GHOST },
          encoding: { x, y, detail: { field: 'series', type: 'nominal' } },
        },
        ...level,
        {
          transform: only('ideal'),
          mark: { type: 'line', strokeDash: [3, 3], strokeWidth: 1.2, color: FAINT },
          encoding: { x, y },
        },
        {
          transform: only('own'),
          mark: { type: 'line', strokeWidth: 2.2 },
          encoding: { x, y, color: colour },
        },
        {
          transform: only('own'),
          mark: { type: 'rule', strokeWidth: 2.2 },
          encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color: colour },
        },
        {
          transform: only('own'),
          mark: { type: 'point', filled: true, size: 34, opacity: 1 },
          encoding: { x, y, color: colour },
        },
        {
          transform: [...only('own'), { filter: 'datum.flagged' }],
          mark: { type: 'point', filled: true, size: 10, opacity: 1, color: SURFACE },
          encoding: { x, y },
        },
      ],
    },
  };
}
