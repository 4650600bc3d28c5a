/** Marks as vega draws them, from the rows of a layer. */

import { FONT_SIZE, INK } from '../shapes/theme.ts';
import type { Element } from '../svg/svg-tree.ts';
import { anchorOf, dropOf, element, kindOf, moved, placed } from './elements.ts';
import type { AxisScale } from './scale.ts';
import { isPart, notDirect, numberOf, numbersOf, type Part, partOf, type Row, textOf } from './subset.ts';

/** A layer, with the scales that its rows stand on. */
export interface Layer {
  readonly mark: Part;
  readonly encoding: Part;
  readonly rows: readonly Row[];
  readonly x: AxisScale | null;
  readonly y: AxisScale | null;
  /** Of the area, px. */
  readonly width: number;
}

const POSITION = ['field', 'type', 'scale', 'axis', 'value', 'datum'];
const PLAIN = ['field', 'type', 'scale'];

type Of<T> = (row: Row) => T;

function fieldOf(channel: unknown, name: string): string {
  const { field, scale } = partOf(channel, PLAIN, name);
  if (scale !== null && scale !== undefined) notDirect(`${name} with a scale`);
  return textOf(field, name);
}

/** The place of a channel, px; null if the layer has no such channel. */
function placeOf({ encoding, ...scales }: Layer, name: 'x' | 'y' | 'x2' | 'y2'): Of<number> | null {
  const given = encoding[name];
  if (given === undefined) return null;
  const { field, scale: spec, value, datum } = partOf(given, POSITION, name);
  if (value !== undefined) return () => numberOf(value, name);
  const direction = name.startsWith('x') ? 'x' : 'y';
  // The end of a range stands on the scale of its begin.
  const first = encoding[direction];
  const isPixels = (name === direction ? spec : isPart(first) ? first.scale : undefined) === null;
  const scale = scales[direction];
  if (!isPixels && scale === null) return notDirect(`${name} without a scale`);
  const at = (amount: unknown) => numberOf(isPixels ? amount : scale?.at(numberOf(amount, name)), name);
  if (datum !== undefined) return () => at(datum);
  const key = textOf(field, name);
  return (row) => at(row[key]);
}

function looked<T>(
  { encoding, mark }: Layer,
  channel: string,
  property: string,
  read: (value: unknown, what: string) => T,
): Of<T | undefined> {
  if (encoding[channel] !== undefined) {
    const key = fieldOf(encoding[channel], channel);
    return (row) => read(row[key], channel);
  }
  const value = mark[property];
  const fixed = value === undefined ? undefined : read(value, property);
  return () => fixed;
}

const colourOf = (layer: Layer): Of<string | undefined> => looked(layer, 'color', 'color', textOf);
const dashesOf = (value: unknown, what: string) => numbersOf(value, what).join();

/** The words that describe it, as vega writes them: only where the chart gives some. */
function wordsOf({ encoding }: Layer): Of<string | undefined> {
  if (encoding.description === undefined) return () => undefined;
  const key = fieldOf(encoding.description, 'description');
  return (row) => textOf(row[key], 'description');
}

interface Look {
  readonly stroke: Of<string | undefined>;
  readonly width: Of<number | undefined>;
  readonly dashes: Of<string | undefined>;
  readonly opacity: Of<number | undefined>;
  readonly words: Of<string | undefined>;
}

const lookOf = (layer: Layer): Look => ({
  stroke: colourOf(layer),
  width: looked(layer, 'strokeWidth', 'strokeWidth', numberOf),
  dashes: looked(layer, 'strokeDash', 'strokeDash', dashesOf),
  opacity: looked(layer, 'opacity', 'opacity', numberOf),
  words: wordsOf(layer),
});

const strokeOf = (look: Look, row: Row) => ({
  stroke: look.stroke(row) ?? notDirect('a line without a colour'),
  'stroke-width': look.width(row),
  'stroke-dasharray': look.dashes(row),
  opacity: look.opacity(row),
});

const shiftOf = ({ mark }: Layer, name: string): number => (mark[name] === undefined ? 0 : numberOf(mark[name], name));

/** @param keys of the mark and the channels that it understands, besides its place and its description */
function checked({ mark, encoding }: Layer, keys: readonly string[], channels: readonly string[]): void {
  partOf(mark, ['type', 'aria', ...keys], 'a mark');
  partOf(encoding, ['x', 'y', 'description', ...channels], 'an encoding');
}

