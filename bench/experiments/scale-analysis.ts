/** From scale's slices to its figures. Pure. */
import type { Flag } from '../results/flags.ts';
import type { Metric } from '../results/metrics.ts';
import type { Figure, Slice } from '../results/schema.ts';
import { type Estimate, estimate, estimateRatioOfSums } from '../stats/estimate.ts';
import { createRandom } from '../stats/random.ts';
import { pairedRatio } from '../stats/ratio.ts';
import type { AnalysisContext } from './experiment.ts';
import { figure } from './figure.ts';
import { byFork, flagsOf, measure, paired } from './slices.ts';

/** Interval half-widths beyond this are flagged on throughput. */
const WIDE = 0.1;
/** Measured throughput may miss what the CPU shares allow by this much before it is flagged. */
const DISAGREEMENT = 0.15;

/** Requests answered as expected, per second. */
export function throughput(slice: Slice): number {
  return (slice.requests - slice.unexpected) / (slice.durationMs / 1000);
}

/** What the CPU shares of N replicas allow at the slice's CPU time per request; NaN where there are no shares. */
export function capacity(slice: Slice): number {
  const cpuSeconds = measure(slice, 'replica_cpu_ns') / 1e9 / slice.requests;
  return (Number(slice.factors.replicas) * measure(slice, 'replica_share_cores')) / cpuSeconds;
}

class CellAnalysis {
  readonly #context: AnalysisContext;
  readonly #slices: readonly Slice[];
  readonly #ones: readonly Slice[];
  readonly #subject: { readonly experiment: string; readonly arm: string | null; readonly factors: Slice['factors'] };

  /** @param ones slices of the same arm on one replica */
  constructor(context: AnalysisContext, slices: readonly Slice[], ones: readonly Slice[]) {
    this.#context = context;
    this.#slices = slices;
    this.#ones = ones;
    this.#subject = { experiment: 'scale', arm: slices[0]?.arm ?? null, factors: slices[0]?.factors ?? {} };
  }

  figures(): Figure[] {
    const flags = flagsOf(this.#slices);
    const rate = this.#mean('throughput_rps', throughput);
    const allowed = this.#slices.every((slice) => Number.isFinite(capacity(slice)))
      ? this.#mean('capacity_rps', capacity)
      : null;
    const disagrees = allowed !== null && Math.abs(rate.value / allowed.value - 1) > DISAGREEMENT;
    const rateFlags: Flag[] = disagrees ? [...flags, 'capacity-disagrees'] : flags;
    const result = [this.#figure('throughput_rps', rate, rateFlags, WIDE)];
    if (allowed) result.push(this.#figure('capacity_rps', allowed, rateFlags));
    result.push(...this.#cpu(flags), ...this.#utilisation(flags), ...this.#efficiency(rateFlags));
    return result;
  }

  #cpu(flags: readonly Flag[]): Figure[] {
    const ratio = (metric: Metric, sum: (slice: Slice) => number) => {
      const usable = this.#slices.filter((slice) => slice.requests > 0 && Number.isFinite(sum(slice)));
      if (usable.length === 0) return [];
      const forks = byFork(usable).map((fork) =>
        fork.map((slice) => ({ numerator: sum(slice), denominator: slice.requests })),
      );
      return [this.#figure(metric, estimateRatioOfSums(forks, { seed: this.#seed(metric) }), flags)];
    };
    return [
      ...ratio('cpu_us_per_request', (slice) => measure(slice, 'replica_cpu_ns') / 1000),
      ...ratio('redis_cpu_us_per_request', (slice) => measure(slice, 'redis_cpu_ns') / 1000),
    ];
  }

  #utilisation(flags: readonly Flag[]): Figure[] {
    const percent = (name: string) => (slice: Slice) => (100 * measure(slice, name)) / (slice.durationMs * 1e6);
    const replicas = (slice: Slice) =>
      percent('replica_cpu_ns')(slice) / (Number(slice.factors.replicas) * measure(slice, 'replica_share_cores'));
    const metrics: readonly [Metric, (slice: Slice) => number][] = [
      ['redis_utilisation', percent('redis_cpu_ns')],
      ['generator_utilisation', percent('generator_cpu_ns')],
      ['replica_utilisation', replicas],
    ];
    return metrics.flatMap(([metric, value]) =>
      this.#slices.every((slice) => Number.isFinite(value(slice)))
        ? [this.#figure(metric, this.#mean(metric, value), flags)]
        : [],
    );
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

  #mean(metric: Metric, value: (slice: Slice) => number): Estimate {
    const forks = byFork(this.#slices).map((fork) => fork.map(value));
    return estimate(forks, { statistic: 'mean', seed: this.#seed(metric) });
  }

  #figure(metric: Metric, value: Estimate, flags: readonly Flag[], targetHalfWidth?: number): Figure {
    return figure(this.#subject, metric, value, targetHalfWidth === undefined ? { flags } : { flags, targetHalfWidth });
  }

  #seed(label: string): number {
    const { arm, factors } = this.#subject;
    return createRandom(this.#context.config.seed)
      .fork(`scale ${arm} ${factors.replicas} ${label}`)
      .integer(2 ** 31);
  }
}

export function analyseScale(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const groups = new Map<string, Slice[]>();
  for (const slice of slices) {
    if (slice.durationMs <= 0 || slice.requests === 0) continue;
    const key = JSON.stringify([slice.arm, slice.factors.replicas]);
    groups.set(key, [...(groups.get(key) ?? []), slice]);
  }
  return [...groups.values()].flatMap((own) => {
    const ones = slices.filter(
      (slice) => slice.arm === own[0]?.arm && slice.factors.replicas === 1 && slice.requests > 0,
    );
    return new CellAnalysis(context, own, ones).figures();
  });
}
