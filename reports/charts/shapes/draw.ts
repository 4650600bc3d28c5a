/** Every chart that a run has figures for, drawn for both widths. */
import { setImmediate } from 'node:timers/promises';
import type { Figure } from '../../../core/results/schema.ts';
import { flagsOf, type MarkedFlag } from '../../../core/text/flags.ts';
import type { ReportView } from '../../view/view.ts';
import { CANVASES, type Canvas, type Chart } from './chart.ts';
import { renderChart } from './render.ts';

export interface DrawnChart {
  readonly id: string;
  readonly title: string;
  readonly experiment: string;
  readonly note: string | null;
  readonly sentence: string;
  readonly figures: readonly Figure[];
  readonly flags: readonly MarkedFlag[];
  /** SVG text by the width that it was drawn for. */
  readonly svg: Readonly<Record<Canvas['name'], string>>;
}

async function drawChart(chart: Chart, view: ReportView): Promise<DrawnChart[]> {
  const sentence = chart.sentence(view);
  const svgs = await Promise.all(
    CANVASES.map(async (canvas) => {
      const spec = chart.spec(view, canvas);
      return spec === null
        ? null
        : renderChart(spec, { id: `${chart.id}-${canvas.name}`, sentence, width: canvas.width });
    }),
  );
  const [wide, narrow] = svgs;
  if (typeof wide !== 'string' || typeof narrow !== 'string') return [];
  const figures = chart.figures(view);
  return [
    {
      id: chart.id,
      title: chart.title,
      experiment: chart.experiment,
      note: chart.note ?? null,
      sentence,
      figures,
      flags: flagsOf(figures, view.flags),
      svg: { wide, narrow },
    },
  ];
}

/**
 * Draws charts in the order of `charts`; those without figures are left out. Drawing keeps the processor busy for seconds,
 * so the event loop gets a turn before each chart, to see Ctrl-C.
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