function rules(layer: Layer): Element[] {
  checked(
    layer,
    ['strokeWidth', 'strokeDash', 'color', 'opacity', 'xOffset', 'yOffset'],
    ['x2', 'y2', 'color', 'strokeWidth', 'strokeDash'],
  );
  const [x, y, x2, y2] = (['x', 'y', 'x2', 'y2'] as const).map((name) => placeOf(layer, name));
  const look = lookOf(layer);
  const [right, down] = [shiftOf(layer, 'xOffset'), shiftOf(layer, 'yOffset')];
  if (!y || (x && !x2 && !y2) || (!x && (x2 || y2))) return notDirect('a rule of another shape');
  return layer.rows.map((row) => {
    // Without a place from left to right, it goes all the way; vega begins at the right.
    const [fromX, fromY] = [(x ? x(row) : layer.width) + right, y(row) + down];
    const toX = x ? (x2 ? x2(row) : fromX) : 0;
    const toY = y2 ? y2(row) : fromY;
    return element('line', {
      'aria-label': look.words(row),
      transform: moved(fromX, fromY),
      x2: toX - fromX,
      y2: toY - fromY,
      ...strokeOf(look, row),
    });
  });
}

const thousandth = (px: number) => Math.round(px * 1000) / 1000;

function shapeOf(shape: unknown, size: number): string {
  const reach = Math.sqrt(size) / 2;
  const r = thousandth(reach);
  if (shape === undefined) return `M${r},0A${r},${r},0,1,1,${-r},0A${r},${r},0,1,1,${r},0`;
  if (shape === 'diamond') return `M${-r},0L0,${-r}L${r},0L0,${r}Z`;
  if (shape !== 'square') return notDirect('another shape');
  const side = thousandth(2 * reach);
  return `M${-r},${-r}h${side}v${side}h${-side}Z`;
}

function points(layer: Layer): Element[] {
  checked(
    layer,
    ['filled', 'size', 'shape', 'opacity', 'color', 'strokeWidth', 'xOffset'],
    ['color', 'size', 'opacity'],
  );
  const [x, y] = (['x', 'y'] as const).map((name) => placeOf(layer, name));
  const size = looked(layer, 'size', 'size', numberOf);
  const look = lookOf(layer);
  const { filled, shape } = layer.mark;
  const right = shiftOf(layer, 'xOffset');
  if (!x || !y || typeof filled !== 'boolean') return notDirect('a point of another kind');
  return layer.rows.map((row) => {
    const colour = look.stroke(row) ?? notDirect('a point without a colour');
    return element('path', {
      'aria-label': look.words(row),
      transform: moved(x(row) + right, y(row)),
      d: shapeOf(shape, size(row) ?? notDirect('a point without a size')),
      fill: filled ? colour : undefined,
      stroke: filled ? undefined : colour,
      'stroke-width': look.width(row),
      opacity: look.opacity(row) ?? notDirect('a point without an opacity'),
    });
  });
}

function texts(layer: Layer): Element[] {
  checked(layer, ['align', 'baseline', 'color', 'fontSize', 'fontWeight', 'dx', 'dy'], ['text']);
  const [x, y] = (['x', 'y'] as const).map((name) => placeOf(layer, name));
  const { align, baseline, fontSize = FONT_SIZE, fontWeight } = layer.mark;
  const size = numberOf(fontSize, 'a font size');
  if (!x || !y || baseline !== 'middle') return notDirect('a text elsewhere');
  const [right, down] = [shiftOf(layer, 'dx'), shiftOf(layer, 'dy') + dropOf('middle', size)];
  const anchor = anchorOf(textOf(align, 'an alignment'));
  const key = fieldOf(layer.encoding.text, 'text');
  const words = wordsOf(layer);
  const colour = looked(layer, 'color', 'color', textOf);
  const weight = weightOf(fontWeight);
  return layer.rows.map((row) => {
    const text = textOf(row[key], 'text').trim();
    return element(
      'text',
      {
        'aria-label': words(row),
        'text-anchor': anchor,
        transform: moved(x(row) + right, y(row) + down),
        'font-size': `${size}px`,
        'font-weight': weight(row),
        fill: colour(row) ?? INK,
      },
      text === '' ? [] : [text],
    );
  });
}

/** A number, or an expression that names a field with it. */
function weightOf(weight: unknown): Of<number | undefined> {
  if (weight === undefined) return () => undefined;
  if (!isPart(weight)) return () => numberOf(weight, 'a weight');
  const { expr } = partOf(weight, ['expr'], 'a weight');
  const key = /^datum\.(\w+)$/.exec(textOf(expr, 'a weight'))?.[1] ?? notDirect('a weight that is computed');
  return (row) => numberOf(row[key], 'a weight');
}

