/** From payload's slices to its figures: costs at each number of roles, what a role adds, where one arm overtakes another. Pure. */
import type { Metric } from '../../../core/results/metrics.ts';
import type { Factors, Figure, Slice } from '../../../core/results/schema.ts';
import { bootstrap, type Statistic } from '../../../core/stats/bootstrap.ts';
import { type Estimate, estimate } from '../../../core/stats/estimate.ts';
import { fitLine, heightAt, type Line, risesThroughZero, slopeOf } from '../../../core/stats/line.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { CellAnalysis, cpuUs, usable } from '../../analysis/cell-analysis.ts';
import { type FigureOptions, figure } from '../../analysis/figure.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { byFork, flagsOf, measure, paired } from '../../measuring/slices.ts';

export const PAYLOAD = 'payload';

const rolesOf = (slice: Slice) => Number(slice.factors.roles);

/** What is compared: the replica's CPU alone, or what the whole system spends. */
const COSTS = {
  replica: cpuUs,
  total: (slice: Slice) => (measure(slice, 'replica_cpu_ns') + measure(slice, 'redis_cpu_ns')) / 1000 / slice.requests,
} as const;
type Cost = keyof typeof COSTS;

interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * How slow the machine was in a block: the baseline's cost there, over what a line through all blocks gives at the same
 * number of roles.
 */
function paceOf(baselines: readonly Slice[]): (slice: Slice) => number {
  const { intercept, slope } = fitLine(baselines.map(rolesOf), baselines.map(cpuUs));
  const usual = (slice: Slice) => intercept + slope * rolesOf(slice);
  const place = ({ fork, block }: Slice) => `${fork}/${block}`;
  const paces = new Map(baselines.map((slice) => [place(slice), cpuUs(slice) / usual(slice)]));
  return (slice) => {
    const pace = paces.get(place(slice));
    return pace !== undefined && pace > 0 ? pace : 1;
  };
}

/**
 * Slices of two arms at each number of roles, matched by fork and block: the difference against roles, as `[fork][block]`.
 * @param pace takes out what the machine's drift does to a difference
 */
function differences(
  slices: readonly Slice[],
  others: readonly Slice[],
  cost: (slice: Slice) => number,
  pace: (slice: Slice) => number,
): readonly (readonly Point[])[] {
  return paired(slices, others).map((fork) =>
    fork.flatMap(({ slice, baseline }) => {
      const y = (cost(slice) - cost(baseline)) / pace(slice);
      return Number.isFinite(y) ? [{ x: rolesOf(slice), y }] : [];
    }),
  );
}

class PayloadAnalysis {
  readonly #context: AnalysisContext;
  readonly #paired: ReadonlyMap<string, readonly Slice[]>;
  readonly #counted: readonly Slice[];
  readonly #pace: (slice: Slice) => number;

  constructor(slices: readonly Slice[], context: AnalysisContext) {
    this.#context = context;
    this.#paired = Map.groupBy(usable(slices.filter(({ mode }) => mode === 'paired')), ({ arm }) => arm ?? '');
    this.#pace = paceOf(this.#of(context.baseline));
    this.#counted = slices.filter(({ mode }) => mode === 'count');
  }

