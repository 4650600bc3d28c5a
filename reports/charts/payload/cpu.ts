import { compareSentence } from '../../../core/text/sentences.ts';
import { armSeries } from '../shapes/arm-series.ts';
import type { Chart } from '../shapes/chart.ts';
import { drawPanels } from '../shapes/panels.ts';
import { atMostRoles, roleFigures } from './series.ts';

const words = {
  least: 'uses the least CPU time',
  leastPlural: 'use the least CPU time',
  most: 'uses the most',
  mostPlural: 'use the most',
};

/** Total cost of a request, Redis included, over the number of the user's roles. */
export const payloadCpu: Chart = {
  id: 'payload-cpu',
  title: 'Cost of roles: CPU time',
  experiment: 'payload',
  note: 'CPU time of replica and Redis. The response to GET /me lists the roles in every arm, including the baseline. Grey: the other arms. Hollow: flagged.',
  figures: (view) => roleFigures(view, 'total_cpu_us_per_request'),
  sentence(view) {
    const { roles, figures } = atMostRoles(view, 'total_cpu_us_per_request');
    const sentence = compareSentence(
      figures.map((figure) => ({ ...figure, name: figure.arm })),
      words,
    );
    return sentence === null ? 'Only the baseline was measured.' : `With ${roles} roles, ${sentence}.`;
  },
  draw(view, canvas) {
    const series = armSeries(view, roleFigures(view, 'total_cpu_us_per_request'), 'roles');
    return series.length === 0 ? null : drawPanels(series, canvas, { xTitle: 'roles', yTitle: 'µs per request' });
  },
};
