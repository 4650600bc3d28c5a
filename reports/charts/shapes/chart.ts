/** What every chart is: one file in this folder and one line in the registry. */
import type { Figure } from '../../../core/results/schema.ts';
import type { ReportView } from '../../view/view.ts';
import type { Drawing } from './drawing.ts';

/** The room for a chart, in CSS pixels. Each chart is drawn for a desk and for a phone, so that text keeps its size. */
export interface Canvas {
  readonly name: 'wide' | 'narrow';
  readonly width: number;
}

export const WIDE: Canvas = { name: 'wide', width: 860 };
export const NARROW: Canvas = { name: 'narrow', width: 340 };
export const CANVASES = [WIDE, NARROW] as const;

export type Scale = 'linear' | 'log';

export interface Chart {
  /** Names the file, the anchor and the ids within the SVG. */
  readonly id: string;
  readonly title: string;
  /** The experiment whose figures it shows. */
  readonly experiment: string;
  /** How to read it, where that is not plain. */
  readonly note?: string;
  /** True for a chart that few readers need: it goes into the appendix. */
  readonly appendix?: true;
  /** Two scales of amounts, if both help the reader: the first is shown at first. */
  readonly scales?: readonly [Scale, Scale];
  /** The figures it shows; empty where the run has none, and then there is no chart. */
  figures(view: ReportView): readonly Figure[];
  /** What the chart says, in one or two sentences made from the figures. It is also the chart's text alternative. */
  sentence(view: ReportView): string;
  /**
   * Null where its figures are absent.
   * @param scale one of its `scales`; the first when left out
   */
  draw(view: ReportView, canvas: Canvas, scale?: Scale): Drawing | null;
}
