/** Marks as vega draws them, from the rows of a layer. */

import { FONT_SIZE, INK } from '../shapes/theme.ts';
import type { Element } from '../svg/svg-tree.ts';
import {
  checked,
  colourOf,
  fieldOf,
  type Layer,
  lookedUp,
  lookOf,
  type Of,
  POSITION,
  placesOf,
  shiftOf,
  strokeOf,
  wordsOf,
} from './channels.ts';
import { anchorOf, dropOf, element, kindOf, moved, placed } from './elements.ts';
import { isPart, notDirect, numberOf, partOf, type Row, textOf } from './subset.ts';

function rules(layer: Layer): Element[] {
  checked(
    layer,
    ['strokeWidth', 'strokeDash', 'color', 'opacity', 'xOffset', 'yOffset'],
    ['x2', 'y2', 'color', 'strokeWidth', 'strokeDash'],
  );
  const { x, y, x2, y2 } = placesOf(layer);
  const look = lookOf(layer);
  const [right, down] = [shiftOf(layer, 'xOffset'), shiftOf(layer, 'yOffset')];
  if (!y || (x && !x2 && !y2) || (!x && (x2 || y2))) return notDirect('a rule of another shape');
  return layer.rows.map((row) => {
    // Without `x`, a rule spans the area; vega draws it from right to left.
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
  const { x, y } = placesOf(layer);
  const size = lookedUp(layer, 'size', numberOf);
  const look = lookOf(layer);
  const { filled, shape } = layer.mark;
  const right = shiftOf(layer, 'xOffset');
  if (!x || !y || typeof filled !== 'boolean') return notDirect('a point of another kind');
  return layer.rows.map((row) => {
    const colour = look.colour(row) ?? notDirect('a point without a colour');
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
  const { x, y } = placesOf(layer);
  const { align, baseline, fontSize = FONT_SIZE, fontWeight } = layer.mark;
  const size = numberOf(fontSize, 'a font size');
  if (!x || !y || baseline !== 'middle') return notDirect('a text elsewhere');
  const [right, down] = [shiftOf(layer, 'dx'), shiftOf(layer, 'dy') + dropOf('middle', size)];
  const anchor = anchorOf(textOf(align, 'an alignment'));
  const key = fieldOf(layer.encoding.text, 'text');
  const words = wordsOf(layer);
  const colour = colourOf(layer);
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

/** A number for all rows, or an expression such as `datum.weight` that names a field. */
function weightOf(weight: unknown): Of<number | undefined> {
  if (weight === undefined) return () => undefined;
  if (!isPart(weight)) return () => numberOf(weight, 'a weight');
  const { expr } = partOf(weight, ['expr'], 'a weight');
  const key = /^datum\.(\w+)$/.exec(textOf(expr, 'a weight'))?.[1] ?? notDirect('a weight that is computed');
  return (row) => numberOf(row[key], 'a weight');
}

/** Vertical bars of a fixed size. */
function ticks(layer: Layer): Element[] {
  checked(layer, ['orient', 'thickness', 'size', 'color', 'opacity'], []);
  const { x, y } = placesOf(layer);
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
  const { x, y, x2, y2 } = placesOf(layer);
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

/** The rows of each line or area, in ascending order of x. */
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

/** Each series is in its own group, as in vega's output. */
const apart = (paths: readonly Element[]): Element[] => paths.map((path) => placed(0, 0, [kindOf('mark', [path])]));

function lines(layer: Layer): Element[] {
  checked(layer, ['strokeWidth', 'color'], ['color', 'strokeWidth', 'strokeDash', 'detail']);
  const { x, y } = placesOf(layer);
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
  const { x, y, y2 } = placesOf(layer);
  if (!x || !y || !y2) return notDirect('an area of another kind');
  const look = lookOf(layer);
  return apart(
    seriesOf(layer, x).map((places) => {
      const { row } = places[0] ?? notDirect('an area without places');
      const forth = places.map((place) => at(place.x, y(place.row)));
      const back = places.toReversed().map((place) => at(place.x, y2(place.row)));
      return element('path', {
        d: `M${[...forth, ...back].join('L')}Z`,
        fill: look.colour(row) ?? notDirect('an area without a colour'),
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
