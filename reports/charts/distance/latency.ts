import { formatEstimate, formatValue, list } from '../../../core/text/format.ts';
import type { ArmFigure } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import type { Chart } from '../shapes/chart.ts';
import { drawLogPanels } from '../shapes/log-panels.ts';
import { ALONE, distanceFigures, distancePanels, measuredRtts, pointAt, rttOf, rttTicks } from './figures.ts';

const TAIL = 'p99';

const alone = (view: ReportView) => distanceFigures(view, 'latency_us', { in_flight: ALONE, quantile: 'mean' });
const tail = (view: ReportView) => distanceFigures(view, 'latency_us', { in_flight: ALONE, quantile: TAIL });
const model = (view: ReportView) => distanceFigures(view, 'model_throughput_rps', { in_flight: ALONE });

/** With one request at a time, latency is the inverse of the rate. */
function modelPoint(figure: ArmFigure) {
  const value = 1000 / figure.value;
  return { x: rttOf(figure), value, low: value, high: value, flagged: false };
}

function sentence(view: ReportView): string {
  const trips = distanceFigures(view, 'round_trips_per_request');
  const furthest = Math.max(0, ...alone(view).map(rttOf));
  const without = [...new Set(alone(view).map(({ arm }) => arm))].filter(
    (arm) => !trips.some((trip) => trip.arm === arm),
  );
  const waiting = trips.filter(({ low }) => low > 0).map((trip) => `${trip.arm} ${formatEstimate(trip)}`);
  const still = [...trips.filter(({ low }) => low <= 0).map(({ arm }) => arm), ...without];
  const who =
    waiting.length === 0
      ? 'No arm measurably waits for round trips to Redis.'
      : `Round trips to Redis that a request waits for: ${list(waiting)}.`;
  const others = waiting.length === 0 || still.length === 0 ? '' : ` Without a measurable wait: ${list(still)}.`;
  const got = measuredRtts(view).filter((figure) => rttOf(figure) === furthest);
  const asked =
    got[0] === undefined ? '' : ` A requested round trip of ${furthest} ms was ${formatValue(got[0])} when measured.`;
  return `${who}${others}${asked}`;
}

/** How latency grows with the distance of Redis. */
export const distanceLatency: Chart = {
  id: 'distance-latency',
  title: 'Latency by distance to Redis',
  experiment: 'distance',
  note: `A proxy between replica and Redis lengthens the round trip, which PING measures; the axis shows the requested time. Solid: mean, one request at a time. Dotted: a queueing model fitted without added distance. Dashed: ${TAIL}, one request at a time. Band: 95 % interval. Grey: the other arms. Hollow: flagged.`,
  figures: (view) => [...alone(view), ...tail(view), ...distanceFigures(view, 'round_trips_per_request')],
  sentence,
  draw(view, canvas) {
    const panels = distancePanels(view, [
      { role: 'main', figures: alone(view), point: (figure) => pointAt(figure, 1000) },
      { role: 'second', figures: tail(view), point: (figure) => pointAt(figure, 1000) },
      { role: 'machine', figures: model(view), point: modelPoint },
    ]);
    if (panels.length === 0) return null;
    return drawLogPanels(panels, canvas, {
      xTitle: 'ms to Redis and back',
      yTitle: 'ms',
      xScale: 'linear',
      xTicks: rttTicks(alone(view)),
      legend: [
        { name: 'one request at a time, mean', role: 'main' },
        ...(tail(view).length === 0 ? [] : [{ name: `${TAIL} of the same`, role: 'second' as const }]),
        { name: 'the model', role: 'machine' },
      ],
    });
  },
};
