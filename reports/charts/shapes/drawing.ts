/** A chart as a vega-lite spec, with the room that it takes. */
import type { TopLevelSpec } from 'vega-lite';

export type Layer = Extract<TopLevelSpec, { layer: unknown }>['layer'][number];

export interface Drawing {
  /** Of the whole, px. */
  readonly width: number;
  readonly height: number;
  /** Room before the area of the data, for labels, px: text is not measured, so nothing is laid out by its size. */
  readonly left: number;
  readonly top: number;
  readonly spec: TopLevelSpec;
  /** Of one row, px, where rows are slots that close ranks when an arm is hidden. */
  readonly rowHeight?: number;
  /** Whose each panel is, in their order: panels are slots too. */
  readonly panels?: readonly string[];
}

/** What a mark is told with: it stands in the mark's description, from where `render.ts` takes it. */
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

/** The same of numbers: a size, a width or an opacity. */
export const plainNumber = (field: string) => ({ field, type: 'quantitative' as const, scale: null });
