/** Draws every chart that a run has figures for, in both widths. */
import { setImmediate } from 'node:timers/promises';
import { runError } from '../../../core/errors.ts';
import type { Figure } from '../../../core/results/schema.ts';
import { flagsOf, type MarkedFlag } from '../../../core/text/flags.ts';
import type { ReportView } from '../../view/view.ts';
import { type Canvas, type Chart, NARROW, type Scale, WIDE } from './chart.ts';
import { type RenderTask, renderTask } from './render.ts';

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

/** A chart on one of its scales, before it is rendered: the wide drawing, then the narrow one. */
interface Drawn {
  readonly scale: Scale | null;
  readonly tasks: readonly [RenderTask, RenderTask];
}

function drawOn(chart: Chart, view: ReportView, scale?: Scale): Drawn | null {
  const [wide, narrow] = [WIDE, NARROW].map((canvas) => chart.draw(view, canvas, scale) ?? undefined);
  if (wide === undefined || narrow === undefined) return null;
  const { title } = chart;
  return {
    scale: scale ?? null,
    tasks: [
      { drawing: wide, title },
      { drawing: narrow, title },
    ],
  };
}

/** On its first scale, and on the second if it has one; empty if it has no figures. */
function drawOnScales(chart: Chart, view: ReportView): Drawn[] {
  const [first, second] = chart.scales ?? [];
  const shown = drawOn(chart, view, first);
  if (shown === null) return [];
  const other = second === undefined ? null : drawOn(chart, view, second);
  return other === null ? [shown] : [shown, other];
}

/** Makes an SVG of each task, in order. */
export type RenderAll = (tasks: readonly RenderTask[], signal?: AbortSignal) => Promise<readonly string[]>;

/** Renders one after another. The event loop gets a turn before each, so that Ctrl-C is handled. */
const renderInTurn: RenderAll = async (tasks, signal) => {
  const svgs: string[] = [];
  for (const task of tasks) {
    await setImmediate();
    signal?.throwIfAborted();
    svgs.push(await renderTask(task));
  }
  return svgs;
};

/**
 * Draws charts in the order of `charts`; those without figures are omitted. @param render default: one after another
 * @throws TollgateError naming a chart that was not rendered; the signal's reason if it was aborted
 */
export async function drawCharts(
  charts: readonly Chart[],
  view: ReportView,
  signal?: AbortSignal,
  render: RenderAll = renderInTurn,
): Promise<DrawnChart[]> {
  const shown = charts.map((chart) => ({ chart, drawn: drawOnScales(chart, view) }));
  const svgs = (
    await render(
      shown.flatMap(({ drawn }) => drawn.flatMap(({ tasks }) => tasks)),
      signal,
    )
  ).values();
  const next = ({ id }: Chart): string => {
    const svg = svgs.next().value ?? '';
    if (svg === '') throw runError(`the chart ${id} was not rendered`, 'this is a bug in Tollgate: please report it');
    return svg;
  };
  return shown.flatMap(({ chart, drawn }) => {
    const [first, other] = drawn.map(({ scale }) => ({ scale, svg: { wide: next(chart), narrow: next(chart) } }));
    if (first === undefined) return [];
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
        svg: first.svg,
        other: other === undefined || other.scale === null ? null : { scale: other.scale, svg: other.svg },
      },
    ];
  });
}
