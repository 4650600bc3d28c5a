import { standalone } from '../charts/render.ts';
import type { Exporter } from './exporter.ts';

/** Each chart as a file of its own, for slides and documents. */
export const svg: Exporter = {
  name: 'svg',
  render: (_view, charts) =>
    charts.map((chart) => ({ path: `charts/${chart.id}.svg`, content: `${standalone(chart.svg.wide)}\n` })),
};
