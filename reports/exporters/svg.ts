import { standalone } from '../charts/shapes/render.ts';
import type { Exporter } from './exporter.ts';

/** Within the run's folder. */
export function chartPath(id: string): string {
  return `charts/${id}.svg`;
}

/** Each chart as a separate file, for slides and documents. */
export const svg: Exporter = {
  name: 'svg',
  render: (_view, charts) =>
    charts.map((chart) => ({ path: chartPath(chart.id), content: `${standalone(chart.svg.wide, chart.sentence)}\n` })),
};
