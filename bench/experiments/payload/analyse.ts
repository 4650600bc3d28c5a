/**
 * Turns payload's slices into figures: costs at each number of roles, the cost of a role, and where one arm overtakes
 * another. Pure.
 */
import type { Metric } from '../../../core/results/metrics.ts';
import type { Factors, Figure, Slice } from '../../../core/results/schema.ts';
import type { Statistic } from '../../../core/stats/bootstrap/resample.ts';
import { fitLine, heightAt, type Line, risesThroughZero, slopeOf } from '../../../core/stats/fitting/line.ts';
import { Cell } from '../../analysis/cell.ts';
import { costFigures, cpuUs, redisCostFigures, usable } from '../../analysis/costs.ts';
import { lineEstimate, type Points } from '../../analysis/lines.ts';
import { quotientIn, quotientOf } from '../../analysis/quotients.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { byFork, measure, paired } from '../../measuring/slices.ts';

export const PAYLOAD = 'payload';

const rolesOf = (slice: Slice) => Number(slice.factors.roles);

/** The costs to compare: the replica's CPU time alone, or that of the whole system. */
const COSTS = {
  replica: quotientOf('cpu_us_per_request'),
  total: quotientOf('total_cpu_us_per_request'),
} as const;
type Cost = keyof typeof COSTS;

/** The machine's pace in a block: the baseline's cost divided by its fitted line at the same number of roles. */
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
 * Slices of two arms at each number of roles, matched by fork and block: the difference against roles, as
 * `[fork][block]`. @param pace removes the effect of drift from a difference
 */
