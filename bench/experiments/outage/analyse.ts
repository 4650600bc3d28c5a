/** Turns outage's slices into figures. Pure. */

import type { Flag } from '../../../core/results/flags.ts';
import type { NumberMeasure } from '../../../core/results/measures.ts';
import type { Metric } from '../../../core/results/metrics.ts';
import { copyOf, measuresOf } from '../../../core/results/recorded/packed-slices.ts';
import type { Factors, Figure, Slice } from '../../../core/results/schema.ts';
import { estimateRatioOfSums } from '../../../core/stats/estimate.ts';
import type { Bounds } from '../../../core/stats/interval.ts';
import { bracketQuantile } from '../../analysis/bracket.ts';
import { Cell, type CellFigureOptions } from '../../analysis/cell.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { byFork, measure } from '../../measuring/slices.ts';
import { PHASES } from './timeline.ts';

const withRecovery = (slice: Slice, recoveryMs: number): Slice => ({
  ...copyOf(slice),
  measures: { ...measuresOf(slice), recovery_ms: recoveryMs },
});
const has = (slice: Slice, name: NumberMeasure) => slice.measures[name] !== undefined;

/**
 * Whether an arm behaved as declared for an outage of its store, after all caches had expired: all guarded requests
 * accepted, or none. Null if nothing was declared, or nothing was answered in that time.
 */
export function isAsDeclared(slice: Slice): boolean | null {
  const all = slice.measures.settled_all ?? 0;
  const declared = slice.measures.declared_survives;
  // Older journals include the declaration for every fault.
  const isOfStore = /^(redis|companion)-/.test(String(slice.factors.fault));
  if (declared === undefined || !isOfStore || slice.factors.route !== 'me' || all === 0) return null;
  return measure(slice, 'settled_accepted') === (declared === 1 ? all : 0);
}

/**
 * Older journals timed a recovery by when requests were due. That is correct within a bin of the timeline, unless
 * requests that were due after the return had to wait.
 */
function isByDue({ measures, timeline }: Slice): boolean {
  if (measures.held !== undefined || timeline === undefined || timeline.faultToMs === null) return false;
  const { binMs, faultToMs, maxMs } = timeline;
  const after = Math.ceil(faultToMs / binMs);
  return (maxMs[after] ?? 0) > binMs;
}

type Route = 'me' | 'public' | 'revoked';

/** One fault on one arm: a cell for each route, with shared factors. */
class OutageFigures {
  readonly #cell: Cell;

