/**
 * A differential flame graph of two builds (Gregg 2016, "The flame graph"): as wide as the time in the head, red if
 * that is more than in the base, blue if it is less.
 */
import type { TopLevelSpec } from 'vega-lite';
import { formatFixed } from '../../core/text/format.ts';
import { shorten } from '../../core/text/shorten.ts';
import { DESCRIPTION, type Drawing, pixels, plain, wordsOf } from '../charts/shapes/drawing.ts';
import { renderChart, standalone } from '../charts/shapes/render.ts';
import { CHART_CONFIG, FONT_SIZE, figureWidth, MUTED } from '../charts/shapes/theme.ts';
import { html } from '../html.ts';

/** A function and its callees, µs per request. */
export interface FlameNode {
  readonly name: string;
  readonly file: string;
  readonly baseUs: number;
  readonly headUs: number;
  readonly children: readonly FlameNode[];
}

const WIDTH = 1200;
const ROW = 18;
const TOP = 48;
/** Narrower boxes are omitted, px. */
const NARROWEST = 1;
const TEXT_FROM = 34;

/** Dark text is readable on all of these, on a dark page too. */
const TEXT = '#1a1a1a';
const SAME = '#d9d3c7';
const MORE = ['#f3c4b8', '#ea9582', '#dd6a52'] as const;
const LESS = ['#c3d9ee', '#94bde0', '#659fce'] as const;
/**
 * Shares of the whole request: smaller differences have no colour, and the strongest colour begins at the last step.
 */
const STEPS = [0.005, 0.015, 0.04] as const;

interface Box {
  readonly x: number;
  readonly x2: number;
  readonly depth: number;
  readonly node: FlameNode;
}

/** Pure. Callers below, callees above. */
export function boxesOf(root: FlameNode, width: number): Box[] {
  const boxes: Box[] = [];
  const left = [{ node: root, x: 0, depth: 0 }];
  const scale = root.headUs > 0 ? width / root.headUs : 0;
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { node, x, depth } = next;
    const wide = node.headUs * scale;
    if (wide < NARROWEST) continue;
    boxes.push({ x, x2: x + wide, depth, node });
    let at = x;
    for (const child of node.children) {
      left.push({ node: child, x: at, depth: depth + 1 });
      at += child.headUs * scale;
    }
  }
  return boxes;
}

export function colourOf({ baseUs, headUs }: Pick<FlameNode, 'baseUs' | 'headUs'>, totalUs: number): string {
  const share = (headUs - baseUs) / totalUs;
  const step = STEPS.filter((least) => Math.abs(share) >= least).length;
  return step === 0 ? SAME : ((share > 0 ? MORE : LESS)[step - 1] ?? SAME);
}

const us = (value: number) => `${formatFixed(value, 2)} µs`;

function tipOf({ name, file, baseUs, headUs }: FlameNode): string {
  const change = headUs - baseUs;
  const place = file === '' ? '' : `, ${file}`;
  return `${name}${place}: ${us(baseUs)} in base, ${us(headUs)} in head (${change < 0 ? '' : '+'}${us(change)})`;
}

/** @param root of all arms, or of one */
export function drawFlame(root: FlameNode): Drawing {
  const boxes = boxesOf(root, WIDTH);
  const deepest = Math.max(0, ...boxes.map(({ depth }) => depth));
  const height = (deepest + 1) * ROW;
  const values = boxes.map(({ x, x2, depth, node }) => {
    const y = height - (depth + 1) * ROW;
    const room = Math.floor((x2 - x - 8) / figureWidth('0'));
    return {
      ...{ x, x2: Math.max(x + NARROWEST, x2 - 1), y, y2: y + ROW - 1, middle: y + ROW / 2, from: x + 4 },
      colour: colourOf(node, root.headUs),
      text: x2 - x < TEXT_FROM ? '' : shorten(node.name, room),
      words: wordsOf({ tip: tipOf(node) }),
    };
  });
  const data = { values };
  const named = { values: values.filter(({ text }) => text !== '') };
  const layer = [
    {
      data,
      mark: { type: 'rect', aria: true },
      encoding: {
        ...{ x: pixels('x'), x2: { field: 'x2' }, y: pixels('y'), y2: { field: 'y2' }, color: plain('colour') },
        description: DESCRIPTION,
      },
    },
    {
      data: named,
      mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: FONT_SIZE - 1, color: TEXT, aria: true },
      encoding: {
        ...{ x: pixels('from'), y: pixels('middle'), text: { field: 'text', type: 'nominal' } },
        description: DESCRIPTION,
      },
    },
    {
      data: { values: legend() },
      mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: FONT_SIZE, color: MUTED, aria: false },
      encoding: { x: pixels('x'), y: pixels('y'), text: { field: 'text', type: 'nominal' } },
    },
  ];
  return {
    width: WIDTH,
    height: height + TOP,
    left: 0,
    top: TOP,
    spec: { width: WIDTH, height, config: CHART_CONFIG, layer } as TopLevelSpec,
  };
}

function legend() {
  const text =
    'The width is the time of a request in head. Red: more than in base; blue: less; no colour: within 0.5 % of the request.';
  return [{ x: 0, y: -TOP / 2, text }];
}

/**
 * A separate SVG file without script, light or dark as the reader's system; pointing at a function shows its figures.
 */
export async function flameSvg(root: FlameNode, title: string): Promise<string> {
  const drawn = await renderChart(drawFlame(root), title);
  const sentence = `${title}: ${us(root.baseUs)} a request in the base, ${us(root.headUs)} in the head.`;
  return `${standalone(withTitles(drawn), sentence)}\n`;
}

/** A browser shows the title of a group under the pointer. The text of the attribute is already escaped. */
function withTitles(svg: string): string {
  return svg.replace(/(<g[^>]*?) data-tip="([^"]*)"([^>]*)>/g, (_all, before: string, tip: string, after: string) => {
    return `${before}${after}>${html`<title>`.markup}${tip}</title>`;
  });
}