  figures(): Figure[] {
    return [
      ...this.#cells(),
      ...[...this.#paired.keys()].flatMap((arm) => this.#perRole(arm)),
      ...this.#memory(),
      ...this.#limits(),
      ...this.#comparisons(),
    ];
  }

  #cells(): Figure[] {
    const baselines = this.#of(this.#context.baseline);
    return [...this.#paired].flatMap(([arm, own]) =>
      [...Map.groupBy(own, rolesOf)]
        .toSorted(([a], [b]) => a - b)
        .flatMap(([roles, level]) => {
          const subject = { experiment: PAYLOAD, arm, factors: { roles } };
          const same = baselines.filter((slice) => rolesOf(slice) === roles);
          const cell = new CellAnalysis(this.#context, subject, level, same);
          return [...cell.figures(), ...cell.redisFigures(level.filter((slice) => 'redis_cpu_ns' in slice.measures))];
        }),
    );
  }

  #perRole(arm: string): Figure[] {
    const own = this.#of(arm);
    const bytes = byFork(own).map((fork) =>
      fork.map((slice) => ({ x: rolesOf(slice), y: measure(slice, 'request_bytes') / slice.requests })),
    );
    const figures = this.#line(arm, 'request_bytes_per_role', {}, bytes, slopeOf, own);
    if (arm === this.#context.baseline) return figures;
    const tolls = differences(own, this.#of(this.#context.baseline), cpuUs, this.#pace);
    return [...figures, ...this.#line(arm, 'cpu_us_per_role', {}, tolls, slopeOf, own)];
  }

  #memory(): Figure[] {
    const weighed = this.#counted.filter(({ measures }) => 'bytes_per_session' in measures);
    return [...Map.groupBy(weighed, ({ arm, factors }) => `${arm} ${factors.roles}`).values()].flatMap((own) => {
      const [first] = own;
      if (!first) return [];
      const values = byFork(own).map((fork) => fork.map((slice) => measure(slice, 'bytes_per_session')));
      const value = estimate(values, { statistic: 'mean', seed: this.#seed(`memory ${first.arm}`) });
      return [this.#figure(first.arm, 'bytes_per_session', { ...first.factors, method: 'memory-usage' }, value)];
    });
  }

  #limits(): Figure[] {
    return this.#counted
      .filter(({ measures }) => 'limit_roles' in measures)
      .map((slice) => {
        const value = measure(slice, 'limit_roles');
        // Counted, not sampled.
        const exact = { value, low: value, high: value, confidence: 1, blocks: slice.requests, forks: 2 };
        return this.#figure(slice.arm, 'limit_roles', slice.factors, exact, { flags: slice.flags });
      });
  }

  /** Every arm that keeps nothing in a store against every one that does: told apart by what was counted in Redis. */
  #comparisons(): Figure[] {
    const arms = [...this.#paired.keys()].filter((arm) => arm !== this.#context.baseline);
    const asksRedis = (arm: string) =>
      this.#of(arm).some((slice) => measure(slice, 'redis_commands') > 0.5 * slice.requests) ||
      // With a Redis that others use too, commands are not counted for each arm.
      this.#counted.some((slice) => slice.arm === arm && measure(slice, 'bytes_per_session') > 0);
    const stores = arms.filter(asksRedis);
    const stateless = arms.filter((arm) => !asksRedis(arm));
    return stateless.flatMap((arm) =>
      stores.flatMap((than) => (['replica', 'total'] as const).flatMap((of) => this.#compare(arm, than, of))),
    );
  }

  /** The gap at both ends of the range, and the crossing where the ends' intervals lie on different sides of zero. */
  #compare(arm: string, than: string, of: Cost): Figure[] {
    const own = this.#of(arm);
    const others = this.#of(than);
    const points = differences(own, others, COSTS[of], this.#pace);
    const levels = points.flat().map(({ x }) => x);
    if (levels.length === 0) return [];
    const [low, high] = [Math.min(...levels), Math.max(...levels)];
    if (low === high) return [];
    const gap = (at: number, sides: typeof points, [a, b]: readonly [string, string]) =>
      this.#line(a, 'cpu_gap_us', { of, than: b, roles: at }, sides, (all) => heightAt(at, all), own);
    const gaps = [...gap(low, points, [arm, than]), ...gap(high, points, [arm, than])];
    const [first, last] = gaps;
    if (!first || !last) return gaps;
    const rises = first.high < 0 && last.low > 0;
    const falls = first.low > 0 && last.high < 0;
    if (!rises && !falls) return gaps;
    const upward = rises ? points : points.map((fork) => fork.map(({ x, y }) => ({ x, y: -y })));
    const [dearer, cheaper] = rises ? [arm, than] : [than, arm];
    const factors = { of, than: cheaper };
    return [
      ...gaps,
      ...this.#line(dearer, 'crossing_roles', factors, upward, (all) => risesThroughZero(low, high, all), own),
    ];
  }

  #line(
    arm: string,
    metric: Metric,
    factors: Factors,
    points: readonly (readonly Point[])[],
    statistic: (all: Line) => Statistic,
    slices: readonly Slice[],
  ): Figure[] {
    const used = points.filter((fork) => fork.length > 0);
    if (new Set(used.flat().map(({ x }) => x)).size < 2) return [];
    const columns = [used.map((fork) => fork.map(({ x }) => x)), used.map((fork) => fork.map(({ y }) => y))];
    const label = `${metric} ${arm} ${JSON.stringify(factors)}`;
    const all = used.flat();
    const line = fitLine(
      all.map(({ x }) => x),
      all.map(({ y }) => y),
    );
    const value = bootstrap(columns, statistic(line), { seed: this.#seed(label) });
    return [this.#figure(arm, metric, factors, value, { flags: flagsOf(slices) })];
  }

  #figure(arm: string | null, metric: Metric, factors: Factors, value: Estimate, options: FigureOptions = {}): Figure {
    return figure({ experiment: PAYLOAD, arm, factors }, metric, value, options);
  }

  #of(arm: string): readonly Slice[] {
    return this.#paired.get(arm) ?? [];
  }

  #seed(label: string): number {
    return createRandom(this.#context.config.seed)
      .derive(`${PAYLOAD} ${label}`)
      .integer(2 ** 31);
  }
}

export function analysePayload(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  return new PayloadAnalysis(slices, context).figures();
}
