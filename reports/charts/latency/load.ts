import { formatValue, list } from '../../../core/text/format.ts';
import type { ArmFigure } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import type { Chart } from '../shapes/chart.ts';
import type { LineRole } from '../shapes/line-legend.ts';
import { drawLogPanels, type Panel, type PanelLine, type PointLabel } from '../shapes/log-panels.ts';
import { atQuantile, inMs, isSound, latencyFigures, loadOf, pointAt } from './figures.ts';
import { findKnee, type Knee } from './knee.ts';

const MIDDLE = 50;
const TAIL = 99;

function figures(view: ReportView, percent: number): ArmFigure[] {
  return atQuantile(latencyFigures(view, 'corrected'), percent).sort((a, b) => loadOf(a) - loadOf(b));
}

/** The knee of one arm's tail, from loads that were really offered. */
function kneeOf(tail: readonly ArmFigure[]): Knee | null {
  return findKnee(tail.filter(isSound).map((figure) => ({ ...figure, load: loadOf(figure) })));
}

interface ArmKnee {
  readonly arm: string;
  readonly knee: Knee;
}

function knees(view: ReportView): ArmKnee[] {
  const all = figures(view, TAIL);
  return view.arms.flatMap(({ name }) => {
    const knee = kneeOf(all.filter(({ arm }) => arm === name));
    return knee === null ? [] : [{ arm: name, knee }];
  });
}

function place({ from, within, beyond }: Knee): string {
  const twice = `twice its value at ${from} % load`;
  return beyond === null
    ? `stays below ${twice} up to ${within} %`
    : `reaches ${twice} between ${within} and ${beyond} % load`;
}

/** Arms with the same knee share a clause; uncertain ones are marked. */
function kneeSentence(view: ReportView): string {
  const all = knees(view);
  if (all.length === 0) return 'No arm has two loads that were fully sent, so it is unknown where latency rises.';
  const groups = [...Map.groupBy(all, ({ knee }) => place(knee))].sort(([a], [b]) => (a < b ? -1 : 1));
  const clauses = groups.map(([where, arms]) => `${where} for ${list(arms.map(({ arm }) => arm))}`);
  const open = all.filter(({ knee }) => !knee.certain).map(({ arm }) => arm);
  const doubt = open.length === 0 ? '' : ` For ${list(open)} the intervals leave the exact load open.`;
  return `p${TAIL} ${clauses.join('; it ')}.${doubt}`;
}

function lineOf(role: LineRole, own: readonly ArmFigure[], labels: PanelLine['labels'] = []): PanelLine[] {
  return own.length === 0 ? [] : [{ role, points: own.map((figure) => pointAt(loadOf(figure), figure)), labels }];
}

/** The name of a line and its value at the lowest load. */
function firstLabel(percent: number, own: readonly ArmFigure[], side: PointLabel['side']): PointLabel[] {
  const first = own[0];
  return first === undefined ? [] : [{ text: `p${percent} ${formatValue(inMs(first))}`, end: 'first', side }];
}

function lastLabel(own: readonly ArmFigure[]): PointLabel[] {
  const last = own.at(-1);
  return last === undefined || own.length < 2 ? [] : [{ text: formatValue(inMs(last)), end: 'last', side: 'above' }];
}

function panelsOf(view: ReportView): Panel[] {
  const machine = atQuantile(latencyFigures(view, 'machine'), TAIL).sort((a, b) => loadOf(a) - loadOf(b));
  const found = knees(view);
  return view.arms.flatMap(({ name, colour }) => {
    const of = (all: readonly ArmFigure[]) => all.filter(({ arm }) => arm === name);
    const tail = of(figures(view, TAIL));
    if (tail.length === 0) return [];
    const middle = of(figures(view, MIDDLE));
    const lines = [
      ...lineOf('main', tail, [...firstLabel(TAIL, tail, 'above'), ...lastLabel(tail)]),
      ...lineOf('main', middle, firstLabel(MIDDLE, middle, 'below')),
      ...lineOf('machine', of(machine)),
    ];
    const knee = found.find(({ arm }) => arm === name)?.knee;
    const at = tail.find((figure) => knee !== undefined && knee.beyond !== null && loadOf(figure) === knee.within);
    return [
      {
        name,
        arm: name,
        colour,
        lines,
        ...(at === undefined ? {} : { ring: { x: loadOf(at), value: inMs(at).value } }),
      },
    ];
  });
}

/** How the median and the tail rise as an arm approaches its capacity. */
export const latencyLoad: Chart = {
  id: 'latency-load',
  title: 'Latency by load',
  experiment: 'latency',
  note: `Load is a percentage of each arm’s own capacity, so equal loads are different rates. Latency counts from the time a request was due. Ringed: the knee, the highest measured load at which p${TAIL} is still below twice its value at the lowest load; without a ring, the knee was not reached. Band: 95 % interval. Grey, solid: p${TAIL} of the other arms. Hollow: flagged.`,
  figures: (view) => [
    ...figures(view, MIDDLE),
    ...figures(view, TAIL),
    ...atQuantile(latencyFigures(view, 'machine'), TAIL),
  ],
  sentence: kneeSentence,
  draw(view, canvas) {
    const panels = panelsOf(view);
    if (panels.length === 0) return null;
    const loads = [...new Set(figures(view, TAIL).map(loadOf))].sort((a, b) => a - b);
    return drawLogPanels(panels, canvas, {
      xTitle: '% of capacity',
      yTitle: 'ms',
      xScale: 'linear',
      xTicks: loads.map((load) => ({ at: load, label: `${load}` })),
      legend: [
        { name: `p${TAIL} and p${MIDDLE}`, role: 'main' },
        { name: `the machine itself, p${TAIL}`, role: 'machine' },
        { name: 'the knee', role: 'ring' },
      ],
    });
  },
};
