/** Every chart that a run has figures for, drawn for both widths. */
import { setImmediate } from 'node:timers/promises';
import type { Figure } from '../../../core/results/schema.ts';
import { flagsOf, type MarkedFlag } from '../../../core/text/flags.ts';
import type { ReportView } from '../../view/view.ts';
import { type Canvas, type Chart, NARROW, type Scale, WIDE } from './chart.ts';
import { renderChart } from './render.ts';

/** SVG text by the width that it was drawn for. */
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

async function drawOn(chart: Chart, view: ReportView, scale?: Scale): Promise<Svgs | null> {
  const drawn = async (canvas: Canvas) => {
    const drawing = chart.draw(view, canvas, scale);
    return drawing === null ? null : renderChart(drawing, chart.title);
  };
  const [wide, narrow] = [await drawn(WIDE), await drawn(NARROW)];
  return wide === null || narrow === null ? null : { wide, narrow };
}

async function drawChart(chart: Chart, view: ReportView): Promise<DrawnChart[]> {
  const [first, second] = chart.scales ?? [];
  const svg = await drawOn(chart, view, first);
  if (svg === null) return [];
  const other = second === undefined ? null : await drawOn(chart, view, second);
  const figures = chart.figures(view);
  return [
    {
      id: chart.id,
      title: chart.title,
      experiment: chart.experiment,
      note: chart.note ?? null,
      appendix: chart.appendix ?? false,
      sentence: chart.sentence(view),
      figures,
      flags: flagsOf(figures, view.flags),
      svg,
      other: other === null || second === undefined ? null : { scale: second, svg: other },
    },
  ];
}

/**
 * Draws charts in the order of `charts`; those without figures are left out. The event loop gets a turn before each chart,
 * to see Ctrl-C.
 * @throws the signal's reason if it was aborted
 */
export async function drawCharts(
  charts: readonly Chart[],
  view: ReportView,
  signal?: AbortSignal,
): Promise<DrawnChart[]> {
  const drawn: DrawnChart[] = [];
  for (const chart of charts) {
    await setImmediate();
    signal?.throwIfAborted();
    drawn.push(...(await drawChart(chart, view)));
  }
  return drawn;
}
