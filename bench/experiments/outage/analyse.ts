/** From outage's slices to its figures. Pure. */
import type { Flag } from '../../../core/results/flags.ts';
import type { Metric } from '../../../core/results/metrics.ts';
import type { Factors, Figure, Slice } from '../../../core/results/schema.ts';
import { type Estimate, estimate } from '../../../core/stats/estimate.ts';
import { proportion } from '../../../core/stats/proportion.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { type Bracket, bracketQuantile } from '../../analysis/bracket.ts';
import { figure } from '../../analysis/figure.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { byFork, flagsOf, measure } from '../../measuring/slices.ts';
import { PHASES } from './timeline.ts';

const has = (slice: Slice, name: string) => slice.measures[name] !== undefined;

/**
 * Whether what an arm declares of an outage of Redis is what was seen, once every cache had run dry: all guarded
 * requests accepted, or none. Null where nothing was declared of it, or nothing was answered in that time.
 */
export function isAsDeclared(slice: Slice): boolean | null {
  const all = slice.measures.settled_all ?? 0;
  const declared = slice.measures.declared_survives;
  const isRedisFault = String(slice.factors.fault).startsWith('redis-');
  if (declared === undefined || !isRedisFault || slice.factors.route !== 'me' || all === 0) return null;
  return measure(slice, 'settled_accepted') === (declared === 1 ? all : 0);
}

/** One fault on one arm, by all routes. */
class CellAnalysis {
  readonly #context: AnalysisContext;
  readonly #arm: string | null;
  readonly #factors: Factors;
  readonly #routes: ReadonlyMap<string, readonly Slice[]>;

  constructor(context: AnalysisContext, slices: readonly Slice[]) {
    this.#context = context;
    this.#arm = slices[0]?.arm ?? null;
    const { route: _, ...factors } = slices[0]?.factors ?? {};
    this.#factors = factors;
    this.#routes = Map.groupBy(slices, ({ factors: { route } }) => String(route));
  }

  figures(): Figure[] {
    const me = this.#routes.get('me') ?? [];
    const open = this.#routes.get('public') ?? [];
    const revoked = this.#routes.get('revoked') ?? [];
    const all = [...me, ...open, ...revoked];
    return [
      ...this.#accepted(me, 'me'),
      ...this.#accepted(open, 'public'),
      ...PHASES.flatMap((phase) =>
        this.#share('fail_open_pct', revoked, `${phase}_accepted`, `${phase}_all`, { phase }),
      ),
      ...this.#moment('time_to_fail_ms', me, 'fail_low_ms', 'fail_ms'),
      ...this.#recovery(me),
      ...this.#mean('requests_lost', me, 'lost'),
      ...this.#share(
        'credentials_lost_pct',
        me.filter((slice) => has(slice, 'fault_to_ms')),
        'end_refused',
        'end_all',
      ),
      ...this.#mean('outage_answer_ms', me, 'during_p50_ms', { quantile: 'p50' }),
      ...this.#mean('outage_answer_ms', me, 'during_max_ms', { quantile: 'max' }),
      ...this.#total('requests_timed_out', all, 'timed_out'),
      ...this.#total('requests_hung', all, 'hung'),
    ];
  }

  #accepted(slices: readonly Slice[], route: string): Figure[] {
    const flags: Flag[] = slices.some((slice) => isAsDeclared(slice) === false) ? ['declaration-broken'] : [];
    return this.#share('outage_accepted_pct', slices, 'during_accepted', 'during_all', { route }, flags);
  }

  /** A share of requests, which are the trials: what one start answers so, the next one does too. */
  #share(
    metric: Metric,
    slices: readonly Slice[],
    hits: string,
    trials: string,
    factors: Factors = {},
    flags: readonly Flag[] = [],
  ): Figure[] {
    const sum = (name: string) => slices.reduce((total, slice) => total + (slice.measures[name] ?? 0), 0);
    if (sum(trials) === 0) return [];
    const share = proportion(sum(hits), sum(trials));
    const percent = { value: 100 * share.value, low: 100 * share.low, high: 100 * share.high };
    const seen = { confidence: share.confidence, blocks: slices.length, forks: byFork(slices).length };
    return [this.#figure(metric, { ...percent, ...seen }, slices, factors, flags)];
  }

  /** Between two requests: the interval holds the distance between them. */
  #moment(metric: Metric, slices: readonly Slice[], low: string, high: string, flags: readonly Flag[] = []): Figure[] {
    const seen = slices.filter((slice) => has(slice, high));
    if (seen.length === 0) return [];
    const forks: Bracket[][] = byFork(seen).map((fork) =>
      fork.map((slice) => ({ low: measure(slice, low), high: measure(slice, high) })),
    );
    return [this.#figure(metric, bracketQuantile(forks, 0.5, { seed: this.#seed(metric) }), seen, {}, flags)];
  }

  /** Where one start had not recovered by the end, the watch's own end stands in, flagged. */
  #recovery(me: readonly Slice[]): Figure[] {
    const returned = me.filter((slice) => has(slice, 'recovery_low_ms'));
    const isOpen = (slice: Slice) => !has(slice, 'recovery_ms');
    const closed = returned.map((slice) =>
      isOpen(slice)
        ? { ...slice, measures: { ...slice.measures, recovery_ms: slice.durationMs - measure(slice, 'fault_to_ms') } }
        : slice,
    );
    return this.#moment(
      'recovery_ms',
      closed,
      'recovery_low_ms',
      'recovery_ms',
      returned.some(isOpen) ? ['still-broken'] : [],
    );
  }

  #mean(metric: Metric, slices: readonly Slice[], name: string, factors: Factors = {}): Figure[] {
    const seen = slices.filter((slice) => has(slice, name));
    if (seen.length === 0) return [];
    const forks = byFork(seen).map((fork) => fork.map((slice) => measure(slice, name)));
    const seed = this.#seed(`${metric} ${name}`);
    const value = estimate(forks, { statistic: 'mean', seed });
    return [this.#figure(metric, { ...value, low: Math.max(0, value.low) }, seen, factors)];
  }

  /** Counted, over all routes and starts. */
  #total(metric: Metric, slices: readonly Slice[], name: string): Figure[] {
    if (slices.length === 0) return [];
    const value = slices.reduce((sum, slice) => sum + measure(slice, name), 0);
    const counted = { value, low: value, high: value, confidence: 0.95 };
    return [this.#figure(metric, { ...counted, blocks: slices.length, forks: byFork(slices).length }, slices, {})];
  }

  #figure(
    metric: Metric,
    value: Estimate,
    slices: readonly Slice[],
    factors: Factors,
    flags: readonly Flag[] = [],
  ): Figure {
    const subject = { experiment: 'outage', arm: this.#arm, factors: { ...this.#factors, ...factors } };
    return figure(subject, metric, value, { flags: [...flagsOf(slices), ...flags] });
  }

  #seed(label: string): number {
    return createRandom(this.#context.config.seed)
      .derive(`outage ${this.#arm} ${JSON.stringify(this.#factors)} ${label}`)
      .integer(2 ** 31);
  }
}

export function analyseOutage(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const cells = Map.groupBy(slices, ({ arm, factors: { route: _, ...factors } }) => JSON.stringify([arm, factors]));
  return [...cells.values()].flatMap((own) => new CellAnalysis(context, own).figures());
}
