/** Names that identify figures without their factors. Pure. */
import type { Figure } from '../../core/results/schema.ts';
import { formatFactors } from '../../core/text/format.ts';

/** `toll / jwt-hs256 (in flight 10)`: experiment, arm and factors, without the metric. */
export function seriesName({ experiment, arm, factors }: Figure): string {
  const place = Object.keys(factors).length === 0 ? '' : ` (${formatFactors(factors)})`;
  return `${[experiment, arm].filter((part) => part !== null).join(' / ')}${place}`;
}
