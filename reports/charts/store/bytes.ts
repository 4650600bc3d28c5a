import { formatBytes, formatEstimate, list } from '../../../core/text/format.ts';
import type { ArmFigure } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import type { Chart } from '../shapes/chart.ts';
import { drawLogPanels, type Panel, type PanelLine } from '../shapes/log-panels.ts';
import { sessionsOf, sizeLabel, sizeTicks, storeFigures, storeName, storePoint } from './figures.ts';

/** The size of a session that is usually quoted, without a measurement. */
const PUBLISHED = [300, 700] as const;

const grown = (view: ReportView) => storeFigures(view, 'bytes_per_session', { method: null });
const estimated = (view: ReportView) => storeFigures(view, 'bytes_per_session', { method: 'memory-usage' });

/** The figure of each arm at the largest number of entries. */
function largest(all: readonly ArmFigure[]): ArmFigure[] {
  return [...Map.groupBy(all, storeName).values()].flatMap((own) => own.at(-1) ?? []);
}

function sentence(view: ReportView): string {
  const ends = largest(grown(view));
  if (ends.length === 0) return 'No measured arm stores anything in Redis.';
  const each = ends.map(
    (figure) => `${storeName(figure)} ${formatEstimate(figure)} among ${sizeLabel(sessionsOf(figure))}`,
  );
  const sessions = ends.filter(({ factors }) => factors.kind === 'session');
  const most = sessions.toSorted((a, b) => b.value - a.value)[0];
  const million =
    most === undefined ? '' : ` A million sessions of ${most.arm} thus take ${formatBytes(most.value * 1e6)}.`;
  return `Redis memory per entry: ${list(each)}.${million}`;
}

/** The commonly quoted range, across the panel. */
function published(xs: readonly number[]): PanelLine[] {
  const ends = [Math.min(...xs), Math.max(...xs)];
  return PUBLISHED.map((value) => ({
    role: 'machine',
    points: ends.map((x) => ({ x, value, low: value, high: value, flagged: false })),
    ...(value === PUBLISHED[1] ? { labels: [{ text: 'published', end: 'first', side: 'above' }] } : {}),
  }));
}

function panelsOf(view: ReportView): Panel[] {
  const xs = grown(view).map(sessionsOf);
  return view.arms.flatMap(({ name, colour }) => {
    const own = grown(view).filter(({ arm }) => arm === name);
    if (own.length === 0) return [];
    const estimates = estimated(view).filter(({ arm }) => arm === name);
    return [
      {
        name,
        arm: name,
        colour,
        lines: [
          { role: 'main' as const, points: own.map(storePoint) },
          ...(estimates.length === 0 ? [] : [{ role: 'second' as const, points: estimates.map(storePoint) }]),
          ...published(xs),
        ],
      },
    ];
  });
}

/** The memory that state takes. */
export const storeBytes: Chart = {
  id: 'store-bytes',
  title: 'Redis memory per session, denied token or token family',
  experiment: 'store',
  note: 'The entries that one login or logout leaves in Redis, with indexes and expiry, copied with new ids. Solid: growth of used memory divided by their number, including hash tables that double in size; dashed: the keys alone, by MEMORY USAGE. Dotted: 300 and 700 B, the range of published but unmeasured estimates for a session. Hollow: flagged.',
  figures: (view) => [...grown(view), ...estimated(view)],
  sentence,
  draw(view, canvas) {
    const panels = panelsOf(view);
    if (panels.length === 0) return null;
    return drawLogPanels(panels, canvas, {
      xTitle: 'stored entries',
      yTitle: 'B each',
      xScale: 'log',
      xTicks: sizeTicks(grown(view)),
      legend: [
        { name: 'used memory', role: 'main' },
        { name: 'the keys alone', role: 'second' },
        { name: 'published estimates of a session', role: 'machine' },
      ],
    });
  },
};
