import { formatNumber } from '../../../core/text/format.ts';
import type { ArmFigure } from '../../view/figures.ts';
import { heldOutErrors } from '../../view/scale-answers.ts';
import { ofSeries, type ScaleSeries, scaleSeries } from '../../view/scale-figures.ts';
import type { ReportView } from '../../view/view.ts';
import type { Canvas, Chart } from '../shapes/chart.ts';
import { drawLogPanels } from '../shapes/log-panels.ts';
import { MODEL_LEGEND, modelPanels, replicaTicks } from './model-lines.ts';

function plainSeries(view: ReportView): ScaleSeries[] {
  return scaleSeries(view.run).filter(({ setting }) => Object.keys(setting).length === 0);
}

/** Figures of the series that have a model. */
export function modelChartFigures(view: ReportView, all: readonly ScaleSeries[]): ArmFigure[] {
  return all.flatMap((series) => {
    const modelled = [undefined, 'mva', 'bounds', 'usl'].flatMap((model) =>
      ofSeries(view.run, 'model_throughput_rps', series, model),
    );
    const law = ofSeries(view.run, 'usl_lambda_rps', series);
    if (modelled.length + law.length === 0) return [];
    return [...ofSeries(view.run, 'throughput_rps', series), ...modelled, ...law];
  });
}

function modelSentence(view: ReportView, all: readonly ScaleSeries[]): string {
  const errors = heldOutErrors(view.run, all);
  if (errors.length === 0) return 'No model was tested on a fleet outside its fit.';
  const clauses = errors.map(
    ({ name, median, worst, count }) =>
      `the ${name} was off by ${formatNumber(median, 0)} % (median) and ${formatNumber(worst, 0)} % (worst of ${count})`,
  );
  return `For fleets excluded from the fit, ${clauses.join('; ')}.`;
}

/** A panel for each series with a model; null if there is none. */
export function drawModels(view: ReportView, all: readonly ScaleSeries[], canvas: Canvas) {
  if (modelChartFigures(view, all).length === 0) return null;
  const panels = modelPanels(view, all);
  if (panels.length === 0) return null;
  return drawLogPanels(panels, canvas, {
    xTitle: 'replicas',
    yTitle: 'req/s',
    xScale: 'log',
    xTicks: replicaTicks(panels),
    legend: MODEL_LEGEND,
  });
}

/**
 * Throughput over replicas according to the scalability law and the queueing network, and how far they can be
 * trusted.
 */
export const scaleModels: Chart = {
  id: 'scale-models',
  title: 'Throughput by replicas, predicted',
  experiment: 'scale',
  appendix: true,
  note: 'Both axes are logarithmic. The queueing network and its bound are fitted to the smaller fleets only and predict the largest third; the Universal Scalability Law is fitted to all. Band: 95 % interval. Grey, solid: the other arms. Hollow: flagged.',
  figures: (view) => modelChartFigures(view, plainSeries(view)),
  sentence: (view) => modelSentence(view, plainSeries(view)),
  draw: (view, canvas) => drawModels(view, plainSeries(view), canvas),
};
