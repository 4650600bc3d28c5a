/** What a layer says about each row: its place, its look and its words, from the encoding or the mark. */
import type { AxisScale } from './scale.ts';
import { isPart, notDirect, numberOf, numbersOf, type Part, partOf, type Row, textOf } from './subset.ts';

/** A layer with its rows, and the scales of its area. */
export interface Layer {
  readonly mark: Part;
  readonly encoding: Part;
  readonly rows: readonly Row[];
  readonly x: AxisScale | null;
  readonly y: AxisScale | null;
  /** The width of the area, px. */
  readonly width: number;
}

export const POSITION = ['field', 'type', 'scale', 'axis', 'value', 'datum'];
const PLAIN = ['field', 'type', 'scale'];

export type Of<T> = (row: Row) => T;

export function fieldOf(channel: unknown, name: string): string {
  const { field, scale } = partOf(channel, PLAIN, name);
  if (scale !== null && scale !== undefined) notDirect(`${name} with a scale`);
  return textOf(field, name);
}

/** The position on a channel for each row, px; null if the layer has no such channel. */
function placeOf({ encoding, ...scales }: Layer, name: 'x' | 'y' | 'x2' | 'y2'): Of<number> | null {
  const given = encoding[name];
  if (given === undefined) return null;
  const { field, scale: spec, value, datum } = partOf(given, POSITION, name);
  if (value !== undefined) return () => numberOf(value, name);
  const direction = name.startsWith('x') ? 'x' : 'y';
  // `x2` and `y2` use the scale of `x` and `y`.
  const first = encoding[direction];
  const isPixels = (name === direction ? spec : isPart(first) ? first.scale : undefined) === null;
  const scale = scales[direction];
  if (!isPixels && scale === null) return notDirect(`${name} without a scale`);
  const at = (amount: unknown) => numberOf(isPixels ? amount : scale?.at(numberOf(amount, name)), name);
  if (datum !== undefined) return () => at(datum);
  const key = textOf(field, name);
  return (row) => at(row[key]);
}

export const placesOf = (layer: Layer) => ({
  x: placeOf(layer, 'x'),
  y: placeOf(layer, 'y'),
  x2: placeOf(layer, 'x2'),
  y2: placeOf(layer, 'y2'),
});

/** The value of a channel for each row, or of the mark's property of the same name for all rows. */
export function lookedUp<T>(
  { encoding, mark }: Layer,
  name: string,
  read: (value: unknown, what: string) => T,
): Of<T | undefined> {
  if (encoding[name] !== undefined) {
    const key = fieldOf(encoding[name], name);
    return (row) => read(row[key], name);
  }
  const fixed = mark[name] === undefined ? undefined : read(mark[name], name);
  return () => fixed;
}

export const colourOf = (layer: Layer): Of<string | undefined> => lookedUp(layer, 'color', textOf);
const dashesOf = (value: unknown, what: string) => numbersOf(value, what).join();

/** The `aria-label` of each row's mark; undefined if the chart gives none. */
export function wordsOf({ encoding }: Layer): Of<string | undefined> {
  if (encoding.description === undefined) return () => undefined;
  const key = fieldOf(encoding.description, 'description');
  return (row) => textOf(row[key], 'description');
}

interface Look {
  readonly colour: Of<string | undefined>;
  readonly width: Of<number | undefined>;
  readonly dashes: Of<string | undefined>;
  readonly opacity: Of<number | undefined>;
  readonly words: Of<string | undefined>;
}

export const lookOf = (layer: Layer): Look => ({
  colour: colourOf(layer),
  width: lookedUp(layer, 'strokeWidth', numberOf),
  dashes: lookedUp(layer, 'strokeDash', dashesOf),
  opacity: lookedUp(layer, 'opacity', numberOf),
  words: wordsOf(layer),
});

export const strokeOf = (look: Look, row: Row) => ({
  stroke: look.colour(row) ?? notDirect('a line without a colour'),
  'stroke-width': look.width(row),
  'stroke-dasharray': look.dashes(row),
  opacity: look.opacity(row),
});

export const shiftOf = ({ mark }: Layer, name: string): number =>
  mark[name] === undefined ? 0 : numberOf(mark[name], name);

/**
 * @param keys the properties of the mark that are drawn
 * @param channels the channels that are drawn, in addition to `x`, `y` and `description`
 * @throws NotDirect if the layer has others
 */
export function checked({ mark, encoding }: Layer, keys: readonly string[], channels: readonly string[]): void {
  partOf(mark, ['type', 'aria', ...keys], 'a mark');
  partOf(encoding, ['x', 'y', 'description', ...channels], 'an encoding');
}
