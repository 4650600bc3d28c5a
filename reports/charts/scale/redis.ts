import { counted } from '../../../core/text/format.ts';
import { compareSentence, quote } from '../../../core/text/sentences.ts';
import type { ReportView } from '../../view/view.ts';
import { armSeries } from '../shapes/arm-series.ts';
import type { Chart } from '../shapes/chart.ts';
import { drawPanels } from '../shapes/panels.ts';
import { atMostReplicas, replicaFigures } from './replica-series.ts';

const words = {
  least: 'loads it least',
  leastPlural: 'load it least',
  most: 'loads Redis most',
  mostPlural: 'load Redis most',
};

/** Only arms that use Redis: the others cannot saturate it. */
function redisFigures(view: ReportView) {
  const figures = replicaFigures(view, 'redis_utilisation');
  const users = new Set(figures.filter((figure) => figure.value > 0).map((figure) => figure.arm));
  return figures.filter((figure) => users.has(figure.arm));
}

/** How near the one shared Redis is to its limit: one core, since it executes commands on one thread. */
export const scaleRedis: Chart = {
  id: 'scale-redis',
  title: 'Redis utilisation by replicas',
  experiment: 'scale',
  appendix: true,
  note: 'Dashed: one whole core, the most that Redis can use for commands. Grey: the other arms. Hollow: flagged.',
  figures: redisFigures,
  sentence(view) {
    const { replicas, figures } = atMostReplicas(redisFigures(view));
    const named = figures.map((figure) => ({ ...figure, name: figure.arm, unit: '% of one core' }));
    const first = named[0];
    if (first === undefined) return 'No measured arm uses Redis.';
    const sentence =
      named.length === 1 ? `only ${quote(first)} uses Redis` : compareSentence(named, words, { biggerFirst: true });
    return `With ${counted(replicas, 'replica')}, ${sentence}.`;
  },
  draw(view, canvas) {
    const series = armSeries(view, redisFigures(view), 'replicas');
    if (series.length === 0) return null;
    return drawPanels(series, canvas, { xTitle: 'replicas', yTitle: '% of one core', level: 100 });
  },
};
