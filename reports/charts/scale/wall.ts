import { formatValue, list } from '../../../core/text/format.ts';
import { ofSeries, type ScaleSeries, scaleSeries, seriesName } from '../../view/scale-figures.ts';
import type { ReportView } from '../../view/view.ts';
import type { Chart } from '../shapes/chart.ts';
import { drawModels, modelChartFigures } from './models.ts';

function wallSeries(view: ReportView): ScaleSeries[] {
  return scaleSeries(view.run).filter(({ setting }) => setting.redis_share !== undefined);
}

function sentence(view: ReportView): string {
  const all = wallSeries(view);
  const seen = all.flatMap((series) => {
    const [wall] = ofSeries(view.run, 'redis_wall_rps', series).filter(({ source }) => source === 'measured');
    const [predicted] = ofSeries(view.run, 'redis_wall_rps', series).filter(({ source }) => source === 'model');
    if (wall === undefined) return [];
    const forecast = predicted === undefined ? '' : `, predicted ${formatValue(predicted)}`;
    return [`${seriesName(series.arm, series.setting)} at ${formatValue(wall)}${forecast}`];
  });
  const share = Number(all[0]?.setting.redis_share ?? 0);
  if (share === 0) return 'Redis was not limited to a share of a core in this run.';
  const held = `With Redis limited to ${Math.round(share * 1000) / 10} % of a core`;
  if (seen.length === 0) return `${held}, no number of replicas saturated it.`;
  return `${held}, it was saturated by ${list(seen)}.`;
}

/** Throughput with a Redis so small that its limit is within the measured range. */
export const scaleWall: Chart = {
  id: 'scale-wall',
  title: 'Where Redis saturates when limited to a small share of a core',
  experiment: 'scale',
  note: 'Both axes are logarithmic. Redis is limited to a small share of a core so that a few replicas can saturate it; with a whole core the limit is higher in proportion. Band: 95 % interval. Hollow: flagged.',
  figures: (view) => modelChartFigures(view, wallSeries(view)),
  sentence,
  draw: (view, canvas) => drawModels(view, wallSeries(view), canvas),
};
