import { compareSentence } from '../../../core/text/sentences.ts';
import type { ReportView } from '../../view/view.ts';
import type { Chart } from '../shapes/chart.ts';
import { drawLogPanels } from '../shapes/log-panels.ts';
import { distanceFigures, distancePanels, mostInFlight, pointAt, rttOf, rttTicks } from './figures.ts';

const words = {
  least: 'has the lowest throughput',
  leastPlural: 'have the lowest throughput',
  most: 'has the highest throughput',
  mostPlural: 'have the highest throughput',
};

const many = (view: ReportView) => distanceFigures(view, 'throughput_rps', { in_flight: mostInFlight(view) });

/** The model's error over all arms and distances: median and worst. */
function errorSentence(view: ReportView): string {
  const errors = distanceFigures(view, 'prediction_error_pct', { in_flight: mostInFlight(view) })
    .map(({ value }) => Math.abs(value))
    .sort((a, b) => a - b);
  const middle = errors[Math.floor(errors.length / 2)];
  const worst = errors.at(-1);
  if (middle === undefined || worst === undefined) return '';
  return ` The model is off by ${Math.round(middle)} % (median) and ${Math.round(worst)} % (worst).`;
}

function sentence(view: ReportView): string {
  const all = many(view);
  const furthest = Math.max(0, ...all.map(rttOf));
  const there = all.filter((figure) => rttOf(figure) === furthest).map((figure) => ({ ...figure, name: figure.arm }));
  const compared = compareSentence(there, words, { biggerFirst: true });
  if (compared === null) return 'No throughput was measured.';
  return `With ${mostInFlight(view)} requests in flight and a round trip of ${furthest} ms to Redis, ${compared}.${errorSentence(view)}`;
}

/** Whether distance costs throughput, or only time. */
export const distanceThroughput: Chart = {
  id: 'distance-throughput',
  title: 'Throughput by distance to Redis',
  experiment: 'distance',
  note: 'With enough requests in flight, a replica works on others while one waits, so distance costs latency rather than throughput. Dotted: a queueing model fitted to one request at a time without added distance. Band: 95 % interval. Grey: the other arms. Hollow: flagged.',
  figures: (view) => [
    ...many(view),
    ...distanceFigures(view, 'prediction_error_pct', { in_flight: mostInFlight(view) }),
  ],
  sentence,
  draw(view, canvas) {
    const panels = distancePanels(view, [
      { role: 'main', figures: many(view), point: (figure) => pointAt(figure) },
      {
        role: 'machine',
        figures: distanceFigures(view, 'model_throughput_rps', { in_flight: mostInFlight(view) }),
        point: (figure) => pointAt(figure),
      },
    ]);
    if (panels.length === 0) return null;
    return drawLogPanels(panels, canvas, {
      xTitle: 'ms to Redis and back',
      yTitle: 'req/s',
      xScale: 'linear',
      xTicks: rttTicks(many(view)),
      legend: [
        { name: 'measured', role: 'main' },
        { name: 'the model', role: 'machine' },
      ],
    });
  },
};
