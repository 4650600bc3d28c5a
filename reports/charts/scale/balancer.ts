import { counted } from '../../../core/text/format.ts';
import { compareSentence } from '../../../core/text/sentences.ts';
import type { ReportView } from '../../view/view.ts';
import { armSeries } from '../shapes/arm-series.ts';
import type { Chart } from '../shapes/chart.ts';
import { drawPanels } from '../shapes/panels.ts';
import { atMostReplicas, replicaFigures } from './replica-series.ts';

const words = {
  least: 'needs least',
  leastPlural: 'need least',
  most: 'needs most',
  mostPlural: 'need most',
};

const balancerFigures = (view: ReportView) => replicaFigures(view, 'balancer_cpu_us_per_request');

/** The CPU time of a balancer per request: a cost of the deployment, not of an arm. */
export const scaleBalancer: Chart = {
  id: 'scale-balancer',
  title: 'CPU time of the balancer by replicas',
  experiment: 'scale',
  appendix: true,
  note: 'Not part of any arm’s cost. Grey: the other arms. Hollow: flagged.',
  figures: balancerFigures,
  sentence(view) {
    const { replicas, figures } = atMostReplicas(balancerFigures(view));
    const named = figures.map((figure) => ({ ...figure, name: figure.arm }));
    const sentence = compareSentence(named, words);
    if (sentence === null) return 'There was no load balancer between load generators and replicas.';
    return `Per request with ${counted(replicas, 'replica')} behind the balancer: ${sentence}.`;
  },
  draw(view, canvas) {
    const series = armSeries(view, balancerFigures(view), 'replicas');
    if (series.length === 0) return null;
    return drawPanels(series, canvas, { xTitle: 'replicas', yTitle: 'µs per request' });
  },
};
