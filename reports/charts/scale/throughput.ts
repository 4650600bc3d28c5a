import type { Metric } from '../../../core/results/metrics.ts';
import { compareSentence } from '../../../core/text/sentences.ts';
import { throughputPairs } from '../../view/scale-pairs.ts';
import { armSeries } from '../shapes/arm-series.ts';
import type { Chart } from '../shapes/chart.ts';
import { panelsSpec } from '../shapes/panels.ts';
import { atMostReplicas, replicaFigures } from '../shapes/replica-series.ts';

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

/** Throughput over the number of replicas, each arm against its own ideal. */
export const scaleThroughput: Chart = {
  id: 'scale-throughput',
  title: 'Throughput by number of replicas',
  experiment: 'scale',
  note: 'A replica is one server process. Dashed: the ideal, N times one replica. Grey: the other arms. Hollow: flagged.',
  figures: (view) => replicaFigures(view, 'throughput_rps'),
  sentence(view) {
    const guarded = (metric: Metric) =>
      replicaFigures(view, metric).filter((figure) => figure.arm !== view.baseline?.name);
    const { replicas, figures } = atMostReplicas(guarded('throughput_rps'));
    const rates = compareSentence(
      figures.map((figure) => ({ ...figure, name: figure.arm })),
      words,
      { biggerFirst: true, pairs: throughputPairs(view.run, replicas) },
    );
    if (rates === null) return 'Only the baseline was measured.';
    const efficiency = atMostReplicas(guarded('scaling_efficiency'));
    const named = efficiency.figures.map((figure) => ({ ...figure, name: figure.arm }));
    const kept =
      replicas > 1 && named.length > 1 ? compareSentence(named, efficiencyWords, { biggerFirst: true }) : null;
    const ofIdeal = kept === null ? '' : ` Of the ideal throughput (${replicas} times that of one replica), ${kept}.`;
    const noun = replicas === 1 ? 'replica' : 'replicas';
    return `With ${replicas} ${noun}, ${rates}.${ofIdeal}`;
  },
  spec(view, canvas) {
    const series = armSeries(view, replicaFigures(view, 'throughput_rps'), 'replicas');
    if (series.length === 0) return null;
    return panelsSpec(series, canvas, {
      xTitle: 'replicas',
      yTitle: 'req/s',
      ideal: ({ points }) => {
        const one = points[0];
        return one === undefined ? [] : points.map(({ x }) => ({ x, value: (one.value * x) / one.x }));
      },
    });
  },
};
