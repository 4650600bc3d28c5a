/** A chart as a vega-lite spec, with the room that it takes. */
import type { TopLevelSpec } from 'vega-lite';

export type Layer = Extract<TopLevelSpec, { layer: unknown }>['layer'][number];

export interface Drawing {
  /** Width of the whole drawing, px. */
  readonly width: number;
  readonly height: number;
  /** Room before the area of the data, for labels, px: text is not measured, so nothing is laid out by its size. */
  readonly left: number;
  readonly top: number;
  readonly spec: TopLevelSpec;
  /** Height of one row, px, if rows move together when an arm is hidden. */
  readonly rowHeight?: number;
  /** The arm of each panel, in order: panels move together too. */
  readonly panels?: readonly string[];
}

/** The words that describe a mark; `render.ts` takes them from the mark's description. */
export interface Words {
  readonly arm?: string | undefined;
  /** The figure, told when the mark is pointed at. Marks of one tip make one group. */
  readonly tip?: string | undefined;
  /** The row that the mark is a part of. */
  readonly slot?: number | undefined;
}

export const wordsOf = (words: Words): string => JSON.stringify(words);

/** The channel that holds them. */
export const DESCRIPTION = { field: 'words', type: 'nominal' as const };

/** A field whose values are places in px. */
export const pixels = (field: string) => ({ field, type: 'quantitative' as const, scale: null, axis: null });

/** A field whose values are what is drawn: a colour or a dash. */
export const plain = (field: string) => ({ field, type: 'nominal' as const, scale: null });

/** A field of numbers that are drawn unchanged: a size, a width or an opacity. */
export const plainNumber = (field: string) => ({ field, type: 'quantitative' as const, scale: null });