/** Upright strokes. */
function ticks(layer: Layer): Element[] {
  checked(layer, ['orient', 'thickness', 'size', 'color', 'opacity'], []);
  const [x, y] = (['x', 'y'] as const).map((name) => placeOf(layer, name));
  const { orient, color } = layer.mark;
  const thickness = numberOf(layer.mark.thickness, 'a thickness');
  const size = numberOf(layer.mark.size, 'a size');
  if (!x || !y || orient !== 'vertical') return notDirect('a tick of another kind');
  const look = lookOf(layer);
  return layer.rows.map((row) =>
    element('path', {
      'aria-label': look.words(row),
      d: `M${x(row) - thickness / 2},${y(row) - size / 2}h${thickness}v${size}h${-thickness}Z`,
      fill: textOf(color, 'a colour'),
      opacity: look.opacity(row) ?? notDirect('a tick without an opacity'),
    }),
  );
}

function rectangles(layer: Layer): Element[] {
  checked(layer, ['strokeWidth'], ['x2', 'y2', 'fill', 'stroke']);
  const [x, y, x2, y2] = (['x', 'y', 'x2', 'y2'] as const).map((name) => placeOf(layer, name));
  if (!x || !y || !x2 || !y2) return notDirect('a rectangle of another kind');
  const [fill, stroke] = ['fill', 'stroke'].map((channel) => fieldOf(layer.encoding[channel], channel));
  const { strokeWidth } = layer.mark;
  return layer.rows.map((row) => {
    const [left, right] = [Math.min(x(row), x2(row)), Math.max(x(row), x2(row))];
    const [top, bottom] = [Math.min(y(row), y2(row)), Math.max(y(row), y2(row))];
    return element('path', {
      d: `M${left},${top}h${right - left}v${bottom - top}h${left - right}Z`,
      fill: textOf(row[fill ?? ''], 'a colour'),
      stroke: textOf(row[stroke ?? ''], 'a colour'),
      'stroke-width': numberOf(strokeWidth, 'a width'),
    });
  });
}

interface Place {
  readonly row: Row;
  readonly x: number;
}

/** The rows of each line or area, by rising x. */
function seriesOf(layer: Layer, x: Of<number>): Place[][] {
  const keys = ['detail', 'color', 'strokeWidth', 'strokeDash', 'opacity'].flatMap((channel) =>
    layer.encoding[channel] === undefined ? [] : [fieldOf(layer.encoding[channel], channel)],
  );
  const { field } = partOf(layer.encoding.x, POSITION, 'x');
  const key = textOf(field, 'x');
  const nameOf = (row: Row) => JSON.stringify(keys.map((one) => row[one]));
  return [...Map.groupBy(layer.rows, nameOf).values()].map((own) =>
    own.toSorted((a, b) => numberOf(a[key], 'x') - numberOf(b[key], 'x')).map((row) => ({ row, x: x(row) })),
  );
}

const at = (x: number, y: number) => `${thousandth(x)},${thousandth(y)}`;

/** Vega gives each series a group of its own. */
const apart = (paths: readonly Element[]): Element[] => paths.map((path) => placed(0, 0, [kindOf('mark', [path])]));

function lines(layer: Layer): Element[] {
  checked(layer, ['strokeWidth', 'color'], ['color', 'strokeWidth', 'strokeDash', 'detail']);
  const [x, y] = (['x', 'y'] as const).map((name) => placeOf(layer, name));
  if (!x || !y) return notDirect('a line of another kind');
  const look = lookOf(layer);
  return apart(
    seriesOf(layer, x).map((places) => {
      const { row } = places[0] ?? notDirect('a line without places');
      const d = `M${places.map((place) => at(place.x, y(place.row))).join('L')}${places.length === 1 ? 'Z' : ''}`;
      return element('path', { 'aria-label': look.words(row), d, ...strokeOf(look, row) });
    }),
  );
}

function areas(layer: Layer): Element[] {
  checked(layer, [], ['color', 'y2', 'opacity', 'detail']);
  const [x, y, y2] = (['x', 'y', 'y2'] as const).map((name) => placeOf(layer, name));
  if (!x || !y || !y2) return notDirect('an area of another kind');
  const look = lookOf(layer);
  return apart(
    seriesOf(layer, x).map((places) => {
      const { row } = places[0] ?? notDirect('an area without places');
      const forth = places.map((place) => at(place.x, y(place.row)));
      const back = places.toReversed().map((place) => at(place.x, y2(place.row)));
      return element('path', {
        d: `M${[...forth, ...back].join('L')}Z`,
        fill: look.stroke(row) ?? notDirect('an area without a colour'),
        opacity: look.opacity(row),
      });
    }),
  );
}

const MARKS: Readonly<Record<string, (layer: Layer) => Element[]>> = {
  rule: rules,
  point: points,
  text: texts,
  tick: ticks,
  rect: rectangles,
  line: lines,
  area: areas,
};

/** @throws NotDirect */
export function marksOf(layer: Layer): Element {
  const draw = MARKS[textOf(layer.mark.type, 'a mark')];
  return kindOf('marks', (draw ?? (() => notDirect('another mark')))(layer));
}
