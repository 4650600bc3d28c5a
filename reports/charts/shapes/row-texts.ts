/** The texts next to the bar of a row, or above it on a narrow canvas: its name and its figures. */
import { DESCRIPTION, type Layer, pixels, wordsOf } from './drawing.ts';
import { FONT_SIZE, INK, MUTED } from './theme.ts';

export interface RowText {
  readonly label: string;
  readonly text: string;
  readonly arm: string | undefined;
  /** The middle of the text, px. */
  readonly y: number;
}

/** @param rows one for each slot, in order */
export function rowTexts(rows: readonly RowText[], { narrow, width }: { narrow: boolean; width: number }): Layer[] {
  const values = rows.map((row, slot) => ({ ...row, words: wordsOf({ slot, arm: row.arm }) }));
  const shared = { y: pixels('y'), description: DESCRIPTION };
  return [
    {
      data: { values },
      mark: { type: 'text', align: narrow ? 'left' : 'right', baseline: 'middle', color: INK },
      encoding: { ...shared, x: { value: narrow ? 0 : -12 }, text: { field: 'label', type: 'nominal' } },
    },
    {
      data: { values },
      mark: {
        type: 'text',
        align: narrow ? 'right' : 'left',
        baseline: 'middle',
        color: MUTED,
        fontSize: narrow ? FONT_SIZE - 1 : FONT_SIZE,
      },
      encoding: { ...shared, x: { value: narrow ? width : width + 12 }, text: { field: 'text', type: 'nominal' } },
    },
  ];
}
