/** Seeds of the bootstrap by label, so that the same journal gives the same intervals. */
import { createRandom } from '../../core/stats/random.ts';
import type { AnalysisContext } from '../measuring/experiment.ts';

export type Seeds = (label: string) => number;

/**
 * Seeds of `prefix label suffix`. Labels are part of the result: with another label, old journals give other
 * intervals.
 */
export function seedsOf({ config }: Pick<AnalysisContext, 'config'>, prefix: string, suffix = ''): Seeds {
  const random = createRandom(config.seed);
  const end = suffix === '' ? '' : ` ${suffix}`;
  return (label) => random.derive(`${prefix} ${label}${end}`).integer(2 ** 31);
}
