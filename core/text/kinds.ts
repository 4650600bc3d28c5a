/** Sentences about a series that mixes kinds of runs. Pure. */
import type { Suspect } from '../results/history/suspects.ts';
import type { Change, Mixed } from '../results/history/trend.ts';
import { counted, formatSignificant } from './format.ts';

/** The kind of run that changed; empty if all did. */
export const ofKind = ({ kind }: Pick<Change, 'kind'>): string => (kind === null ? '' : `, of the ${kind} kind of run`);

const NUMBERS = ['Two', 'Three', 'Four', 'Five', 'Six'];

/**
 * Such as `Two kinds of run are mixed: 20 runs at 1.33 × the level of the other 80.`
 * @param where such as ` in 3 series`
 */
export function mixedSentence({ upper, middle, lower, ratio }: Mixed, where = ''): string {
  const kinds = [{ runs: upper, ratio }, ...middle.toReversed()];
  const each = kinds.map((one) => {
    const above = one.ratio === null ? 'above' : `at ${formatSignificant(one.ratio, 3)} ×`;
    return `${counted(one.runs.length, 'run')} ${above}`;
  });
  return `${NUMBERS[middle.length]} kinds of run are mixed${where}: ${each.join(', ')} the level of the other ${lower.length}.`;
}

/** What distinguishes the kinds, and how to keep them apart. */
export function separateSentence(differences: readonly Suspect[]): string {
  const clauses = differences.map(({ name, before, after }) => `${name} ${after ?? 'none'}, not ${before ?? 'none'}`);
  const apart = clauses.length === 0 ? '' : `The upper ones have ${clauses.join('; ')}. `;
  return `${apart}If they are of several configurations or machines, keep each in a history of its own: --file or --branch.`;
}
