/** The few kinds of marks that charts are made of, as SVG. Colours are inherited from groups, so that files stay small. */
import { type Content, html, type SafeHtml } from '../../html.ts';
import { FAINT, FONT_SIZE, GRID, MUTED } from './theme.ts';

export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** What stands within the root element. */
  readonly body: SafeHtml;
}

/** A tenth of a pixel is more than an eye can see. */
export const px = (value: number) => Math.round(value * 10) / 10;

export const move = (x: number, y: number) => `translate(${px(x)},${px(y)})`;

/** @param attributes names and values; null leaves one out */
export function group(attributes: Readonly<Record<string, string | number | null>>, ...content: Content[]): SafeHtml {
  const given = Object.entries(attributes).filter(([, value]) => value !== null);
  return html`<g${given.map(([name, value]) => html` ${name}="${value}"`)}>${content}</g>`;
}

/** A mark that tells its figure when it is pointed at. */
export function told(tip: string | undefined, ...content: Content[]): SafeHtml {
  return tip === undefined || tip === '' ? html`${content}` : html`<g data-tip="${tip}">${content}</g>`;
}

/** What belongs to an arm, and is shown or hidden with it. */
export function ofArm(arm: string | undefined, attributes: Readonly<Record<string, string>>, ...content: Content[]) {
  return group({ ...(arm === undefined ? {} : { 'data-arm': arm }), ...attributes }, ...content);
}

export const rule = (x1: number, y1: number, x2: number, y2: number, width?: number) =>
  width === undefined
    ? html`<path d="M${px(x1)},${px(y1)}L${px(x2)},${px(y2)}"/>`
    : html`<path stroke-width="${width}" d="M${px(x1)},${px(y1)}L${px(x2)},${px(y2)}"/>`;

export const dot = (x: number, y: number, r: number) =>
  html`<circle cx="${px(x)}" cy="${px(y)}" r="${r}" stroke="none"/>`;

export const ring = (x: number, y: number, r: number) =>
  html`<circle cx="${px(x)}" cy="${px(y)}" r="${r}" fill="none" stroke-width="1.6"/>`;

export const diamond = (x: number, y: number) =>
  html`<path d="M${px(x - 5)},${px(y)}L${px(x)},${px(y - 5)}L${px(x + 5)},${px(y)}L${px(x)},${px(y + 5)}Z" fill="none" stroke-width="1.6"/>`;

export const box = (x: number, y: number, width: number, height: number, fill: string) =>
  html`<rect x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" fill="${fill}"/>`;

/** Text whose middle is at `y`. */
export const text = (x: number, y: number, words: string) =>
  html`<text x="${px(x)}" y="${px(y + FONT_SIZE / 3)}">${words}</text>`;

export interface Place {
  readonly x: number;
  readonly y: number;
}

const pathOf = (points: readonly Place[]) =>
  points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${px(x)},${px(y)}`).join('');

export const line = (points: readonly Place[]) => html`<path d="${pathOf(points)}"/>`;

/** The area between two lines over the same places. */
export const band = (upper: readonly Place[], lower: readonly Place[]) =>
  html`<path d="${pathOf([...upper, ...lower.toReversed()])}Z" stroke="none"/>`;

export interface AxisTick {
  readonly px: number;
  readonly label: string;
}

const muted = { fill: MUTED, 'font-size': FONT_SIZE - 1 };

export interface BottomAxis {
  readonly ticks: readonly AxisTick[];
  readonly title: string;
  readonly height: number;
  /** Lines over the whole height; else short strokes. */
  readonly grid: boolean;
}

/** Below an area of this height, whose origin is the group's. */
export function bottomAxis({ ticks, title, height, grid }: BottomAxis): SafeHtml {
  return html`${group(
    { stroke: GRID },
    ticks.map((tick) => rule(tick.px, grid ? 0 : height, tick.px, grid ? height : height + 4)),
  )}${group(
    { ...muted, 'text-anchor': 'middle' },
    ticks.map((tick) => text(tick.px, height + 12, tick.label)),
  )}${group(muted, text(0, height + 29, title))}`;
}

/** Labels at the left of an area, and a line across it at each. */
export function leftAxis(ticks: readonly AxisTick[], width: number): SafeHtml {
  return html`${group(
    { stroke: GRID },
    ticks.map((tick) => rule(0, tick.px, width, tick.px)),
  )}`;
}

export function leftLabels(ticks: readonly AxisTick[], title: string, titleY: number): SafeHtml {
  return html`${group(
    { ...muted, 'text-anchor': 'end' },
    ticks.map((tick) => text(-7, tick.px, tick.label)),
  )}${group({ ...muted, 'text-anchor': 'end' }, text(-7, titleY, title))}`;
}

export const dashed = (...content: Content[]) => group({ stroke: FAINT, 'stroke-dasharray': '3,3' }, ...content);
