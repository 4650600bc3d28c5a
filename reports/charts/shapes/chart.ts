/** The interface of a chart: one file in this folder and one line in the registry. */
import type { Figure } from '../../../core/results/schema.ts';
import type { ReportView } from '../../view/view.ts';
import type { Drawing } from './drawing.ts';

/** The space for a chart, in CSS pixels. Each chart is drawn for desktop and for phone, so that text keeps its size. */
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
  /** How to read it, if that is not obvious. */
  readonly note?: string;
  /** True for a chart that few readers need, which goes into the appendix. */
  readonly appendix?: true;
  /** Two scales, if both help the reader; the first is the default. */
  readonly scales?: readonly [Scale, Scale];
  /** The figures it shows; empty if the run has none, in which case there is no chart. */
  figures(view: ReportView): readonly Figure[];
  /**
   * The message of the chart, in one or two sentences generated from the figures. It is also the chart's text
   * alternative.
   */
  sentence(view: ReportView): string;
  /** Null if its figures are absent. @param scale one of its `scales`; default the first */
  draw(view: ReportView, canvas: Canvas, scale?: Scale): Drawing | null;
}
