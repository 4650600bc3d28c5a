/** Latency of `scale`: at one part of the capacity that each number of replicas has. Pure. */

import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { estimate } from '../../../core/stats/estimate.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { figure } from '../../analysis/figure.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { byFork, flagsOf, measure } from '../../measuring/slices.ts';

/** Quantiles that a slice of a thousand requests can bear. */
const QUANTILES = [50, 90, 99] as const;
/** A quantile is told only where so many records lie beyond it in each slice, on average. */
const RECORDS_BEYOND = 3;

export function latencyOfScale(slices: readonly Slice[], context: AnalysisContext): Figure[] {
  const open = slices.filter((slice) => slice.mode === 'open' && measure(slice, 'scheduled') > 0);
  const cells = Map.groupBy(open, ({ arm, factors }) => JSON.stringify([arm, factors]));
  return [...cells].flatMap(([key, own]) => cellFigures(own, createRandom(context.config.seed).derive(`scale ${key}`)));
}

function cellFigures(slices: readonly Slice[], random: ReturnType<typeof createRandom>): Figure[] {
  const [first] = slices;
  if (first === undefined) return [];
  const subject = { experiment: 'scale', arm: first.arm, factors: first.factors };
  const flags = flagsOf(slices);
  const seed = (label: string) => random.derive(label).integer(2 ** 31);
  const rates = byFork(slices).map((fork) => fork.map((slice) => measure(slice, 'asked_rate_rps')));
  const histograms = byFork(slices)
    .map((fork) =>
      fork.flatMap(({ histograms: own }) => (own?.corrected ? [LatencyHistogram.decode(own.corrected)] : [])),
    )
    .filter((fork) => fork.length > 0);
  const all = histograms.flat();
  if (all.length === 0) return [];
  const meanCount = all.reduce((sum, { count }) => sum + count, 0) / all.length;
  const quantiles = QUANTILES.filter((quantile) => meanCount * (1 - quantile / 100) >= RECORDS_BEYOND);
  return [
    figure(subject, 'asked_rate_rps', estimate(rates, { statistic: 'mean', seed: seed('rate') }), { flags }),
    ...quantiles.map((quantile) => {
      const values = histograms.map((fork) => fork.map((one) => Math.max(1, one.percentile(quantile))));
      const factors = { ...first.factors, timing: 'corrected', quantile: `p${quantile}` };
      const value = estimate(values, { statistic: 'geomean', seed: seed(`p${quantile}`) });
      return figure({ ...subject, factors }, 'latency_us', value, { flags });
    }),
  ];
}
