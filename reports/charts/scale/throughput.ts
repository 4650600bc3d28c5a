import type { Metric } from '../../../core/results/metrics.ts';
import { counted } from '../../../core/text/format.ts';
import { compareSentence } from '../../../core/text/sentences.ts';
import type { ArmFigure } from '../../view/figures.ts';
import { perCore, replicaShare, shareText } from '../../view/per-core.ts';
import { throughputPairs } from '../../view/scale-pairs.ts';
import type { ReportView } from '../../view/view.ts';
import { drawArmLines } from '../shapes/arm-lines.ts';
import { armSeries } from '../shapes/arm-series.ts';
import type { Chart } from '../shapes/chart.ts';
import { atMostReplicas, replicaFigures } from './replica-series.ts';

const words = {
  least: 'has the lowest throughput',
  leastPlural: 'have the lowest throughput',
  most: 'has the highest throughput',
  mostPlural: 'have the highest throughput',
};
const efficiencyWords = {
  least: 'reaches the least',
  leastPlural: 'reach the least',
  most: 'reaches the most',
  mostPlural: 'reach the most',
};

/** Figures of the compared arms; next to the baseline's values, theirs would be too small to see. */
function guarded(view: ReportView, metric: Metric): ArmFigure[] {
  return replicaFigures(view, metric).filter((figure) => figure.arm !== view.baseline?.name);
}

const rates = (view: ReportView) => guarded(view, 'throughput_rps').map((figure) => perCore(view.run, figure));

/** Throughput per core over the number of replicas: a horizontal line is perfect scaling. */
export const scaleThroughput: Chart = {
  id: 'scale-throughput',
  title: 'Throughput by number of replicas',
  experiment: 'scale',
  note: 'A replica is one server process. If replicas were limited to a share of a core, values are divided by the total share of the fleet, so a horizontal line means perfect scaling. Dashed: the ideal, from the smallest fleet. The baseline is omitted; its figures are in the table of all figures. Hollow: flagged.',
  scales: ['linear', 'log'],
  figures: (view) => guarded(view, 'throughput_rps'),
  sentence(view) {
    const { replicas, figures } = atMostReplicas(rates(view));
    const sentence = compareSentence(
      figures.map((figure) => ({ ...figure, name: figure.arm })),
      words,
      { biggerFirst: true, pairs: throughputPairs(view.run, replicas) },
    );
    if (sentence === null) return 'Only the baseline was measured.';
    const efficiency = atMostReplicas(guarded(view, 'scaling_efficiency'));
    const named = efficiency.figures.map((figure) => ({ ...figure, name: figure.arm }));
    const kept =
      replicas > 1 && named.length > 1 ? compareSentence(named, efficiencyWords, { biggerFirst: true }) : null;
    const ofIdeal = kept === null ? '' : ` Of the ideal throughput (${replicas} times that of one replica), ${kept}.`;
    const share = shareText(view.run);
    return `With ${counted(replicas, 'replica')}${share === '' ? '' : `, ${share}`}, ${sentence}.${ofIdeal}`;
  },
  draw(view, canvas, scale = 'linear') {
    const series = armSeries(view, rates(view), 'replicas');
    if (series.length === 0) return null;
    return drawArmLines(series, canvas, {
      xTitle: 'replicas',
      yTitle: replicaShare(view.run) === null ? 'req/s' : 'req/s per core',
      scale,
      ideal: ({ points }) => {
        const one = points[0];
        if (one === undefined) return [];
        // Without shares the values are those of whole fleets.
        return points.map(({ x }) => ({
          x,
          value: replicaShare(view.run) === null ? (one.value * x) / one.x : one.value,
        }));
      },
    });
  },
};
