/**
 * Models of `scale`: throughput over replicas, fitted on some numbers of replicas and judged on the others; the point
 * where Redis becomes the limit; and the needs of larger fleets. Pure.
 */
import type { Figure, Slice } from '../../../../core/results/schema.ts';
import type { AnalysisContext } from '../../../measuring/experiment.ts';
import { seriesOf } from '../series.ts';
import { queueFigures } from './queue.ts';
import { SeriesModel } from './resample.ts';
import { simulationFigures } from './simulation.ts';
import { uslFigures } from './usl.ts';

/**
 * @param slices of `scale`; those at saturation are used @returns figures with `source: 'model'`, and measured limits
 * of Redis
 */
export function modelFigures(slices: readonly Slice[], context: Pick<AnalysisContext, 'config'>): readonly Figure[] {
  return seriesOf(slices).flatMap((series) => {
    const model = new SeriesModel(series, context);
    // With refused requests, throughput would be that of refusals, which have their own figure.
    if (series.flags.includes('unexpected-responses')) return [];
    // Measured for its refusals at only two or three numbers of replicas: too few to fit a model.
    if (series.factors.spreading !== undefined) return [];
    const plain = Object.keys(series.factors).length === 0;
    return [...uslFigures(model), ...queueFigures(model), ...(plain ? simulationFigures(model) : [])];
  });
}