function differences(
  slices: readonly Slice[],
  others: readonly Slice[],
  cost: Cost,
  pace: (slice: Slice) => number,
): Points {
  return paired(slices, others).map((fork) =>
    fork.flatMap(({ slice, baseline }) => {
      const y = (quotientIn(slice, COSTS[cost]) - quotientIn(baseline, COSTS[cost])) / pace(slice);
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
      ...this.#costs(),
      ...[...this.#paired.keys()].flatMap((arm) => this.#perRole(arm)),
      ...this.#services(),
      ...this.#memory(),
      ...this.#limits(),
      ...this.#comparisons(),
    ];
  }

  #costs(): Figure[] {
    const { baseline } = this.#context;
    return [...this.#paired].flatMap(([arm, own]) =>
      [...Map.groupBy(own, rolesOf)]
        .toSorted(([a], [b]) => a - b)
        .flatMap(([roles, level]) => {
          const cell = new Cell({
            subject: { experiment: PAYLOAD, arm, factors: { roles } },
            slices: level,
            baselines: this.#of(baseline).filter((slice) => rolesOf(slice) === roles),
            seeds: seedsOf(this.#context, `${PAYLOAD} ${arm}`),
          });
          const withRedis = level.filter((slice) => 'redis_cpu_ns' in slice.measures);
          return [...costFigures(cell, arm === baseline), ...redisCostFigures(cell.of(withRedis))];
        }),
    );
  }

  #perRole(arm: string): Figure[] {
    const own = this.#of(arm);
    const bytes = byFork(own).map((fork) =>
      fork.map((slice) => ({ x: rolesOf(slice), y: quotientIn(slice, quotientOf('request_bytes')) })),
    );
    const figures = this.#line(this.#cell(arm, {}, own), 'request_bytes_per_role', bytes, slopeOf);
    if (arm === this.#context.baseline) return figures;
    const tolls = differences(own, this.#of(this.#context.baseline), 'replica', this.#pace);
    return [...figures, ...this.#line(this.#cell(arm, {}, own), 'cpu_us_per_role', tolls, slopeOf)];
  }

  #memory(): Figure[] {
    const weighed = this.#counted.filter(({ measures }) => 'bytes_per_session' in measures);
    return [...Map.groupBy(weighed, ({ arm, factors }) => `${arm} ${factors.roles}`).values()].flatMap((own) => {
      const [first] = own;
      if (!first) return [];
      const cell = this.#cell(first.arm, { ...first.factors, method: 'memory-usage' }, own);
      return cell.mean('bytes_per_session', 'bytes_per_session', { label: `memory ${first.arm}`, flags: [] });
    });
  }

  /** Figures of the users of services, each separately. */
  #services(): Figure[] {
    const weighed = this.#counted.filter(({ measures }) => 'credential_bytes' in measures);
    return [...Map.groupBy(weighed, ({ arm, factors }) => `${arm} ${factors.user}`).values()].flatMap((own) => {
      const [first] = own;
      if (!first) return [];
      const cell = this.#cell(first.arm, first.factors, own);
      return [
        ...cell.quotient('request_bytes'),
        ...cell.quotient('response_bytes'),
        ...cell.quotient('credential_bytes'),
      ];
    });
  }

  #limits(): Figure[] {
    return this.#counted
      .filter(({ measures }) => 'limit_roles' in measures)
      .map((slice) => {
        const low = measure(slice, 'limit_roles');
        // Older runs tried one login for each number of roles.
        const high = 'limit_roles_at_most' in slice.measures ? measure(slice, 'limit_roles_at_most') : low;
        // The reliable number; with some logins, more fit by chance.
        const counted = { value: low, low, high, confidence: 1, blocks: slice.requests, forks: 2 };
        return this.#cell(slice.arm, slice.factors, [slice]).figure('limit_roles', counted);
      });
  }

  /** Every arm without a store against every one with a store, classified by counted Redis commands. */
  #comparisons(): Figure[] {
    const arms = [...this.#paired.keys()].filter((arm) => arm !== this.#context.baseline);
    const asksRedis = (arm: string) =>
      this.#of(arm).some((slice) => measure(slice, 'redis_commands') > 0.5 * slice.requests) ||
      // With a shared Redis, commands are not counted per arm.
      this.#counted.some((slice) => slice.arm === arm && measure(slice, 'bytes_per_session') > 0);
    const stores = arms.filter(asksRedis);
    const stateless = arms.filter((arm) => !asksRedis(arm));
    return stateless.flatMap((arm) =>
      stores.flatMap((than) => (['replica', 'total'] as const).flatMap((of) => this.#compare(arm, than, of))),
    );
  }

  /** The gap at both ends of the range, and the crossing if the ends' intervals have opposite signs. */
  #compare(arm: string, than: string, of: Cost): Figure[] {
    const own = this.#of(arm);
    const points = differences(own, this.#of(than), of, this.#pace);
    const levels = points.flat().map(({ x }) => x);
    if (levels.length === 0) return [];
    const [low, high] = [Math.min(...levels), Math.max(...levels)];
    if (low === high) return [];
    const gap = (at: number) =>
      this.#line(this.#cell(arm, { of, than, roles: at }, own), 'cpu_gap_us', points, (all) => heightAt(at, all));
    const gaps = [...gap(low), ...gap(high)];
    const [first, last] = gaps;
    if (!first || !last) return gaps;
    const rises = first.high < 0 && last.low > 0;
    const falls = first.low > 0 && last.high < 0;
    if (!rises && !falls) return gaps;
    const upward = rises ? points : points.map((fork) => fork.map(({ x, y }) => ({ x, y: -y })));
    const [costlier, cheaper] = rises ? [arm, than] : [than, arm];
    const cell = this.#cell(costlier, { of, than: cheaper }, own);
    return [...gaps, ...this.#line(cell, 'crossing_roles', upward, (all) => risesThroughZero(low, high, all))];
  }

  /** A parameter of the line through all points; its seed is named by the metric, the arm and the factors. */
  #line(cell: Cell, metric: Metric, points: Points, statistic: (all: Line) => Statistic): Figure[] {
    const { arm, factors } = cell.subject;
    const seed = cell.seed(`${metric} ${arm} ${JSON.stringify(factors)}`);
    const found = lineEstimate(points, statistic, seed);
    return found === null ? [] : [cell.figure(metric, found)];
  }

  #cell(arm: string | null, factors: Factors, slices: readonly Slice[]): Cell {
    return new Cell({
      subject: { experiment: PAYLOAD, arm, factors },
      slices,
      seeds: seedsOf(this.#context, PAYLOAD),
    });
  }

  #of(arm: string): readonly Slice[] {
    return this.#paired.get(arm) ?? [];
  }
}

export function analysePayload(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  return new PayloadAnalysis(slices, context).figures();
}
