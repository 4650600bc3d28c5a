/** From scale's slices to its figures. Pure. */
import type { Flag } from '../../../core/results/flags.ts';
import type { Metric } from '../../../core/results/metrics.ts';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { type Estimate, estimateRatioOfSums } from '../../../core/stats/estimate.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { pairedRatio } from '../../../core/stats/ratio.ts';
import { figure } from '../../analysis/figure.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { byFork, flagsOf, measure, paired } from '../../measuring/slices.ts';
import { latencyOfScale } from './latency.ts';
import { modelFigures } from './models/models.ts';

/** Interval half-widths beyond this are flagged on throughput. */
const WIDE = 0.1;
/** Measured throughput may miss what the CPU shares allow by this much before it is flagged. */
const DISAGREEMENT = 0.15;

/** Requests answered as expected, per second. */
export function throughput(slice: Slice): number {
  return (slice.requests - slice.unexpected) / (slice.durationMs / 1000);
}

/** A figure that is a sum over a sum in each slice: requests over seconds, CPU time over allowed time. */
interface Quotient {
  readonly metric: Metric;
  readonly numerator: (slice: Slice) => number;
  readonly denominator: (slice: Slice) => number;
}

const wallNs = (slice: Slice) => slice.durationMs * 1e6;
const shareCores = (slice: Slice) => Number(slice.factors.replicas) * measure(slice, 'replica_share_cores');

const THROUGHPUT: Quotient = {
  metric: 'throughput_rps',
  numerator: (slice) => slice.requests - slice.unexpected,
  denominator: (slice) => slice.durationMs / 1000,
};

/** What the CPU shares of N replicas allow at the CPU time per request. */
const CAPACITY: Quotient = {
  metric: 'capacity_rps',
  numerator: (slice) => shareCores(slice) * slice.requests,
  denominator: (slice) => measure(slice, 'replica_cpu_ns') / 1e9,
};

const OTHERS: readonly Quotient[] = [
  {
    metric: 'cpu_us_per_request',
    numerator: (slice) => measure(slice, 'replica_cpu_ns') / 1000,
    denominator: (slice) => slice.requests,
  },
  {
    metric: 'redis_cpu_us_per_request',
    numerator: (slice) => measure(slice, 'redis_cpu_ns') / 1000,
    denominator: (slice) => slice.requests,
  },
  { metric: 'redis_utilisation', numerator: (slice) => 100 * measure(slice, 'redis_cpu_ns'), denominator: wallNs },
  {
    metric: 'generator_utilisation',
    numerator: (slice) => 100 * measure(slice, 'generator_cpu_ns'),
    denominator: wallNs,
  },
  {
    metric: 'replica_utilisation',
    numerator: (slice) => 100 * measure(slice, 'replica_cpu_ns'),
    denominator: (slice) => wallNs(slice) * shareCores(slice),
  },
];

/** How much of what Redis is held to it uses: at 100 % it stands at its wall. */
const REDIS_SHARE: Quotient = {
  metric: 'redis_share_utilisation',
  numerator: (slice) => 100 * measure(slice, 'redis_cpu_ns'),
  denominator: (slice) => wallNs(slice) * measure(slice, 'redis_share_cores'),
};

const REFUSED: Quotient = {
  metric: 'refused_pct',
  numerator: (slice) => 100 * (slice.unexpected + slice.failed),
  denominator: (slice) => slice.requests + slice.failed,
};

class CellAnalysis {
  readonly #context: AnalysisContext;
  readonly #slices: readonly Slice[];
  readonly #ones: readonly Slice[];
  readonly #subject: { readonly experiment: string; readonly arm: string | null; readonly factors: Slice['factors'] };

  /** @param ones slices of the same arm and factors on one replica */
  constructor(context: AnalysisContext, slices: readonly Slice[], ones: readonly Slice[]) {
    this.#context = context;
    this.#slices = slices;
    this.#ones = ones;
    this.#subject = { experiment: 'scale', arm: slices[0]?.arm ?? null, factors: slices[0]?.factors ?? {} };
  }

