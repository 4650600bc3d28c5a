/** Figures over the distance of Redis, as lines for panels. Shared by the charts of `distance`. */

import type { Metric } from '../../../core/results/metrics.ts';
import { type ArmFigure, factorNumber, figuresOf, hasArm } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import type { Panel, PanelLine } from '../shapes/log-panels.ts';
import type { SeriesPoint } from '../shapes/panels.ts';
import { tipOf } from '../shapes/tip.ts';

export const ALONE = 1;

export const rttOf = (figure: ArmFigure) => factorNumber(figure, 'rtt_ms') ?? 0;

/** Figures by increasing distance. @param factors that a figure must have; null for one that it must not have */
export function distanceFigures(
  view: ReportView,
  metric: Metric,
  factors: Readonly<Record<string, string | number | null>> = {},
): ArmFigure[] {
  return figuresOf(view.run, 'distance', metric)
    .filter(hasArm)
    .filter((figure) =>
      Object.entries(factors).every(([name, level]) =>
        level === null ? figure.factors[name] === undefined : figure.factors[name] === level,
      ),
    )
    .sort((a, b) => rttOf(a) - rttOf(b));
}

/** The largest number of requests in flight. */
export function mostInFlight(view: ReportView): number {
  return Math.max(...distanceFigures(view, 'throughput_rps').map((figure) => factorNumber(figure, 'in_flight') ?? 0));
}

export function pointAt(figure: ArmFigure, by = 1): SeriesPoint {
  const value = figure.value / by;
  // A logarithmic axis has no 0, where intervals of few starts may end.
  return {
    x: rttOf(figure),
    value,
    low: Math.max(figure.low / by, value / 10),
    high: Math.min(figure.high / by, value * 10),
    flagged: figure.flags.length > 0,
    tip: tipOf(`${figure.arm}, ${rttOf(figure)} ms to Redis and back`, figure),
  };
}

export interface DistanceLines {
  readonly role: PanelLine['role'];
  readonly figures: readonly ArmFigure[];
  readonly point: (figure: ArmFigure) => SeriesPoint;
}

/** One panel for each arm that has a point in the first of the lines. */
export function distancePanels(view: ReportView, all: readonly DistanceLines[]): Panel[] {
  return view.arms.flatMap(({ name, colour }) => {
    const lines = all.flatMap(({ role, figures, point }) => {
      const points = figures.filter(({ arm }) => arm === name).map(point);
      return points.length === 0 ? [] : [{ role, points }];
    });
    return lines[0]?.role === 'main' ? [{ name, arm: name, colour, lines }] : [];
  });
}

export function rttTicks(figures: readonly ArmFigure[]): { readonly at: number; readonly label: string }[] {
  return [...new Set(figures.map(rttOf))].sort((a, b) => a - b).map((at) => ({ at, label: `${at}` }));
}

/** `0.2 ms asked for came to 207 µs`: for the first arm that uses Redis. */
export function measuredRtts(view: ReportView): readonly ArmFigure[] {
  const all = distanceFigures(view, 'rtt_us');
  return all.filter(({ arm }) => arm === all[0]?.arm);
}
