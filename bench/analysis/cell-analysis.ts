/** From the slices of one cell, and of the baseline in the same blocks, to its figures. Pure. */
import type { Flag } from '../../core/results/flags.ts';
import type { Metric } from '../../core/results/metrics.ts';
import type { Figure, Slice } from '../../core/results/schema.ts';
import { type Estimate, estimate, estimateRatioOfSums } from '../../core/stats/estimate.ts';
import { createRandom } from '../../core/stats/random.ts';
import { pairedDifference, pairedRatio } from '../../core/stats/ratio.ts';
import type { AnalysisContext } from '../measuring/experiment.ts';
import { byFork, flagsOf, measure, paired } from '../measuring/slices.ts';
import { type FigureOptions, figure, type Subject } from './figure.ts';

/** Interval half-widths beyond this are flagged on ratios and CPU times. */
export const WIDE = 0.05;
/** The baseline may move this much between blocks before absolute values are flagged. */
const DRIFT = 1.25;

export const cpuUs = (slice: Slice) => measure(slice, 'replica_cpu_ns') / 1000 / slice.requests;

/** Slices that can be used: something was answered, and CPU time could be read. */
export function usable(slices: readonly Slice[]): readonly Slice[] {
  return slices.filter((slice) => slice.requests > 0 && Number.isFinite(measure(slice, 'replica_cpu_ns')));
}

/** CPU time per request of both, matched by fork and block. */
export function ratioPairs(slices: readonly Slice[], baselines: readonly Slice[]) {
  return paired(slices, baselines).map((fork) =>
    fork.map(({ slice, baseline }) => ({ value: cpuUs(slice), baseline: cpuUs(baseline) })),
  );
}

/** Whether the absolute values of these blocks belong to one machine state. */
export function drifted(baselines: readonly Slice[]): boolean {
  const values = usable(baselines).map(cpuUs);
  return values.length > 1 && Math.max(...values) > DRIFT * Math.min(...values);
}

export class CellAnalysis {
  readonly #context: AnalysisContext;
  readonly #subject: Subject;
  readonly #slices: readonly Slice[];
  readonly #baselines: readonly Slice[];
  readonly #flags: readonly Flag[];

  constructor(context: AnalysisContext, subject: Subject, slices: readonly Slice[], baselines: readonly Slice[]) {
    this.#context = context;
    this.#subject = subject;
    this.#slices = slices;
    this.#baselines = baselines;
    this.#flags = flagsOf(slices);
  }

  figures(): Figure[] {
    const absolute: Flag[] = [...this.#flags];
    if (this.#baselines.length === 0) absolute.push('unpaired');
    if (drifted(this.#baselines)) absolute.push('machine-drift');
    return [
      ...this.#perRequest(
        'cpu_us_per_request',
        usable(this.#slices),
        (slice) => measure(slice, 'replica_cpu_ns') / 1000,
        {
          flags: absolute,
          targetHalfWidth: WIDE,
        },
      ),
      ...this.#againstBaseline(),
      ...this.#bytes('request_bytes'),
      ...this.#bytes('response_bytes'),
      ...this.#memory(),
    ];
  }

  /** Redis's own figures may come from slices of another mode, where it is shared. */
  redisFigures(slices: readonly Slice[]): Figure[] {
    const flags = flagsOf(slices);
    const redisNs = (slice: Slice) => measure(slice, 'redis_cpu_ns');
    const totalNs = (slice: Slice) => measure(slice, 'replica_cpu_ns') + redisNs(slice);
    return [
      ...this.#perRequest('redis_cpu_us_per_request', slices, (slice) => redisNs(slice) / 1000, { flags }),
      ...this.#perRequest('redis_commands_per_request', slices, (slice) => measure(slice, 'redis_commands'), { flags }),
      ...this.#perRequest('total_cpu_us_per_request', slices, (slice) => totalNs(slice) / 1000, { flags }),
    ];
  }

  throughput(slices: readonly Slice[]): Figure[] {
    const forks = byFork(slices.filter((slice) => slice.durationMs > 0)).map((fork) =>
      fork.map((slice) => ({ numerator: slice.requests - slice.unexpected, denominator: slice.durationMs / 1000 })),
    );
    if (forks.length === 0) return [];
    const value = estimateRatioOfSums(forks, { seed: this.#seed('throughput_rps') });
    return [this.#figure('throughput_rps', value, { flags: flagsOf(slices) })];
  }

  #againstBaseline(): Figure[] {
    if (this.#subject.arm === this.#context.baseline) return [];
    const pairs = ratioPairs(usable(this.#slices), usable(this.#baselines));
    if (pairs.length === 0) return [];
    const options = { flags: this.#flags, targetHalfWidth: WIDE };
    return [
      this.#figure('cpu_ratio_to_baseline', pairedRatio(pairs, { seed: this.#seed('ratio') }), options),
      this.#figure('cpu_toll_us', pairedDifference(pairs, { seed: this.#seed('toll') }), { flags: this.#flags }),
    ];
  }

  /** A slice that lacks the measure is left out: it was not taken there. */
  #perRequest(
    metric: Metric,
    slices: readonly Slice[],
    sum: (slice: Slice) => number,
    options: FigureOptions,
  ): Figure[] {
    const taken = slices.filter((slice) => slice.requests > 0 && Number.isFinite(sum(slice)));
    if (taken.length === 0) return [];
    const forks = byFork(taken).map((fork) =>
      fork.map((slice) => ({ numerator: sum(slice), denominator: slice.requests })),
    );
    return [this.#figure(metric, estimateRatioOfSums(forks, { seed: this.#seed(metric) }), options)];
  }

  #bytes(metric: 'request_bytes' | 'response_bytes'): Figure[] {
    return this.#perRequest(metric, this.#slices, (slice) => measure(slice, metric), { flags: this.#flags });
  }

  #memory(): Figure[] {
    const last = byFork(this.#slices).flatMap((fork) => {
      const rss = fork.at(-1)?.measures.rss_bytes;
      return rss === undefined ? [] : [[rss]];
    });
    if (last.length === 0) return [];
    return [this.#figure('rss_bytes', estimate(last, { statistic: 'mean', seed: this.#seed('rss') }), {})];
  }

  #figure(metric: Metric, value: Estimate, options: FigureOptions): Figure {
    return figure(this.#subject, metric, value, options);
  }

  #seed(label: string): number {
    return createRandom(this.#context.config.seed)
      .derive(`${this.#subject.experiment} ${this.#subject.arm} ${label}`)
      .integer(2 ** 31);
  }
}