  constructor(context: AnalysisContext, slices: readonly Slice[]) {
    const { arm = null, factors: all = {} } = slices[0] ?? {};
    const { route: _, ...factors } = all;
    this.#cell = new Cell({
      subject: { experiment: 'outage', arm, factors },
      slices,
      seeds: seedsOf(context, `outage ${arm} ${JSON.stringify(factors)}`),
    });
  }

  figures(): Figure[] {
    const me = this.#route('me');
    const revoked = this.#route('revoked');
    const everything = this.#cell.of([...me.slices, ...this.#route('public').slices, ...revoked.slices]);
    const toTheEnd = me.of(me.slices.filter((slice) => has(slice, 'fault_to_ms')));
    return [
      ...this.#accepted('me'),
      ...this.#accepted('public'),
      ...PHASES.flatMap((phase) =>
        share(revoked, 'fail_open_pct', `${phase}_accepted`, `${phase}_all`, { factors: { phase } }),
      ),
      ...this.#moment('time_to_fail_ms', me, 'fail_low_ms', 'fail_ms'),
      ...this.#recovery(me),
      ...this.#away(toTheEnd.of(toTheEnd.slices.filter((slice) => has(slice, 'held')))),
      ...this.#mean('requests_held', me, 'held'),
      ...this.#mean('held_settled_ms', me, 'held_until_ms'),
      ...this.#mean('requests_lost', me, 'lost'),
      ...share(toTheEnd, 'credentials_lost_pct', 'end_refused', 'end_all'),
      ...this.#mean('outage_answer_ms', me, 'during_p50_ms', { quantile: 'p50' }),
      ...this.#mean('outage_answer_ms', me, 'during_max_ms', { quantile: 'max' }),
      ...total(everything, 'requests_timed_out', 'timed_out'),
      ...total(everything, 'requests_hung', 'hung'),
    ];
  }

  #route(route: Route): Cell {
    return this.#cell.of(this.#cell.slices.filter(({ factors }) => factors.route === route));
  }

  #accepted(route: Route): Figure[] {
    const cell = this.#route(route);
    const isBroken = cell.slices.some((slice) => isAsDeclared(slice) === false);
    const flags: readonly Flag[] = isBroken ? [...cell.flags, 'declaration-broken'] : cell.flags;
    return share(cell, 'outage_accepted_pct', 'during_accepted', 'during_all', { factors: { route }, flags });
  }

  /** Between two requests: the interval includes the gap between them. */
  #moment(metric: Metric, cell: Cell, low: NumberMeasure, high: NumberMeasure, flags: readonly Flag[] = []): Figure[] {
    const seen = cell.of(cell.slices.filter((slice) => has(slice, high)));
    if (seen.slices.length === 0) return [];
    const forks: Bounds[][] = byFork(seen.slices).map((fork) =>
      fork.map((slice) => ({ low: measure(slice, low), high: measure(slice, high) })),
    );
    const median = bracketQuantile(forks, 0.5);
    return [seen.figure(metric, median, { flags: [...seen.flags, ...flags] })];
  }

  /** If one start had not recovered by the end, the end of the observation is used instead, with a flag. */
  #recovery(me: Cell): Figure[] {
    const returned = me.slices.filter((slice) => has(slice, 'recovery_low_ms') && !isByDue(slice));
    const isOpen = (slice: Slice) => !has(slice, 'recovery_ms');
    const closed = returned.map((slice) =>
      isOpen(slice) ? withRecovery(slice, slice.durationMs - measure(slice, 'fault_to_ms')) : slice,
    );
    const flags: readonly Flag[] = returned.some(isOpen) ? ['still-broken'] : [];
    return this.#moment('recovery_ms', me.of(closed), 'recovery_low_ms', 'recovery_ms', flags);
  }

  #away(returned: Cell): Figure[] {
    const label = 'outage_away_ms';
    const awayMs = (slice: Slice) => measure(slice, 'fault_to_ms') - measure(slice, 'fault_from_ms');
    return returned.mean('outage_away_ms', awayMs, { label, atLeast: 0 });
  }

  #mean(metric: Metric, cell: Cell, name: NumberMeasure, factors: Factors = {}): Figure[] {
    const seen = cell.of(cell.slices.filter((slice) => has(slice, name)));
    return seen.mean(metric, name, { label: `${metric} ${name}`, factors, atLeast: 0 });
  }
}

/**
 * The interval of a share, widened to the variation between starts: consecutive requests of one start are answered
 * alike, so they are not independent trials.
 */
function share(
  cell: Cell,
  metric: Metric,
  hits: NumberMeasure,
  trials: NumberMeasure,
  options: CellFigureOptions = {},
): Figure[] {
  const found = cell.share(metric, sum(cell, hits), sum(cell, trials), options);
  const starts = byFork(cell.slices)
    .map((slices) => cell.of(slices))
    .map((start) => [{ numerator: sum(start, hits), denominator: sum(start, trials) }])
    .filter(([part]) => (part?.denominator ?? 0) > 0);
  if (starts.length < 2) return found;
  const between = estimateRatioOfSums(starts, { seed: cell.seed(`${metric} starts`) });
  return found.map((figure) => ({
    ...figure,
    low: Math.min(figure.low, Math.max(0, 100 * between.low)),
    high: Math.max(figure.high, Math.min(100, 100 * between.high)),
  }));
}

/** Counted over all routes and starts. */
function total(cell: Cell, metric: Metric, name: NumberMeasure): Figure[] {
  return cell.slices.length === 0 ? [] : [cell.counted(metric, sum(cell, name))];
}

/** A missing measure counts as zero. */
function sum({ slices }: Cell, name: NumberMeasure): number {
  return slices.reduce((total, slice) => total + (slice.measures[name] ?? 0), 0);
}

export function analyseOutage(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const cells = Map.groupBy(slices, ({ arm, factors: { route: _, ...factors } }) => JSON.stringify([arm, factors]));
  return [...cells.values()].flatMap((own) => new OutageFigures(context, own).figures());
}
