/** From store's slices to its figures. Pure. */

import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Metric } from '../../../core/results/metrics.ts';
import type { Factors, Figure, Slice } from '../../../core/results/schema.ts';
import { estimate, estimateRatioOfSums } from '../../../core/stats/estimate.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { figure } from '../../analysis/figure.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { byFork, flagsOf, measure } from '../../measuring/slices.ts';

const QUANTILES = [50, 99] as const;
const RECORDS_BEYOND = 2;
const LEAST_RESIDENT_BYTES = 8e6;

class CellAnalysis {
  readonly #context: AnalysisContext;
  readonly #slices: readonly Slice[];

  constructor(context: AnalysisContext, slices: readonly Slice[]) {
    this.#context = context;
    this.#slices = slices;
  }

  figures(): Figure[] {
    const sessions = (slice: Slice) => Number(slice.factors.sessions);
    const used = (slice: Slice) => measure(slice, 'used_memory_bytes');
    // What the system gives, it gives in pieces: of a few sessions it tells nothing.
    const resident = (slice: Slice) => (used(slice) >= LEAST_RESIDENT_BYTES ? measure(slice, 'rss_bytes') : Number.NaN);
    return [
      // The plain one is what a machine has to have; the others say where it comes from, and what the system sees of it.
      ...this.#quotient('bytes_per_session', used, sessions),
      ...this.#quotient('bytes_per_session', resident, sessions, { method: 'rss' }),
      ...this.#quotient(
        'bytes_per_session',
        (slice) => measure(slice, 'usage_bytes'),
        () => 1,
        {
          method: 'memory-usage',
        },
      ),
      ...this.#quantiles(),
      ...this.#quotient(
        'redis_cpu_us_per_command',
        (slice) => measure(slice, 'redis_cpu_ns') / 1000,
        (slice) => measure(slice, 'redis_commands'),
      ),
      ...this.#storm(),
    ];
  }

  #storm(): Figure[] {
    const phased = this.#slices.filter(({ factors }) => factors.phase !== undefined);
    const busy = this.#quotient(
      'redis_utilisation',
      (slice) => 100 * measure(slice, 'redis_cpu_ns'),
      (slice) => slice.durationMs * 1e6,
      {},
      phased,
    );
    const gone = byFork(phased)
      .map((fork) => fork.map((slice) => measure(slice, 'expiry_ms')).filter(Number.isFinite))
      .filter((fork) => fork.length > 0);
    if (gone.length === 0) return busy;
    const { phase: _storm, ...factors } = phased[0]?.factors ?? {};
    const value = estimate(gone, { statistic: 'mean', seed: this.#seed('expiry') });
    return [...busy, figure({ ...this.#subject(), factors }, 'expiry_ms', value, { flags: flagsOf(phased) })];
  }

  #quantiles(): Figure[] {
    const forks = byFork(this.#slices)
      .map((fork) =>
        fork.flatMap(({ histograms }) => (histograms?.lookup ? [LatencyHistogram.decode(histograms.lookup)] : [])),
      )
      .filter((fork) => fork.length > 0);
    const all = forks.flat();
    if (all.length === 0) return [];
    const meanCount = all.reduce((sum, { count }) => sum + count, 0) / all.length;
    return QUANTILES.filter((quantile) => meanCount * (1 - quantile / 100) >= RECORDS_BEYOND).map((quantile) => {
      const values = forks.map((fork) => fork.map((one) => Math.max(1, one.percentile(quantile))));
      const value = estimate(values, { statistic: 'geomean', seed: this.#seed(`p${quantile}`) });
      const factors = { ...this.#subject().factors, quantile: `p${quantile}` };
      return figure({ ...this.#subject(), factors }, 'lookup_us', value, { flags: flagsOf(this.#slices) });
    });
  }

  /** Over the slices that have what it needs. */
  #quotient(
    metric: Metric,
    over: (slice: Slice) => number,
    under: (slice: Slice) => number,
    more: Factors = {},
    slices: readonly Slice[] = this.#slices,
  ): Figure[] {
    const taken = slices.filter((slice) => Number.isFinite(over(slice)) && under(slice) > 0);
    if (taken.length === 0) return [];
    const forks = byFork(taken).map((fork) =>
      fork.map((slice) => ({ numerator: over(slice), denominator: under(slice) })),
    );
    const factors = { ...this.#subject().factors, ...more };
    const value = estimateRatioOfSums(forks, { seed: this.#seed(`${metric} ${JSON.stringify(more)}`) });
    return [figure({ ...this.#subject(), factors }, metric, value, { flags: flagsOf(taken) })];
  }

  #subject() {
    const [first] = this.#slices;
    return { experiment: 'store', arm: first?.arm ?? null, factors: first?.factors ?? {} };
  }

  #seed(label: string): number {
    const { arm, factors } = this.#subject();
    return createRandom(this.#context.config.seed)
      .derive(`store ${arm} ${JSON.stringify(factors)} ${label}`)
      .integer(2 ** 31);
  }
}

export function analyseStore(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const cells = Map.groupBy(slices, ({ arm, factors }) => JSON.stringify([arm, Object.entries(factors).sort()]));
  return [...cells.values()].flatMap((own) => new CellAnalysis(context, own).figures());
}