  figures(): Figure[] {
    const flags = flagsOf(this.#slices);
    const rate = this.#estimate(THROUGHPUT);
    const allowed = this.#estimate(CAPACITY);
    if (rate === null) return [];
    // Where Redis is held back on purpose it is what sets the limit.
    const isHeldBack = this.#subject.factors.redis_share !== undefined;
    const disagrees = !isHeldBack && allowed !== null && Math.abs(rate.value / allowed.value - 1) > DISAGREEMENT;
    const rateFlags: Flag[] = disagrees ? [...flags, 'capacity-disagrees'] : flags;
    return [
      this.#figure('throughput_rps', rate, rateFlags, WIDE),
      ...(allowed ? [this.#figure('capacity_rps', allowed, rateFlags)] : []),
      ...[...OTHERS, REDIS_SHARE].flatMap((quotient) => this.#found(quotient, flags)),
      ...this.#efficiency(rateFlags),
    ];
  }

  /** What was not answered as the contract asks; where every credential is good, refused for where it was sent. */
  refused(): Figure[] {
    return this.#found(REFUSED, []);
  }

  #found(quotient: Quotient, flags: readonly Flag[]): Figure[] {
    const found = this.#estimate(quotient);
    return found ? [this.#figure(quotient.metric, found, flags)] : [];
  }

  /** X(N) over N·X(1), in the same blocks, so that the machine's drift cancels. */
  #efficiency(flags: readonly Flag[]): Figure[] {
    const pairs = paired(this.#slices, this.#ones).map((fork) =>
      fork.map(({ slice, baseline }) => ({
        value: throughput(slice) / Number(slice.factors.replicas),
        baseline: throughput(baseline),
      })),
    );
    const usable = pairs.flat().every(({ value, baseline }) => value > 0 && baseline > 0);
    if (pairs.length === 0 || !usable) return [];
    return [this.#figure('scaling_efficiency', pairedRatio(pairs, { seed: this.#seed('efficiency') }), flags)];
  }

  /** Null where a slice lacks what it needs: no CPU account, no shares. */
  #estimate({ metric, numerator, denominator }: Quotient): Estimate | null {
    const forks = byFork(this.#slices).map((fork) =>
      fork.map((slice) => ({ numerator: numerator(slice), denominator: denominator(slice) })),
    );
    const usable = forks.flat().every((part) => Number.isFinite(part.numerator) && part.denominator > 0);
    return usable ? estimateRatioOfSums(forks, { seed: this.#seed(metric) }) : null;
  }

  #figure(metric: Metric, value: Estimate, flags: readonly Flag[], targetHalfWidth?: number): Figure {
    return figure(this.#subject, metric, value, targetHalfWidth === undefined ? { flags } : { flags, targetHalfWidth });
  }

  #seed(label: string): number {
    const { arm, factors } = this.#subject;
    return createRandom(this.#context.config.seed)
      .derive(`scale ${arm} ${JSON.stringify(factors)} ${label}`)
      .integer(2 ** 31);
  }
}

/** Cells of one arm that differ in nothing but the number of replicas. */
function lineOf({ arm, factors }: Slice): string {
  const { replicas: _any, ...others } = factors;
  return JSON.stringify([arm, Object.entries(others).sort()]);
}

function analyseLine(line: readonly Slice[], context: AnalysisContext, isSpread: boolean): Figure[] {
  const ones = line.filter((slice) => slice.factors.replicas === 1);
  const cells = [...Map.groupBy(line, (slice) => Number(slice.factors.replicas))]
    .sort(([a], [b]) => a - b)
    .map(([, slices]) => new CellAnalysis(context, slices, ones));
  return cells.flatMap((cell) => [...cell.figures(), ...(isSpread ? cell.refused() : [])]);
}

export function analyseScale(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const closed = slices.filter((slice) => slice.mode === 'closed' && slice.durationMs > 0 && slice.requests > 0);
  const spread = new Set(closed.filter(({ factors }) => factors.spreading !== undefined).map(({ arm }) => arm));
  const measured = [...Map.groupBy(closed, lineOf).values()].flatMap((line) =>
    analyseLine(line, context, spread.has(line[0]?.arm ?? null) && line[0]?.factors.redis_share === undefined),
  );
  return [...measured, ...latencyOfScale(slices, context), ...modelFigures(slices, context)];
}
