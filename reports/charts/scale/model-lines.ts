/** Panels of measured throughput over replicas with the models' lines. Shared by the charts of models. */

import { uslThroughput } from '../../../core/model/usl.ts';
import { counted } from '../../../core/text/format.ts';
import { type ArmFigure, factorNumber } from '../../view/figures.ts';
import { ofSeries, type ScaleSeries, seriesName } from '../../view/scale-figures.ts';
import type { ReportView } from '../../view/view.ts';
import type { Panel, PanelLine } from '../shapes/log-panels.ts';
import type { SeriesPoint } from '../shapes/panels.ts';
import { tipOf } from '../shapes/tip.ts';

const replicasOf = (figure: ArmFigure) => factorNumber(figure, 'replicas') ?? 0;

function pointOf(figure: ArmFigure): SeriesPoint {
  const { value, high, flags } = figure;
  // A logarithmic axis has no 0, where intervals from few starts may end.
  return {
    x: replicasOf(figure),
    value,
    low: Math.max(figure.low, value / 100),
    high,
    flagged: flags.length > 0,
    tip: tipOf(`${figure.arm}, ${counted(replicasOf(figure), 'replica')}`, figure),
  };
}

/** The fitted law from one replica to the largest measured number; Amdahl's law if no coherency was fitted. */
function uslLine(view: ReportView, series: ScaleSeries, most: number): PanelLine[] {
  const [lambda] = ofSeries(view.run, 'usl_lambda_rps', series);
  const [sigma] = ofSeries(view.run, 'usl_sigma', series);
  const [kappa] = ofSeries(view.run, 'usl_kappa', series);
  if (lambda === undefined || sigma === undefined) return [];
  const usl = { lambda: lambda.value, sigma: sigma.value, kappa: kappa?.value ?? 0 };
  const steps = 24;
  const points = Array.from({ length: steps + 1 }, (_, i) => {
    const x = most ** (i / steps);
    const value = uslThroughput(usl, x);
    return { x, value, low: value, high: value, flagged: false };
  });
  return [{ role: 'second', points }];
}

export interface ModelPanel extends Panel {
  readonly series: ScaleSeries;
}

/** One panel for each series: measurements, the law, the queueing network, and the extrapolated bounds. */
export function modelPanels(view: ReportView, all: readonly ScaleSeries[]): ModelPanel[] {
  return all.flatMap((series) => {
    const measured = ofSeries(view.run, 'throughput_rps', series).filter(({ value }) => value > 0);
    const network = ofSeries(view.run, 'model_throughput_rps', series, 'mva');
    const bounds = ofSeries(view.run, 'model_throughput_rps', series, 'bounds');
    if (measured.length < 2) return [];
    const last = network.at(-1);
    const lines: PanelLine[] = [
      { role: 'main', points: measured.map(pointOf) },
      ...uslLine(view, series, Math.max(...measured.map(replicasOf))),
      ...(network.length === 0 ? [] : [{ role: 'machine' as const, points: network.map(pointOf) }]),
      ...(bounds.length === 0 || last === undefined
        ? []
        : [{ role: 'beyond' as const, points: [last, ...bounds].map(pointOf) }]),
    ];
    const colour = view.arms.find(({ name }) => name === series.arm)?.colour ?? '';
    return [
      {
        series,
        name: seriesName(series.arm, series.setting),
        arm: series.arm,
        colour,
        lines,
        ...ringOf(view, series, lines),
      },
    ];
  });
}

/** The point at which the measured replicas saturate Redis, if it lies within the panel. */
function ringOf(view: ReportView, series: ScaleSeries, lines: readonly PanelLine[]): Pick<Panel, 'ring'> {
  const wall = ofSeries(view.run, 'redis_wall_rps', series).find(({ source }) => source === 'model');
  const [smallest] = ofSeries(view.run, 'model_throughput_rps', series, 'mva');
  if (wall === undefined || smallest === undefined) return {};
  const x = (wall.value * replicasOf(smallest)) / smallest.value;
  const xs = lines.flatMap(({ points }) => points.map((point) => point.x));
  return x < Math.min(...xs) || x > Math.max(...xs) ? {} : { ring: { x, value: wall.value } };
}

/** Powers of two and the measured numbers, within the range of the panels. */
export function replicaTicks(panels: readonly Panel[]): { readonly at: number; readonly label: string }[] {
  const xs = panels.flatMap(({ lines }) => lines.flatMap(({ points }) => points.map(({ x }) => x)));
  const most = Math.max(...xs);
  const powers = Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, i) => 2 ** i);
  return powers.map((at) => ({ at, label: `${at}` }));
}

export const MODEL_LEGEND = [
  { name: 'measured', role: 'main' },
  { name: 'scalability law, fitted', role: 'second' },
  { name: 'queueing network', role: 'machine' },
  { name: 'its bound, extrapolated', role: 'beyond' },
  { name: 'Redis is full', role: 'ring' },
] as const;
