import { formatEstimate, list } from '../format.ts';
import type { ReportView } from '../view.ts';
import type { Chart } from './chart.ts';
import { logPanelsSpec, type Panel } from './log-panels.ts';
import { sessionsOf, sizeLabel, sizeTicks, storeFigures, storeName, storePoint } from './store-figures.ts';

const cpu = (view: ReportView) => storeFigures(view, 'redis_cpu_us_per_command');
const waited = (view: ReportView) => storeFigures(view, 'lookup_us', { phase: null, quantile: 'p50' });

function growth(view: ReportView): string {
  const all = [...Map.groupBy(cpu(view), storeName)].flatMap(([name, own]) => {
    const [first, last] = [own[0], own.at(-1)];
    if (first === undefined || last === undefined || first === last) return [];
    const [few, many] = [sizeLabel(sessionsOf(first)), sizeLabel(sessionsOf(last))];
    const told = `${name} ${formatEstimate(first)} among ${few} and ${formatEstimate(last)} among ${many}`;
    return [first.high < last.low || last.high < first.low ? told : `${told}, which cannot be told apart`];
  });
  return all.length === 0 ? '' : `A lookup costs Redis: ${list(all)}.`;
}

/** What the expiry of many at once does to those who stay. */
function storms(view: ReportView): string {
  const gone = storeFigures(view, 'expiry_ms').map((figure) => {
    const same = (phase: string) =>
      storeFigures(view, 'lookup_us', { phase, quantile: 'p99' }).find(
        (other) => other.arm === figure.arm && sessionsOf(other) === sessionsOf(figure),
      );
    const [calm, storm] = [same('calm'), same('storm')];
    const tail =
      calm === undefined || storm === undefined
        ? ''
        : `, while p99 of other lookups was ${formatEstimate(storm)} instead of ${formatEstimate(calm)}`;
    return `${sizeLabel(sessionsOf(figure))} of ${storeName(figure)} are gone after ${formatEstimate(figure)}${tail}`;
  });
  return gone.length === 0 ? '' : ` When all expire at one moment: ${gone.join('; ')}.`;
}

function panelsOf(view: ReportView): Panel[] {
  return view.arms.flatMap(({ name, colour }) => {
    const own = cpu(view).filter(({ arm }) => arm === name);
    const waits = waited(view).filter(({ arm }) => arm === name);
    const [first] = own;
    if (first === undefined) return [];
    return [
      {
        name: storeName(first),
        colour,
        lines: [
          { role: 'main' as const, points: own.map(storePoint) },
          ...(waits.length === 0 ? [] : [{ role: 'second' as const, points: waits.map(storePoint) }]),
        ],
      },
    ];
  });
}

/** Whether finding one costs more among many. */
export const storeLookup: Chart = {
  id: 'store-lookup',
  title: 'Cost of a lookup over how many are kept',
  experiment: 'store',
  note: 'Solid: CPU time of Redis for one lookup, in batches of 100. Dashed: the time until a client has the answer, one lookup after the other, in the middle (p50); nearly all of it is the way. Sessions are read by GETEX, a denylist is asked by EXISTS for tokens that are not on it, families are read by HMGET. Band: 95 % interval. Hollow: flagged.',
  figures: (view) => [...cpu(view), ...waited(view), ...storeFigures(view, 'expiry_ms')],
  sentence: (view) => `${growth(view)}${storms(view)}`.trim() || 'No lookups were measured.',
  spec(view, canvas) {
    const panels = panelsOf(view);
    if (panels.length === 0) return null;
    return logPanelsSpec(panels, canvas, {
      xTitle: 'how many are kept',
      yTitle: 'µs',
      xScale: 'log',
      xTicks: sizeTicks(cpu(view)),
      legend: [
        { name: 'CPU time of Redis', role: 'main' },
        { name: 'time until the answer', role: 'second' },
      ],
    });
  },
};
