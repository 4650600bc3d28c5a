import type { Metric } from '../../../core/results/metrics.ts';
import { formatDuration, formatEstimate, formatValue } from '../../../core/text/format.ts';
import type { ArmFigure } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import type { Chart } from '../shapes/chart.ts';
import { drawLogPanels, type Panel } from '../shapes/log-panels.ts';
import { sessionsOf, sizeLabel, sizeTicks, storeFigures, storePoint } from './figures.ts';

const cpu = (view: ReportView) => storeFigures(view, 'redis_cpu_us_per_command');
const waited = (view: ReportView) => storeFigures(view, 'lookup_us', { phase: null, quantile: 'p50' });

/** `0.92 µs (jwt-denylist) to 2.4 µs (jwt-refresh)`; for one arm, its figure with its interval. */
function span(figures: readonly ArmFigure[]): string {
  const sorted = figures.toSorted((a, b) => a.value - b.value);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) return '';
  if (least === most) return `${formatEstimate(least)} (${least.arm})`;
  return `${formatValue(least)} (${least.arm}) to ${formatValue(most)} (${most.arm})`;
}

function growth(view: ReportView): string {
  const sizes = [...Map.groupBy(cpu(view), sessionsOf)];
  const costs = [...new Set([sizes[0], sizes.at(-1)])].flatMap((entry) =>
    entry === undefined ? [] : [`among ${sizeLabel(entry[0])} from ${span(entry[1])}`],
  );
  return costs.length === 0 ? '' : `Redis CPU time per lookup: ${costs.join(', ')}.`;
}

/** The effect of a mass expiry on the remaining sessions, at the largest number of expired ones. */
function storms(view: ReportView): string {
  const gone = storeFigures(view, 'expiry_ms', { live_per_ended: null });
  const most = Math.max(...gone.map(sessionsOf));
  const largest = gone.filter((figure) => sessionsOf(figure) === most);
  if (largest.length === 0) return '';
  const tails = (phase: string) =>
    storeFigures(view, 'lookup_us', { phase, quantile: 'p99' }).filter((figure) => sessionsOf(figure) === most);
  const meanwhile =
    tails('storm').length === 0 || tails('calm').length === 0
      ? ''
      : `, and p99 of other lookups rises from ${span(tails('calm'))} to ${span(tails('storm'))}`;
  return ` When ${sizeLabel(most)} entries expire at once in an otherwise empty Redis, it takes ${span(largest)} to remove them${meanwhile}.`;
}

/** Expiry among live keys, as in a service: the share removed, how fast, and what removing more would cost. */
function besides(view: ReportView): string {
  return LIVE.map(({ level, words }) => {
    const of = (metric: Metric, effort: string) =>
      storeFigures(view, metric, {}).filter(
        ({ factors }) => String(factors.live_per_ended) === level && String(factors.expire_effort) === effort,
      );
    const removedWith = (effort: string) => {
      const gone = of('expired_gone_pct', effort);
      const most = Math.max(...gone.map(sessionsOf));
      const largest = gone.filter((figure) => sessionsOf(figure) === most);
      const watched = of('expiry_watched_ms', effort).filter((figure) => sessionsOf(figure) === most);
      if (largest.length === 0 || watched.length === 0) return null;
      const within = formatDuration(Math.max(...watched.map(({ value }) => value)));
      return { most, text: `${sharesOf(largest)} were removed after ${within}` };
    };
    const [plain, eager] = [removedWith('1'), removedWith('10')];
    if (plain === null) return '';
    const cure = eager === null ? '' : `; with active-expire-effort 10 instead of 1, ${eager.text}`;
    return ` Of ${sizeLabel(plain.most)} that ended with ${words}, ${plain.text}${cure}.`;
  }).join('');
}

/** Which sessions a full Redis evicts although others have expired: with its defaults, and with better settings. */
function evictions(view: ReportView): string {
  const all = storeFigures(view, 'evicted_live_pct');
  const most = Math.max(...all.map(sessionsOf));
  const shares = [...Map.groupBy(all, ({ factors }) => Number(factors.eviction_samples))]
    .toSorted(([a], [b]) => a - b)
    .map(
      ([samples, figures]) => `${sharesOf(figures.filter((figure) => sessionsOf(figure) === most))} with ${samples}`,
    );
  if (shares.length === 0) return '';
  return ` Share of live sessions among the keys that a full Redis evicted by volatile-ttl, by maxmemory-samples: ${shares.join(', ')}.`;
}

const LIVE = [
  { level: '1', words: 'one live entry for each' },
  { level: '9', words: 'nine live entries for each' },
] as const;

/** `0.9 %` for one arm or equal shares, `0.9 to 2 %` for several. */
function sharesOf(figures: readonly ArmFigure[]): string {
  const values = figures.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)].map((share) => formatPercent(share));
  return least === most ? `${least} %` : `${least} to ${most} %`;
}

/** A share below 1 is never shown as 100. */
const formatPercent = (share: number) =>
  share > 0 && share < 10 ? share.toFixed(1) : String(share < 100 ? Math.min(99, Math.round(share)) : share);

function panelsOf(view: ReportView): Panel[] {
  return view.arms.flatMap(({ name, colour }) => {
    const own = cpu(view).filter(({ arm }) => arm === name);
    const waits = waited(view).filter(({ arm }) => arm === name);
    if (own.length === 0) return [];
    return [
      {
        name,
        arm: name,
        colour,
        lines: [
          { role: 'main' as const, points: own.map(storePoint) },
          ...(waits.length === 0 ? [] : [{ role: 'second' as const, points: waits.map(storePoint) }]),
        ],
      },
    ];
  });
}

/** Whether a lookup costs more among many. */
export const storeLookup: Chart = {
  id: 'store-lookup',
  title: 'Cost of a lookup by number of stored entries',
  experiment: 'store',
  note: 'Solid: Redis CPU time per lookup, in batches of 100. Dashed: median time until a client has the answer, one lookup at a time; nearly all of it is the round trip. Sessions are read with GETEX, token families with HMGET; a denylist is queried with EXISTS for tokens that are not on it. Band: 95 % interval. Hollow: flagged.',
  figures: (view) => [
    ...cpu(view),
    ...waited(view),
    ...storeFigures(view, 'expiry_ms', { live_per_ended: null }),
    ...storeFigures(view, 'expired_gone_pct'),
    ...storeFigures(view, 'evicted_live_pct'),
  ],
  sentence: (view) =>
    `${growth(view)}${storms(view)}${besides(view)}${evictions(view)}`.trim() || 'No lookups were measured.',
  draw(view, canvas) {
    const panels = panelsOf(view);
    if (panels.length === 0) return null;
    return drawLogPanels(panels, canvas, {
      xTitle: 'stored entries',
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
