/** Latency of `scale`: at the same share of capacity for each number of replicas. Pure. */

import type { Figure, Slice } from '../../../core/results/schema.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { Cell } from '../../analysis/cell.ts';
import { histogramsOf, QUANTILE_RULES } from '../../analysis/quantiles.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { measure } from '../../measuring/slices.ts';

export function latencyOfScale(slices: readonly Slice[], context: AnalysisContext): Figure[] {
  const open = slices.filter((slice) => slice.mode === 'open' && measure(slice, 'scheduled') > 0);
  const cells = Map.groupBy(open, ({ arm, factors }) => JSON.stringify([arm, factors]));
  return [...cells].flatMap(([key, own]) => {
    const { arm = null, factors = {} } = own[0] ?? {};
    const random = createRandom(context.config.seed).derive(`scale ${key}`);
    const cell = new Cell({
      subject: { experiment: 'scale', arm, factors },
      slices: own,
      seeds: (label) => random.derive(label).integer(2 ** 31),
    });
    if (histogramsOf(own, 'corrected').length === 0) return [];
    return [
      ...cell.mean('asked_rate_rps', 'asked_rate_rps', { label: 'rate' }),
      ...cell.quantiles('latency_us', 'corrected', QUANTILE_RULES.openLoadOfReplicas, {
        factors: { timing: 'corrected' },
      }),
    ];
  });
}
