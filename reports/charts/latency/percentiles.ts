import { formatValue, list } from '../../../core/text/format.ts';
import { compareSentence } from '../../../core/text/sentences.ts';
import type { ArmFigure } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import type { Chart } from '../shapes/chart.ts';
import { drawLogPanels, type Panel } from '../shapes/log-panels.ts';
import {
  atQuantile,
  comparedLoad,
  inMs,
  latencyFigures,
  loadOf,
  pointAt,
  quantileOf,
  setAside,
  type Timing,
} from './figures.ts';

const TIMINGS = ['corrected', 'service', 'machine'] as const;
const ROLES = { corrected: 'main', service: 'second', machine: 'machine' } as const;
/** The percentile of the sentence: each slice has enough requests for it. */
const TOLD = 99;

const words = {
  least: 'is fastest',
  leastPlural: 'are fastest',
  most: 'is slowest',
  mostPlural: 'are slowest',
};

function shown(view: ReportView, timing: Timing): ArmFigure[] {
  const load = comparedLoad(latencyFigures(view, 'corrected'));
  return latencyFigures(view, timing).filter((figure) => loadOf(figure) === load);
}

/** HdrHistogram's axis: each nine takes the same width, so that the tail is as readable as the middle. */
export function ninesOf(percent: number): number {
  return 100 / (100 - percent);
}

function panelsOf(view: ReportView): Panel[] {
  const figures = TIMINGS.map((timing) => ({ timing, figures: shown(view, timing) }));
  return view.arms.flatMap((arm) => {
    const lines = figures.flatMap(({ timing, figures: all }) => {
      const points = all
        .filter((figure) => figure.arm === arm.name)
        .map((figure) => pointAt(ninesOf(quantileOf(figure) ?? 0), figure))
        .sort((a, b) => a.x - b.x);
      return points.length === 0 ? [] : [{ role: ROLES[timing], points }];
    });
    return lines[0]?.role === 'main' ? [{ name: arm.name, arm: arm.name, colour: arm.colour, lines }] : [];
  });
}

/** How much of the arms' tails may be the machine's: where its own lateness reaches an arm's latency. */
function machineSentence(machine: readonly ArmFigure[], corrected: readonly ArmFigure[]): string {
  const worst = machine.toSorted((a, b) => b.value - a.value)[0];
  if (worst === undefined) return '';
  const drowned = corrected.filter((figure) => {
    const own = machine.find(({ arm }) => arm === figure.arm);
    return own !== undefined && (own.value >= figure.value || (own.low <= figure.high && figure.low <= own.high));
  });
  const whose =
    drowned.length === 0
      ? ''
      : `, so the contribution of ${list(drowned.map(({ arm }) => arm))} is hidden by the machine’s own stalls`;
  return ` During this, the machine itself woke processes up to ${formatValue(inMs(worst))} late (p${TOLD})${whose}.`;
}

/** The whole distribution at one load, with the tail on the right. */
export const latencyPercentiles: Chart = {
  id: 'latency-percentiles',
  title: 'Latency by percentile',
  experiment: 'latency',
  note: 'Open loop: requests are sent on schedule, whether or not earlier ones were answered. The solid line counts from the time a request was due, as its user would; the dashed one from when it was actually sent, which hides waiting. Dotted: how late the machine itself woke an idle process. Band: 95 % interval. Grey, solid: the other arms. Hollow: flagged.',
  figures: (view) => TIMINGS.flatMap((timing) => shown(view, timing)),
  sentence(view) {
    const load = comparedLoad(latencyFigures(view, 'corrected'));
    if (load === null) return 'No latency was measured.';
    const corrected = atQuantile(shown(view, 'corrected'), TOLD);
    const { ranked, aside } = setAside(corrected.filter((figure) => figure.arm !== view.baseline?.name));
    const compared = compareSentence(ranked.map(inMs), words);
    const at = `At ${load} % of each arm’s own capacity`;
    const first = compared === null ? `${at}, no arm’s p${TOLD} can be ranked.` : `${at}, by p${TOLD}: ${compared}.`;
    return `${first}${aside === null ? '' : ` ${aside}`}${machineSentence(atQuantile(shown(view, 'machine'), TOLD), corrected)}`;
  },
  draw(view, canvas) {
    const panels = panelsOf(view);
    if (panels.length === 0) return null;
    const last = Math.max(...panels.flatMap(({ lines }) => lines.flatMap(({ points }) => points.map(({ x }) => x))));
    const ticks = [50, 90, 99, 99.9, 99.99, 99.999].map((percent) => ({ at: ninesOf(percent), label: `${percent}` }));
    const load = comparedLoad(latencyFigures(view, 'corrected'));
    return drawLogPanels(panels, canvas, {
      xTitle: `percentile, at ${load} % load`,
      yTitle: 'ms',
      xScale: 'log',
      // 100 / (100 − 99.9) is not quite 1000.
      xTicks: ticks.filter(({ at }, index) => index === 0 || at <= last * 1.001),
      legend: [
        { name: 'since due', role: 'main' },
        { name: 'since sent', role: 'second' },
        { name: 'the machine itself', role: 'machine' },
      ],
    });
  },
};
