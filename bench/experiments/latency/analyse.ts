/** From latency's slices to its figures. Pure. */

import type { Flag } from '../../../core/results/flags.ts';
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Metric } from '../../../core/results/metrics.ts';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { type Estimate, estimate, estimateRatioOfSums } from '../../../core/stats/estimate.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { figure } from '../../analysis/figure.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { byFork, flagsOf, measure } from '../../measuring/slices.ts';
import { undisturbed } from '../../measuring/undisturbed.ts';
import { canPool, expectedBeyond, pooledQuantile } from './tail.ts';

/** As far out as the records bear. */
const QUANTILES = [50, 75, 90, 95, 99, 99.9, 99.99, 99.999] as const;
/** A slice has a quantile of its own only where so many records lie beyond it, on average. */
const RECORDS_BEYOND = 1;

interface Series {
  readonly name: string;
  readonly metric: Metric;
  readonly factors: Slice['factors'];
}

const SERIES: readonly Series[] = [
  { name: 'corrected', metric: 'latency_us', factors: { timing: 'corrected' } },
  { name: 'service', metric: 'latency_us', factors: { timing: 'service' } },
  { name: 'machine', metric: 'machine_lateness_us', factors: {} },
];

class CellAnalysis {
  readonly #context: AnalysisContext;
  readonly #slices: readonly Slice[];

  constructor(context: AnalysisContext, slices: readonly Slice[]) {
    this.#context = context;
    this.#slices = slices;
  }

  figures(): Figure[] {
    return [...SERIES.flatMap((series) => this.#quantiles(series)), ...this.#shares()];
  }

  /**
   * The geometric mean over slices of each slice's quantile: a slice that the machine spoilt shifts it, not owns it.
   * Further out than slices reach, the quantile of all their records.
   */
  #quantiles({ name, metric, factors }: Series): Figure[] {
    const forks = byFork(this.#slices).map((fork) =>
      fork.flatMap((slice) => {
        const encoded = slice.histograms?.[name];
        const histogram = encoded === undefined ? null : LatencyHistogram.decode(encoded);
        return histogram === null || histogram.count === 0 ? [] : [histogram];
      }),
    );
    const all = forks.flat();
    if (all.length === 0) return [];
    const meanCount = all.reduce((sum, { count }) => sum + count, 0) / all.length;
    return QUANTILES.flatMap((quantile) => {
      const options = { seed: this.#seed(`${name} ${quantile}`) };
      const told = { ...factors, quantile: `p${quantile}` };
      if (expectedBeyond(meanCount, quantile) >= RECORDS_BEYOND) {
        const values = forks.map((fork) => fork.map((histogram) => Math.max(1, histogram.percentile(quantile))));
        return [this.#figure(metric, estimate(values, { ...options, statistic: 'geomean' }), told)];
      }
      return canPool(forks, quantile) ? [this.#figure(metric, pooledQuantile(forks, quantile, options), told)] : [];
    });
  }

  #shares(): Figure[] {
    const share = (metric: Metric, numerator: (slice: Slice) => number) => {
      const forks = byFork(this.#slices).map((fork) =>
        fork.map((slice) => ({ numerator: 100 * numerator(slice), denominator: measure(slice, 'scheduled') })),
      );
      return this.#figure(metric, estimateRatioOfSums(forks, { seed: this.#seed(metric) }), {});
    };
    const rates = byFork(this.#slices).map((fork) => fork.map((slice) => measure(slice, 'asked_rate_rps')));
    return [
      this.#figure('asked_rate_rps', estimate(rates, { statistic: 'mean', seed: this.#seed('rate') }), {}),
      share('rate_in_time_pct', (slice) => measure(slice, 'sent_in_time')),
      share('unanswered_pct', (slice) => slice.failed),
    ];
  }

  #figure(metric: Metric, value: Estimate, factors: Slice['factors']): Figure {
    const [first] = this.#slices;
    const subject = { experiment: 'latency', arm: first?.arm ?? null, factors: { ...first?.factors, ...factors } };
    return figure(subject, metric, value, { flags: this.#flags() });
  }

  /** Latency is only as true as the generator that took it: what its last calibration lacks stands beside it. */
  #flags(): Flag[] {
    const calibration = this.#context.environment.calibration?.flag ?? null;
    return calibration === null ? flagsOf(this.#slices) : [...flagsOf(this.#slices), calibration];
  }

  #seed(label: string): number {
    const [first] = this.#slices;
    return createRandom(this.#context.config.seed)
      .derive(`latency ${first?.arm} ${first?.factors.load_pct} ${label}`)
      .integer(2 ** 31);
  }
}

/** The slices that tell of each arm at each load. */
export function latencyCells(slices: readonly Slice[]): Slice[][] {
  const open = slices.filter((slice) => slice.mode === 'open' && measure(slice, 'scheduled') > 0);
  return [...Map.groupBy(open, ({ arm, factors }) => JSON.stringify([arm, factors])).values()].map(undisturbed);
}

export function analyseLatency(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const closed = slices.filter((slice) => slice.mode === 'closed' && slice.durationMs > 0);
  const capacities = [...Map.groupBy(closed, (slice) => slice.arm ?? '').values()].map((own) => {
    const forks = byFork(own).map((fork) =>
      fork.map((slice) => ({ numerator: slice.requests - slice.unexpected, denominator: slice.durationMs / 1000 })),
    );
    const arm = own[0]?.arm ?? null;
    const seed = createRandom(context.config.seed)
      .derive(`latency ${arm} capacity`)
      .integer(2 ** 31);
    return figure({ experiment: 'latency', arm, factors: {} }, 'throughput_rps', estimateRatioOfSums(forks, { seed }), {
      flags: flagsOf(own),
    });
  });
  return [...capacities, ...latencyCells(slices).flatMap((own) => new CellAnalysis(context, own).figures())];
}
