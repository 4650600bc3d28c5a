/** The style shared by all charts, and its dark version. */
import type { Config } from 'vega-lite';
import { TONES } from '../../view/palette.ts';

export const FONT = "Inter, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
export const FONT_SIZE = 12;

/** Neutral tones as written in specs: those of the light page. */
export const INK = TONES.ink.light;
export const MUTED = TONES.muted.light;
export const FAINT = TONES.faint.light;
export const GRID = TONES.grid.light;
export const GHOST = TONES.ghost.light;
export const NEUTRAL = TONES.neutral.light;
export const SURFACE = TONES.surface.light;

export const CHART_CONFIG: Config = {
  background: 'transparent',
  font: FONT,
  view: { stroke: null },
  text: { fontSize: FONT_SIZE, fill: INK },
  rule: { strokeCap: 'butt' },
  axis: {
    // The whole chart has one text alternative.
    aria: false,
    translate: 0,
    labelColor: MUTED,
    labelFontSize: FONT_SIZE - 1,
    // Without a canvas Vega overestimates text widths, so the fitting labels are chosen beforehand.
    labelFlush: false,
    labelOverlap: false,
    labelBound: false,
    titleColor: MUTED,
    titleFontSize: FONT_SIZE - 1,
    titleFontWeight: 'normal',
    gridColor: GRID,
    tickColor: GRID,
    domain: false,
    ticks: false,
    labelPadding: 7,
  },
};

/**
 * Style rules that recolour a chart on a dark page. They select the light tones by attribute, which any rule
 * overrides, so that the SVG stays plain and is also right without style sheets.
 */
export function darkChartRules(scope: string): string {
  return Object.values(TONES)
    .map(({ light, dark }) => `${scope} [fill="${light}"]{fill:${dark}}${scope} [stroke="${light}"]{stroke:${dark}}`)
    .join('');
}

/** The approximate width of text in px, to reserve space without a canvas to measure on. */
export function textWidth(text: string): number {
  return Math.ceil(text.length * FONT_SIZE * 0.56);
}

/** The width of numbers with their units and brackets, which are narrower than words. */
export function figureWidth(text: string): number {
  return Math.ceil(text.length * FONT_SIZE * 0.5);
}
