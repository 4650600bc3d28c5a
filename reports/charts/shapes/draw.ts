/** Draws every chart that a run has figures for, in both widths. */
import { setImmediate } from 'node:timers/promises';
import type { Figure } from '../../../core/results/schema.ts';
import { flagsOf, type MarkedFlag } from '../../../core/text/flags.ts';
import type { ReportView } from '../../view/view.ts';
import { type Canvas, type Chart, NARROW, type Scale, WIDE } from './chart.ts';
import type { Drawing } from './drawing.ts';
import { renderChart } from './render.ts';

/** SVG text by the width it was drawn for. */
export type Svgs = Readonly<Record<Canvas['name'], string>>;

export interface DrawnChart {
  readonly id: string;
  readonly title: string;
  readonly experiment: string;
  readonly note: string | null;
  readonly appendix: boolean;
  readonly sentence: string;
  readonly figures: readonly Figure[];
  readonly flags: readonly MarkedFlag[];
  readonly svg: Svgs;
  /** The chart on its other scale; null if it has only one. */
  readonly other: { readonly scale: Scale; readonly svg: Svgs } | null;
}

/** A chart on one of its scales; null if it has no figures. Ctrl-C is handled before each drawing is rendered. */
async function drawOn(chart: Chart, view: ReportView, signal?: AbortSignal, scale?: Scale): Promise<Svgs | null> {
  const [wide, narrow] = [WIDE, NARROW].map((canvas) => chart.draw(view, canvas, scale));
  if (!wide || !narrow) return null;
  const rendered = async (drawing: Drawing) => {
    await setImmediate();
    signal?.throwIfAborted();
    return renderChart(drawing, chart.title);
  };
  return { wide: await rendered(wide), narrow: await rendered(narrow) };
}

/**
 * Draws charts in the order of `charts`; those without figures are omitted.
 * @throws the signal's reason if it was aborted
 */
export async function drawCharts(
  charts: readonly Chart[],
  view: ReportView,
  signal?: AbortSignal,
): Promise<DrawnChart[]> {
  const drawn: DrawnChart[] = [];
  for (const chart of charts) {
    const [first, second] = chart.scales ?? [];
    const svg = await drawOn(chart, view, signal, first);
    if (svg === null) continue;
    const other = second === undefined ? null : await drawOn(chart, view, signal, second);
    const figures = chart.figures(view);
    drawn.push({
      id: chart.id,
      title: chart.title,
      experiment: chart.experiment,
      note: chart.note ?? null,
      appendix: chart.appendix ?? false,
      sentence: chart.sentence(view),
      figures,
      flags: flagsOf(figures, view.flags),
      svg,
      other: second === undefined || other === null ? null : { scale: second, svg: other },
    });
  }
  return drawn;
}
