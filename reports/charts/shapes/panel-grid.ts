/** Small multiples: one facet of a spec for all panels, with their titles and shared axes. */
import type { TopLevelSpec } from 'vega-lite';
import { shorten } from '../../../core/text/shorten.ts';
import { RIGHT_ROOM } from './axes.ts';
import type { Drawing, Layer } from './drawing.ts';
import { CHART_CONFIG, INK } from './theme.ts';

/** The width of a character of a title, px: that of the widest usual font, since the reader's is unknown. */
const TITLE_CHARACTER = 8;

/**
 * Panels are distinguished by their titles, so two names cut to the same text get a number. @param width of a panel,
 * px
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

/** Space above each panel for its title, and below it for the labels of its axis. */
const TITLE_ROOM = 22;
const AXIS_ROOM = 48;
const LEGEND_GAP = 8;

export interface PanelRow {
  /** The index of its panel. */
  readonly panel: number;
  /** The kind of row, which selects the layer that draws it. */
  readonly kind: string;
}

export interface Legend {
  readonly layer: readonly Layer[];
  readonly height: number;
}

export interface Grid {
  /** Room for labels, px. */
  readonly left: number;
  readonly columns: number;
  readonly gap: number;
  readonly width: number;
  readonly height: number;
  readonly titles: readonly string[];
  /** The arm of each panel. */
  readonly arms: readonly string[];
  readonly rows: readonly PanelRow[];
  /** Layers of each panel; each selects its rows with `ofKind`. */
  readonly layer: readonly Layer[];
  /** The legend above all panels. */
  readonly legend?: Legend;
}

export const ofKind = (kind: string) => [{ filter: `datum.kind === '${kind}'` }];

export function drawGrid(grid: Grid): Drawing {
  const { left, columns, gap, width, height, titles, legend } = grid;
  const step = TITLE_ROOM + height + AXIS_ROOM;
  const named = titles.map((text, panel) => ({ panel, kind: 'title', text }));
  const panels = {
    data: { values: [...named, ...grid.rows] },
    facet: { field: 'panel', type: 'ordinal' as const, header: { title: null, labelExpr: "''" } },
    columns,
    bounds: 'flush' as const,
    spacing: { row: TITLE_ROOM + AXIS_ROOM, column: gap },
    // Each panel has its own labels below, which move with it.
    resolve: { axis: { x: 'independent' as const } },
    spec: {
      width,
      height,
      layer: [
        ...grid.layer,
        {
          transform: ofKind('title'),
          mark: {
            type: 'text' as const,
            align: 'left' as const,
            baseline: 'middle' as const,
            fontWeight: 600 as const,
            color: INK,
            aria: false,
          },
          encoding: { x: { value: 0 }, y: { value: -12 }, text: { field: 'text', type: 'nominal' as const } },
        },
      ],
    },
  };
  const whole = columns * width + (columns - 1) * gap;
  const stacked = {
    spacing: LEGEND_GAP + TITLE_ROOM,
    bounds: 'flush' as const,
    vconcat: [{ width: whole, height: legend?.height ?? 0, layer: [...(legend?.layer ?? [])] }, panels],
  };
  const spec = { config: CHART_CONFIG, ...(legend === undefined ? panels : stacked) } as TopLevelSpec;
  const top = legend === undefined ? TITLE_ROOM : 0;
  const above = legend === undefined ? 0 : legend.height + LEGEND_GAP;
  const rows = Math.ceil(titles.length / columns);
  return { width: left + whole + RIGHT_ROOM, height: above + rows * step, left, top, spec, panels: grid.arms };
}
