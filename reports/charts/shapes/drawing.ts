/** A chart as a vega-lite spec, with its size. */
import type { TopLevelSpec } from 'vega-lite';

export type Layer = Extract<TopLevelSpec, { layer: unknown }>['layer'][number];

export interface Drawing {
  /** Width of the whole drawing, px. */
  readonly width: number;
  readonly height: number;
  /** Space for labels before the data area, px: text is not measured, so the layout does not depend on its size. */
  readonly left: number;
  readonly top: number;
  readonly spec: TopLevelSpec;
  /** Height of one row, px, if rows move together when an arm is hidden. */
  readonly rowHeight?: number;
  /** The arm of each panel, in order: panels move together too. */
  readonly panels?: readonly string[];
}

/** The description of a mark, which `render.ts` reads from the mark's description channel. */
export interface Words {
  readonly arm?: string | undefined;
  /** The figure, shown when the pointer is on the mark. Marks with the same tip form one group. */
  readonly tip?: string | undefined;
  /** The row that contains the mark. */
  readonly slot?: number | undefined;
}

export const wordsOf = (words: Words): string => JSON.stringify(words);

/** The channel that holds them. */
export const DESCRIPTION = { field: 'words', type: 'nominal' as const };

/** A field with positions in px. */
export const pixels = (field: string) => ({ field, type: 'quantitative' as const, scale: null, axis: null });

/** A field with literal values: a colour or a dash. */
export const plain = (field: string) => ({ field, type: 'nominal' as const, scale: null });

/** A field of numbers that are drawn unchanged: a size, a width or an opacity. */
export const plainNumber = (field: string) => ({ field, type: 'quantitative' as const, scale: null });
